"""Which addresses a request may go to, network by network."""

import pytest

from delivery.outbound.networks import is_allowed, networks

FORBIDDEN = [
    *("0.0.0.0", "0.255.255.255", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),  # noqa: S104 - no binding
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *(
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
    ),
    *("100::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd12:3456::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::1"),
]
ALLOWED = [
    *("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
    *("169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255"),
    *("198.20.0.0", "223.255.255.255", "2001:200::1", "2606:4700::1111", "2a00:1450::1", "fbff::1"),
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_leads_to_us_or_our_neighbours_is_not_called(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ALLOWED)
def test_everything_else_is(address: str) -> None:
    assert is_allowed(address, ())


def test_an_operators_own_networks_may_be_called_and_nothing_beside_them() -> None:
    own = networks(["10.1.0.0/16", "fd00:1::/64"])
    assert is_allowed("10.1.2.3", own)
    assert is_allowed("fd00:1::5", own)
    assert not is_allowed("10.2.0.1", own)
    assert not is_allowed("::ffff:10.1.2.3", own)


@pytest.mark.parametrize("text", ["10.1.2.3/16", "shop.example", "10.0.0.0/33"])
def test_what_is_no_network_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="not a network such as"):
        networks([text])
