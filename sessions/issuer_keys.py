"""The keys of an issuer: those of a file, or those that somebody fetches and brings. Pure: it asks for a fetch, and
counts fetches instead of asking a clock."""

from collections.abc import Callable, Sequence

from sessions.token_keys import TokenKey, fitting

MOST_MISSED = 64  # key ids to remember that nobody knows; whoever invents more is told "not known yet" a little longer


class KeyNotKnownYet(Exception):
    """The key of a token is not known, and may be as soon as the issuer was asked."""


class IssuerKeys:
    """Which keys may verify a token. `wanted()` is called when one was asked for that is not there; None: all keys
    there will ever be are there."""

    def __init__(self, keys: Sequence[TokenKey] = (), wanted: Callable[[], None] | None = None) -> None:
        self._keys = tuple(keys)
        self._wanted = wanted
        self._begun = 0  # fetches
        self._ended = 0  # the last fetch that brought keys
        self._missed: dict[tuple[str, str | None], int] = {}  # what was asked for, and how many fetches had begun then

    def find(self, algorithm: str, kid: str | None) -> list[TokenKey]:
        """Those that may have signed a token with this head. Raises KeyNotKnownYet until a fetch that began after
        the first question has brought an answer."""
        found = fitting(self._keys, algorithm, kid)
        if not found and self._wanted is not None:
            self._wanted()
            if len(self._missed) >= MOST_MISSED:
                self._missed.clear()
            if self._ended <= self._missed.setdefault((algorithm, kid), self._begun):
                raise KeyNotKnownYet
        return found

    def begin(self) -> int:
        """A fetch begins; gives its number."""
        self._begun += 1
        return self._begun

    def bring(self, fetch: int, keys: Sequence[TokenKey]) -> bool:
        """What that fetch found is all that counts from now on. True when it is something else than before."""
        self._ended = fetch
        before, self._keys = self._keys, tuple(keys)
        changed = _names(before) != _names(self._keys)
        if changed:
            self._missed.clear()
        return changed


def _names(keys: Sequence[TokenKey]) -> list[tuple[str, str | None]]:
    return [(key.algorithm, key.kid) for key in keys]
