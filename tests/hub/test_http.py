"""What a client reads, byte by byte, of answers that are written at once."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.hub_process import Customer

SEND = b"POST /api/v1/notifications HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
BODY = b'{"user_id":"ada","title":"x"}'


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes) -> None:
        self._reader, self.writer = reader, writer
        self._key = key

    def asks(self, *headers: bytes) -> None:
        lines = (b"authorization: Bearer " + self._key, b"content-length: %d" % len(BODY), *headers)
        self.writer.write(SEND + b"".join(line + b"\r\n" for line in lines) + b"\r\n")

    def says(self, body: bytes, *headers: bytes) -> None:
        """`body`, of the length of BODY."""
        self.asks(*headers)
        self.writer.write(body)

    async def hears(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, await self._reader.readexactly(int(headers.get("content-length", "0")))

    async def has_ended(self) -> bool:
        return await self._reader.read(1) == b""


@pytest.fixture
async def client(hub: Customer) -> Client:
    parts = urlsplit(hub.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    return Client(reader, writer, str(hub.http.headers["authorization"]).removeprefix("Bearer ").encode())


async def test_an_answer_has_its_headers_and_the_connection_stays(client: Client) -> None:
    for _ in range(2):
        client.says(BODY)
        status, headers, body = await client.hears()
        assert (status, headers["content-type"], body[:1]) == (202, "application/json", b"{")
        assert {"date", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= headers.keys()
    client.writer.close()


async def test_who_wants_it_closed_is_told_and_it_is(client: Client) -> None:
    client.says(BODY, b"connection: close")
    status, headers, _ = await client.hears()
    assert (status, headers["connection"]) == (202, "close")
    assert await client.has_ended()
    client.writer.close()


async def test_requests_sent_ahead_are_answered_in_their_order(client: Client) -> None:
    client.says(BODY)
    client.says(b"{}".ljust(len(BODY)))
    client.says(BODY)
    assert [(await client.hears())[0] for _ in range(3)] == [202, 422, 202]
    client.writer.close()


async def test_who_asks_before_it_sends_its_body_is_told_to_go_on(client: Client) -> None:
    client.asks(b"expect: 100-continue")
    assert (await client.hears())[0] == 100
    client.writer.write(BODY)
    assert (await client.hears())[0] == 202
    client.writer.close()


async def test_who_is_gone_is_no_error(hub: Customer, client: Client) -> None:
    client.says(BODY)
    client.writer.transport.abort()
    assert (await hub.http.get("/health")).status_code == 200
