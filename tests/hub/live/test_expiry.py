"""Tokens that end, stepped through by hand: no socket, no clock."""

import json
from typing import Any

import pytest

from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.expiry import Expiry
from hub.live.framing import Encoded

T = 1_800_000_000
HOUR = 3600


class Client:
    """Of a token that ends at a time, and lived for another."""

    direct = -1

    def __init__(self, ends_at: float, *, lives_s: float = HOUR) -> None:
        self.heard: list[dict[str, Any]] = []
        self.closed: CloseCode | None = None
        self.connection = Connection("ada", self, self, expires_at=ends_at)
        self.connection.issued_at = ends_at - lives_s
        self.connection.begin(0, 0)

    def write(self, text: Encoded) -> None:
        self.heard.append(json.loads(text.message))

    def finish(self, text: Encoded, taken: int) -> None:
        raise AssertionError(f"nothing was written past it, not {taken} of {text}")

    def close(self, code: CloseCode) -> None:
        assert self.closed is None
        self.closed = code

    def abort(self) -> None:
        raise AssertionError("aborted")

    def want_page(self, _: Connection) -> None:
        raise AssertionError("wanted a page")

    def renews(self, expiry: Expiry, now: float, *, lives_s: float = HOUR) -> None:
        self.connection.issued_at, self.connection.expires_at = now, now + lives_s
        expiry.watch(self.connection, now)


@pytest.fixture
def expiry() -> Expiry:
    return Expiry(ahead_s=120)


def looks(expiry: Expiry, now: float) -> None:
    assert not expiry.turn(now, most=100)


def test_half_a_minute_before_its_end_another_token_is_asked_for_once(expiry: Expiry) -> None:
    client = Client(T)
    expiry.watch(client.connection, T - 100)
    looks(expiry, T - 30.5)
    assert client.heard == []
    for now in (T - 30.0, T - 29.5, T - 1):
        looks(expiry, now)
    assert client.heard == [{"t": "refresh_needed", "expires_in_s": 30}]
    assert client.closed is None


def test_at_its_end_the_connection_ends_and_not_before(expiry: Expiry) -> None:
    client = Client(T)
    expiry.watch(client.connection, T - 100)
    looks(expiry, T - 0.001)
    assert client.closed is None
    looks(expiry, T)
    assert client.closed is CloseCode.EXPIRED
    expiry.watch(client.connection, T + 1)  # until its socket is gone
    looks(expiry, T + 2)


def test_who_renews_stays_and_is_asked_again_before_the_next_end(expiry: Expiry) -> None:
    client = Client(T)
    expiry.watch(client.connection, T - 100)
    looks(expiry, T - 30)
    client.renews(expiry, T - 20, lives_s=100)
    looks(expiry, T + 49)
    assert (len(client.heard), client.closed) == (1, None)
    looks(expiry, T + 50)
    assert len(client.heard) == 2
    looks(expiry, T + 80)
    assert client.closed is CloseCode.EXPIRED


def test_who_comes_with_a_token_that_is_nearly_over_is_asked_at_once(expiry: Expiry) -> None:
    client = Client(T)
    expiry.watch(client.connection, T - 7)
    looks(expiry, T - 6.5)
    assert client.heard == [{"t": "refresh_needed", "expires_in_s": 7}]


def test_a_token_that_lives_for_seconds_is_not_renewed_all_the_time(expiry: Expiry) -> None:
    client = Client(T, lives_s=10)
    expiry.watch(client.connection, T - 10)
    looks(expiry, T - 5.5)
    assert client.heard == []
    looks(expiry, T - 5)
    client.renews(expiry, T - 5, lives_s=10)
    looks(expiry, T - 4)
    assert client.heard == [{"t": "refresh_needed", "expires_in_s": 5}]


def test_a_token_of_hours_is_seen_when_its_end_comes_near(expiry: Expiry) -> None:
    client = Client(T)
    for now in range(T - HOUR, T - 30, 25):
        expiry.watch(client.connection, now)
        looks(expiry, now)
        assert client.connection.due == 0 or now >= T - 30 - 120
    looks(expiry, T - 30)
    assert len(client.heard) == 1


def test_a_token_that_a_shorter_one_replaces_is_held_to_that(expiry: Expiry) -> None:
    client = Client(T + HOUR)
    expiry.watch(client.connection, T)
    client.renews(expiry, T, lives_s=60)
    looks(expiry, T + 30)
    assert len(client.heard) == 1


def test_who_is_gone_is_forgotten(expiry: Expiry) -> None:
    client = Client(T)
    expiry.watch(client.connection, T - 100)
    expiry.forget(client.connection)
    looks(expiry, T)
    assert (client.heard, client.closed) == ([], None)


def test_many_that_end_in_one_second_go_in_slices(expiry: Expiry) -> None:
    clients = [Client(T) for _ in range(250)]
    for client in clients:
        expiry.watch(client.connection, T - 10)
    assert expiry.turn(T - 9, most=200)
    assert not expiry.turn(T - 9, most=200)
    assert [len(client.heard) for client in clients] == [1] * 250
    assert [expiry.turn(T, most=100) for _ in range(3)] == [True, True, False]
    assert {client.closed for client in clients} == {CloseCode.EXPIRED}
