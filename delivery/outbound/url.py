"""Where a URL of somebody else's points. Pure.

It is read once, by one strict pattern, and what was read is what is connected to: holes are made where two libraries
read one text differently. What the pattern does not know is refused: userinfo, backslash, fragment, blanks, anything
beyond ASCII, an IPv6 literal, an empty label, a trailing dot, a number for an address (`0x7f.1`, `2130706433`).
"""

import re
from typing import NamedTuple

LONGEST = 2048

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_AUTHORITY = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
# The characters of RFC 3986 path and query; no fragment, which never reaches a server.
_TARGET = r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
_URL = re.compile(rf"(?P<scheme>https?)://{_AUTHORITY}(?P<target>{_TARGET})", re.IGNORECASE | re.ASCII)

# What a resolver may take for an IPv4 address though it is not written like one (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}", re.ASCII)

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_MAX_HOST = 253  # RFC 1035


class Place(NamedTuple):
    """Scheme and host in lower case; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str


def read(url: str) -> Place | None:
    """None when it is not plainly an http(s) URL."""
    match = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        return None
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if port > _MAX_PORT or len(host) > _MAX_HOST or (_NUMBER.fullmatch(host) and not _IPV4.fullmatch(host)):
        return None
    target = match["target"]
    return Place(scheme, host, port, target if target.startswith("/") else f"/{target}")
