"""RFC 6455 section 4.2: whatever is no handshake gets an answer, as HTTP, with a status that blames the client."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pytest
from websockets.http11 import Response
from websockets.streams import StreamReader

from tests.conformance import wire
from tests.conformance.echo import PATIENCE_S, Echo
from tests.conformance.peer import connected, port_of, read
from tests.hub_process import Customer

Changes: TypeAlias = Mapping[str, str | Sequence[str]]

GOOD = {
    "Host": "hark.example",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # the example of RFC 6455 section 1.3, as is its accept
    "Sec-WebSocket-Protocol": "hark.v1",
}
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
ABSENT: Sequence[str] = ()


def _shown(parameter: object) -> str | None:
    """In a test's name: the headers that are not as in GOOD."""
    return " ".join(parameter) or "as it is" if isinstance(parameter, dict) else None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Connection": "keep-alive, Upgrade"},  # Firefox
        {"Upgrade": "WebSocket"},
        {"Sec-WebSocket-Protocol": ["other", "hark.v1"]},
        {"Sec-WebSocket-Protocol": "other, hark.v1"},
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
        {"Content-Length": "0"},
        {"X-Not-ASCII": "\xe9"},
    ],
    ids=_shown,
)
async def test_a_handshake_is_answered_with_the_key_the_protocol_and_no_extension(
    customer: Customer, changes: Changes
) -> None:
    answer = await _asked(port_of(customer), "GET /ws HTTP/1.1", changes)
    assert answer.status_code == 101
    assert answer.headers["Sec-WebSocket-Accept"] == ACCEPT
    assert answer.headers["Sec-WebSocket-Protocol"] == "hark.v1"
    assert "Sec-WebSocket-Extensions" not in answer.headers
    assert (answer.headers["Connection"], answer.headers["Upgrade"]) == ("Upgrade", "websocket")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Upgrade": ABSENT}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Upgrade": "websocket, h2c"}, 426),
        ({"Connection": ABSENT}, 426),
        ({"Connection": "keep-alive"}, 426),
        ({"Connection": "upgrade, @@"}, 400),
        ({"Host": ABSENT}, 400),
        ({"Host": ["hark.example", "evil.example"]}, 400),
        ({"Sec-WebSocket-Key": ABSENT}, 400),
        ({"Sec-WebSocket-Key": [GOOD["Sec-WebSocket-Key"]] * 2}, 400),
        ({"Sec-WebSocket-Key": "tooshort"}, 400),
        ({"Sec-WebSocket-Key": "no base64"}, 400),
        ({"Sec-WebSocket-Key": "\xe9" * 16}, 400),
        ({"Sec-WebSocket-Protocol": ABSENT}, 400),
        ({"Sec-WebSocket-Protocol": ""}, 400),
        ({"Sec-WebSocket-Protocol": "@@"}, 400),
        ({"Sec-WebSocket-Protocol": "hark.v2"}, 400),
        ({"Origin": ["http://hark.example", "http://evil.example"]}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Length": "5"}, 400),
        ({"Transfer-Encoding": "chunked"}, 400),
        ({"X-Control": "a\x01b"}, 400),
        ({"X-Many": ["x"] * 200}, 431),
        ({"X-Long": "x" * 9000}, 431),
        ({"X-Longer": "x" * 90_000}, 431),
    ],
    ids=_shown,
)
async def test_what_is_no_handshake_is_refused(customer: Customer, changes: Changes, status: int) -> None:
    assert (await _asked(port_of(customer), "GET /ws HTTP/1.1", changes)).status_code == status


@pytest.mark.parametrize("version", ["12", "14", "8", "013", "", ["13", "8"], ABSENT])
async def test_another_version_is_told_which_one_is_spoken(customer: Customer, version: str | Sequence[str]) -> None:
    answer = await _asked(port_of(customer), "GET /ws HTTP/1.1", {"Sec-WebSocket-Version": version})
    assert (answer.status_code, answer.headers["Sec-WebSocket-Version"]) == (400, "13")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("POST /ws HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 405),
        ("GET /ws HTTP/1.0", 426),
        ("GET /ws HTTP/2.0", 426),
        ("GET /ws", 426),
        ("GET /elsewhere HTTP/1.1", 403),
        ("GET /health HTTP/1.1", 403),
        ("GET /ws%00%ff HTTP/1.1", 403),
        ("GET /ws\xe9 HTTP/1.1", 400),
        pytest.param(f"GET /ws?{'x' * 9000} HTTP/1.1", 414, id="long"),
        ("nonsense", 400),
    ],
)
async def test_what_asks_for_something_else_is_refused(customer: Customer, request_line: str, status: int) -> None:
    assert (await _asked(port_of(customer), request_line, {})).status_code == status


async def test_who_speaks_before_the_answer_is_not_listened_to(echo: Echo) -> None:
    """Its frames would be parsed, and answered, before the 101."""
    async with connected(echo.port) as (reader, writer):
        writer.write(_request("GET /undecided HTTP/1.1", {}))
        answer = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(PATIENCE_S):
            while not answer.done():
                writer.write(wire.ping())
                await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            assert await answer == b""


def _request(request_line: str, changes: Changes) -> bytes:
    lines = [request_line]
    for name, value in {**GOOD, **changes}.items():
        lines += [f"{name}: {one}" for one in ([value] if isinstance(value, str) else value)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _asked(port: int, request_line: str, changes: Changes) -> Response:
    """The answer; a parser of `websockets` found it well-formed, and at its end."""
    async with connected(port) as (reader, writer), asyncio.timeout(PATIENCE_S):
        writer.write(_request(request_line, changes))
        heard = StreamReader()
        return await read(reader, heard, Response.parse(heard.read_line, heard.read_exact, heard.read_to_eof))
