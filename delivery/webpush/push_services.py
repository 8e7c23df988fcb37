"""Where a push subscription may point: a user gives the endpoint, and we post to it from inside a network.

Pure. An endpoint is read by one strict pattern rather than a URL library, because such holes are made where
two libraries read one text differently. What the pattern does not know is refused: userinfo, backslash,
fragment, blanks, anything beyond ASCII, an IPv6 literal, an empty label, a trailing dot. So is a path that goes back.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

# The push services of the browsers, as host or parent domain.
_HOSTS = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"})
_PARENTS = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")

# Safari ends all subscriptions of a site whose worker showed nothing for three pushes in its life (WebKit,
# WebPushDaemonConstants.h), Firefox one after at most 16 since the last visit (PushRecord.sys.mjs).
_RESENTFUL = (".push.apple.com", ".push.services.mozilla.com")

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
# The characters of RFC 3986 path and query; no fragment, which never reaches a server.
_REST = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
_BARE_ORIGIN = re.compile(_ORIGIN, re.IGNORECASE | re.ASCII)
_ENDPOINT = re.compile(_ORIGIN + _REST, re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_MAX_HOST = 253  # RFC 1035; a longer one fails in the resolver, not with an answer


class Origin(NamedTuple):
    """Scheme, host and port (RFC 6454), lower case."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """As RFC 6454 section 6.2 writes it, which is the VAPID audience: a default port is left out."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def origin_of(endpoint: str) -> Origin | None:
    """The origin an endpoint is posted to; None when the endpoint is not plainly an http(s) URL."""
    return None if _goes_back(endpoint) else _read(_ENDPOINT.fullmatch(endpoint))


def extra_origins(texts: Iterable[str]) -> frozenset[str]:
    """An operator's push services as `endpoint_allowed` wants them. ValueError for what is no origin."""
    return frozenset(str(_origin(text)) for text in texts)


def endpoint_allowed(endpoint: str, extra_origins: frozenset[str]) -> bool:
    """Whether it is a browser vendor's service by https on port 443, or exactly one of `extra_origins`."""
    origin = origin_of(endpoint)
    if origin is None:
        return False
    if str(origin) in extra_origins:
        return True
    vendor = origin.host in _HOSTS or origin.host.endswith(_PARENTS)
    return vendor and origin.scheme == "https" and origin.port == _DEFAULT_PORTS["https"]


def takes_silent(origin: Origin) -> bool:
    """Whether the browsers of this service forgive pushes that show nothing."""
    return not origin.host.endswith(_RESENTFUL)


def _goes_back(endpoint: str) -> bool:
    """Whether who posts there spells its path otherwise (WHATWG URL): then one endpoint could have several owners."""
    path = endpoint.partition("?")[0].lower().replace("%2e", ".")
    return not {".", ".."}.isdisjoint(path.split("/"))


def _origin(text: str) -> Origin:
    origin = _read(_BARE_ORIGIN.fullmatch(text.removesuffix("/")))
    if origin is None:
        raise ValueError(f"not an origin such as https://push.example:8443: {text!r}")
    return origin


def _read(match: re.Match[str] | None) -> Origin | None:
    if match is None:
        return None
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    return Origin(scheme, host, port) if port <= _MAX_PORT and len(host) <= _MAX_HOST else None
