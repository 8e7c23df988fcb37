"""Which user tokens were revoked, as far as it is remembered. Pure: who reads them from Postgres brings them here."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol, TypeAlias

Kind: TypeAlias = Literal["user", "session", "token"]


class Revocation(NamedTuple):
    """Tokens of this subject that were issued before a time are good no more. Times are Unix seconds."""

    kind: Kind
    subject: str
    issued_before: float
    forgotten_at: float  # from then on all of them have expired
    undone: bool = False  # they are good again


class Stamp(Protocol):
    """What a token says of itself, or a connection of the token that it was opened with; empty when it does not."""

    @property
    def user_id(self) -> str:
        """`sub`."""

    @property
    def issued_at(self) -> float:
        """`iat`, Unix seconds."""

    @property
    def token_id(self) -> str:
        """`jti`."""

    @property
    def session_id(self) -> str:
        """`sid`."""


class Revocations:
    """Asked at every hello: a look into three dictionaries, and into none while nothing is revoked."""

    def __init__(self) -> None:
        self._by_kind: dict[Kind, dict[str, Revocation]] = {"user": {}, "session": {}, "token": {}}
        self._any = False

    def note(self, revocations: Iterable[Revocation]) -> None:
        """From now on; the latest word on a subject counts."""
        for revocation in revocations:
            if revocation.undone:
                self._by_kind[revocation.kind].pop(revocation.subject, None)
            else:
                self._by_kind[revocation.kind][revocation.subject] = revocation
        self._any = any(self._by_kind.values())

    def covers(self, stamp: Stamp) -> bool:
        """Whether it was revoked."""
        if not self._any:
            return False
        return (
            self._is_before("user", stamp.user_id, stamp.issued_at)
            or self._is_before("session", stamp.session_id, stamp.issued_at)
            or stamp.token_id in self._by_kind["token"]  # whenever it says that it was issued
        )

    def forget(self, now: float) -> None:
        """What covers no token any more that has not expired."""
        for kind, of_kind in self._by_kind.items():
            kept = {subject: found for subject, found in of_kind.items() if found.forgotten_at > now}
            self._by_kind[kind] = kept
        self._any = any(self._by_kind.values())

    def _is_before(self, kind: Kind, subject: str, issued_at: float) -> bool:
        found = self._by_kind[kind].get(subject)
        return found is not None and issued_at < found.issued_before
