"""The ways to Postgres and Redis."""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from hub.check.finding import Finding, error, warning
from hub.check.hosts import is_local
from hub.settings import Settings

GUESSED = {"postgres", "postgresql", "password", "hark", "admin", "root", "secret", "redis", "changeme", "test", "dev"}
ENCRYPTED = {"require", "verify-ca", "verify-full"}
GIVEN_OTHERWISE = {"password", "passfile", "sslcert"}


def findings(settings: Settings, *, password_elsewhere: bool) -> Iterator[Finding]:
    """`password_elsewhere`: Postgres's own variables (PGPASSWORD, PGPASSFILE) have one."""
    yield from _postgres(settings.hub.database_url, password_elsewhere=password_elsewhere)
    yield from _redis(settings.hub.redis_url)


def _postgres(text: str, *, password_elsewhere: bool) -> Iterator[Finding]:
    url = urlsplit(text)
    query = parse_qs(url.query)
    if url.username == "postgres":
        yield warning(
            "HARK_DATABASE_URL",
            "As the superuser postgres Hark may do more than it needs, and so may who takes it over.",
            "Make a role that owns Hark's database and nothing else.",
        )
    if is_local(query.get("host", [url.hostname or ""])[0]):
        return
    if url.password is None and not password_elsewhere and not GIVEN_OTHERWISE & query.keys():
        yield error("HARK_DATABASE_URL", "There is no password in it.", "Give the role one, or a client certificate.")
    yield from _guessed("HARK_DATABASE_URL", url.password)
    if query.get("sslmode", ["prefer"])[-1] not in ENCRYPTED:
        yield warning(
            "HARK_DATABASE_URL",
            "Postgres is on another machine, and nothing makes the way there encrypted.",
            "Add sslmode=verify-full, unless that network is yours alone.",
        )


def _redis(text: str) -> Iterator[Finding]:
    url = urlsplit(text)
    if url.scheme == "unix" or is_local(url.hostname or ""):
        return
    if not url.password and "password" not in parse_qs(url.query):
        yield error(
            "HARK_REDIS_URL",
            "There is no password in it: whoever reaches that Redis hears every message.",
            "Set one (requirepass, or an ACL user).",
        )
    yield from _guessed("HARK_REDIS_URL", url.password)
    if url.scheme == "redis":
        yield warning(
            "HARK_REDIS_URL",
            "Messages go to another machine unencrypted.",
            "Use rediss://, unless that network is yours alone.",
        )


def _guessed(about: str, password: str | None) -> Iterator[Finding]:
    if password is not None and unquote(password).lower() in GUESSED:
        yield error(about, "The password in it is among the first that anybody tries.", "Make a random one.")
