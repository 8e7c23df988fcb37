"""What the HTTP protocol writes, by what stands in for its transport; and on the wire."""

import asyncio
from urllib.parse import urlsplit

import pytest

from hub.http import OneWrite
from tests.hub_process import Customer

HEAD = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Kept(asyncio.Transport):
    """Every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        assert not self.closed
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ([HEAD, b"{}"], [HEAD + b"{}"]),
        ([HEAD, b"{", b"}"], [HEAD + b"{", b"}"]),
        ([HEAD, b""], [HEAD]),
        ([STREAM], [STREAM]),
        ([STREAM, b"1\r\nx\r\n", b"0\r\n\r\n"], [STREAM, b"1\r\nx\r\n", b"0\r\n\r\n"]),
        ([CONTINUE], [CONTINUE]),
        ([CONTINUE, HEAD, b"{}"], [CONTINUE, HEAD + b"{}"]),
    ],
)
def test_a_head_goes_with_its_body_and_that_of_a_stream_at_once(said: list[bytes], written: list[bytes]) -> None:
    transport = Kept()
    answer = OneWrite(transport)
    for data in said:
        answer.write(data)
    assert transport.writes == written


def test_a_head_whose_body_never_comes_goes_before_the_end() -> None:
    transport = Kept()
    answer = OneWrite(transport)
    answer.write(HEAD)
    answer.close()
    assert (transport.writes, answer.is_closing()) == ([HEAD], True)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (b"HEAD /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"HTTP/1.1 200 "),
        (b"OPTIONS /api/v1/nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", b"HTTP/1.1 404 "),
        (
            b"POST /api/v1/notifications HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\n"
            b"authorization: Bearer %s\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n",
            b"HTTP/1.1 100 ",
        ),
    ],
)
async def test_every_answer_comes_whole(hub: Customer, asked: bytes, answered: bytes) -> None:
    parts = urlsplit(hub.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    key = str(hub.http.headers["authorization"]).removeprefix("Bearer ")
    writer.write(asked % key.encode() if b"%s" in asked else asked)
    came = await reader.readuntil(b"\r\n\r\n")
    assert came.startswith(answered)
    if answered.endswith(b" 100 "):
        writer.write(b"{}")
        assert b'"status":422' in await reader.read()
    writer.close()
    await writer.wait_closed()
