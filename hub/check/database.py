"""What the database says: API keys and migrations."""

from collections.abc import Iterator, Sequence

from hub.check.finding import Finding, error, warning
from hub.roles import ROLES, scopes_of
from hub.store.api_keys import ApiKey

OF_DEVELOPMENT = {"dev", "demo", "test"}


def findings(keys: Sequence[ApiKey], missing: Sequence[str]) -> Iterator[Finding]:
    """`missing`: names of the migrations that were not applied."""
    if missing:
        yield error("migrations", f"The database lacks {', '.join(missing)}.", "Run `hark migrate`.")
    for key in keys:
        if key.revoked_at is None and not key.expired:
            yield from _key(key)


def _key(key: ApiKey) -> Iterator[Finding]:
    about, revoke = f"API key {key.id} ({key.name})", f"`hark keys revoke {key.id}`"
    if key.name in OF_DEVELOPMENT:
        yield warning(about, "It was made for development, by its name.", f"If so: {revoke}.")
    if scopes_of(key.role, key.scopes) == ROLES["admin"] and key.expires_at is None:
        yield warning(
            about,
            "It may do everything, for ever.",
            f"Make one with the role it needs and `--expires-in 90d`, then {revoke}.",
        )
