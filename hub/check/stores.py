"""The ways to Postgres and Redis."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from hub.check.finding import Finding, error, warning
from hub.check.hosts import is_local
from hub.settings import Settings

GUESSED = {"postgres", "postgresql", "password", "hark", "admin", "root", "secret", "redis", "changeme", "test", "dev"}
ENCRYPTED = {"require", "verify-ca", "verify-full"}
GIVEN_OTHERWISE = {"passfile", "sslcert"}
UNCHECKED = {("ssl_cert_reqs", "none"), ("ssl_cert_reqs", "optional"), ("ssl_check_hostname", "false")}


class Way(NamedTuple):
    """What a client makes of a URL."""

    is_local: bool
    user: str | None
    password: str | None
    query: Mapping[str, str]


def findings(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    """`env`: what Postgres' own variables (PGHOST, PGPASSWORD, …) say where the URL does not."""
    yield from _postgres(settings.hub.database_url, env)
    yield from _redis(settings.hub.redis_url)


def _postgres(text: str, env: Mapping[str, str]) -> Iterator[Finding]:
    way = _way(text, host=env.get("PGHOST", ""), user=env.get("PGUSER"), password=env.get("PGPASSWORD"))
    if way.user == "postgres":
        yield warning(
            "HARK_DATABASE_URL",
            "As the superuser postgres Hark may do more than it needs, and so may who takes it over.",
            "Make a role that owns Hark's database and nothing else.",
        )
    if way.is_local:
        return
    if not way.password and not GIVEN_OTHERWISE & way.query.keys() and not env.get("PGPASSFILE"):
        yield error("HARK_DATABASE_URL", "There is no password in it.", "Give the role one, or a client certificate.")
    yield from _guessed("HARK_DATABASE_URL", way.password)
    if way.query.get("sslmode", env.get("PGSSLMODE")) not in ENCRYPTED:
        yield warning(
            "HARK_DATABASE_URL",
            "Postgres is on another machine, and nothing makes the way there encrypted.",
            "Add sslmode=verify-full, unless that network is yours alone.",
        )


def _redis(text: str) -> Iterator[Finding]:
    scheme, way = urlsplit(text).scheme, _way(text)
    if scheme == "unix" or way.is_local:
        return
    if not way.password:
        yield error(
            "HARK_REDIS_URL",
            "There is no password in it: whoever reaches that Redis hears every message.",
            "Set one (requirepass, or an ACL user).",
        )
    yield from _guessed("HARK_REDIS_URL", way.password)
    if scheme == "redis":
        yield warning(
            "HARK_REDIS_URL",
            "Messages go to another machine unencrypted.",
            "Use rediss://, unless that network is yours alone.",
        )
    if UNCHECKED & {(name, value.lower()) for name, value in way.query.items()}:
        yield error(
            "HARK_REDIS_URL",
            "Whoever is on the way may say that they are that Redis: its certificate is not looked at.",
            "Leave ssl_cert_reqs and ssl_check_hostname out; ssl_ca_certs names an authority of your own.",
        )


def _way(text: str, *, host: str = "", user: str | None = None, password: str | None = None) -> Way:
    """As asyncpg and redis-py read it: the query, and then the rest, count where the URL itself says nothing."""
    url = urlsplit(text)
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    hosts = unquote(url.netloc.rpartition("@")[2]) or query.get("host", "") or host
    return Way(
        all(is_local(_name(one)) for one in hosts.split(",")),
        unquote(url.username) if url.username else query.get("user", user),
        unquote(url.password) if url.password else query.get("password", password),
        query,
    )


def _name(host: str) -> str:
    """Without the port."""
    if host.startswith("/"):
        return host
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _guessed(about: str, password: str | None) -> Iterator[Finding]:
    if password is not None and password.lower() in GUESSED:
        yield error(about, "The password in it is among the first that anybody tries.", "Make a random one.")
