"""What not every Python reads in a URL: since its library looks between brackets, it takes no IPv6 address among
several hosts, and asyncpg, which asks it, connects to none."""

from urllib.parse import urlsplit

import pytest


def _reads(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


ipv6_among_others = pytest.mark.skipif(
    not _reads("postgres://one:5432,[::1]:5433/hark"), reason="this Python reads no IPv6 address among several hosts"
)
