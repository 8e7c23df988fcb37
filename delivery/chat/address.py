"""A user's address at a chat service, and where it goes in the service's URL. Pure.

The URL is the operator's. From a caller come a service's name and an address, and of that no character reaches the
URL as one that ends, begins or separates anything there.
"""

import re
from typing import Final
from urllib.parse import quote

HOLE = "{target}"

SERVICE: Final = r"^[a-z][a-z0-9_-]{0,31}\Z"
# No separators (apprise takes "a,b" and "a b" for two addresses) and no slash; and dots that begin would be a path's.
# With a letter or digit near the beginning: of signs alone `same` would find nothing.
TARGET: Final = r"^([@#+!_-]{0,3}[A-Za-z0-9][A-Za-z0-9@#+!_.:=-]{0,251})?\Z"

_SERVICE = re.compile(SERVICE)
_TARGET = re.compile(TARGET)
_BEFORE_PATH = re.compile(r"[a-z][a-z0-9]*://[^/?#{}\s]+[/?]", re.IGNORECASE)


def is_service(name: str) -> bool:
    """Whether a service can have this name."""
    return _SERVICE.fullmatch(name) is not None


def is_target(address: str) -> bool:
    """Whether it can be an address; empty is the one of a service that has a single place."""
    return _TARGET.fullmatch(address) is not None


def fault(url: str) -> str | None:
    """What is wrong with a service's URL, or None. An address must not choose the host, nor who we are there."""
    if url.count(HOLE) > 1:
        return "has {target} more than once"
    before, hole, _ = url.partition(HOLE)
    if "://" not in before:
        return "is not of the form service://..."
    if hole and not _BEFORE_PATH.match(before):
        return "has {target} before its path"
    return None


def filled(url: str, target: str) -> str | None:
    """The URL of this address; None when it can be none there, or when the service takes none."""
    if not is_target(target) or bool(target) != (HOLE in url):
        return None
    return url.replace(HOLE, quote(target, safe=""))


def same(url: str) -> str:
    """Letters and digits alone, by which an address is found again in what apprise made of a URL."""
    return "".join(character for character in url.casefold() if character.isalnum())
