"""Ports that are free, and one that is not."""

import socket

import pytest

from hub.dev.errors import PortTakenError
from hub.dev.ports import FIRST, LAST, LOOPBACK, free_ports, require_free


def test_a_port_that_somebody_listens_on_is_refused_by_number() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} is in use .* --port"):
            require_free(port)
    require_free(port)


def test_free_ports_differ_and_stay_out_of_the_way_of_outgoing_connections() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(FIRST <= port <= LAST for port in ports)


def test_a_data_directory_keeps_its_ports() -> None:
    assert free_ports(4, whose="/here") == free_ports(4, whose="/here")
    assert free_ports(4, whose="/here") != free_ports(4, whose="/there")
