"""Where a request of ours may go that somebody else asked for: everywhere but to ourselves and our neighbours. Pure.

The list is written out rather than asked of `ipaddress.is_global`, whose answer changes with Python's versions. What is
IPv4 in the clothes of IPv6 is refused as a whole, so that no address has two names.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

DENIED: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host (RFC 1122); Linux connects to itself
            "10.0.0.0/8",  # private (RFC 1918)
            "100.64.0.0/10",  # behind a carrier's NAT (RFC 6598)
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link local; clouds hand out credentials at 169.254.169.254
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # IETF protocol assignments
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks (RFC 2544)
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
            "::/96",  # unspecified, loopback, IPv4-compatible
            "::ffff:0:0/96",  # IPv4-mapped
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
            "64:ff9b::/96",  # NAT64 (RFC 6052)
            "64:ff9b:1::/48",  # NAT64 of one's own (RFC 8215)
            "100::/64",  # discarded (RFC 6666)
            "2001::/23",  # IETF protocol assignments; Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "fc00::/7",  # private (RFC 4193)
            "fe80::/10",  # link local
            "fec0::/10",  # site local, of old
            "ff00::/8",  # multicast
        ),
    )
)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """An operator's own networks. ValueError, for the operator, names what is none, such as 10.0.0.1/8."""
    return tuple(_network(text) for text in texts)


def is_among(address: str, these: Sequence[Network]) -> bool:
    """Whether it lies in one of them; an address with a zone (`fe80::1%eth0`) lies where it lies without."""
    found = _address(address)
    return any(found in network for network in these)


def is_allowed(address: str, own: Sequence[Network]) -> bool:
    """Whether a request may go to this address: one that a resolver gave. ValueError for anything else."""
    return is_among(address, own) or not is_among(address, DENIED)


def _address(text: str) -> IPv4Address | IPv6Address:
    return ip_address(text.partition("%")[0])


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"not a network such as 10.1.0.0/16: {error}") from None
