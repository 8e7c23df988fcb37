"""The one client for strangers' URLs, over real sockets: where it connects to, and what it makes of what it hears."""

import asyncio
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from delivery.answer import Answer
from delivery.outbound.addresses import Resolver
from delivery.outbound.client import BODY_BYTES, Outbound
from delivery.outbound.failed import Failed
from delivery.outbound.networks import networks
from delivery.simulator.authority import Issued, issue
from tests.delivery.outbound.neighbours import Names, canary
from tests.delivery.servers import flooding, speaking

LOCAL = networks(["127.0.0.0/8"])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def outbound(
    *, own: bool = True, http: bool = True, names: Callable[[str], list[str]] | None = None, **more: object
) -> AsyncIterator[Outbound]:
    trusted = LOCAL if own else ()
    client = Outbound(own=trusted, http=http, resolver=Resolver(trusted, names), **more)  # type: ignore[arg-type]
    yield client
    await client.aclose()


async def post(client: Outbound, url: str) -> Answer | Failed:
    return await client.post(url, headers={"x": "y"}, body=b"{}")


async def said(answer: bytes, **more: object) -> Answer | Failed:
    async with speaking(answer) as origin, outbound(**more) as client:  # type: ignore[arg-type]
        return await post(client, origin)


async def test_an_answer_is_its_status_headers_and_body() -> None:
    answer = await said(b"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 2\r\n\r\nno")
    assert answer == Answer(429, {"retry-after": "30", "content-length": "2"}, b"no")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("header", ["Location: {}", "Refresh: 0;url={}", "Content-Location: {}", "Link: <{}>"])
async def test_a_redirect_is_an_answer_and_not_followed(status: int, header: str) -> None:
    async with canary() as (port, heard):
        line = header.format(f"http://127.0.0.1:{port}/").encode()
        answer = await said(f"HTTP/1.1 {status} Go\r\n".encode() + line + b"\r\nContent-Length: 0\r\n\r\n")
        assert isinstance(answer, Answer)
        assert (answer.status, heard) == (status, [])


async def test_no_more_than_the_beginning_of_a_body_is_read() -> None:
    answer = await said(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)
    assert isinstance(answer, Answer)
    assert len(answer.body) == BODY_BYTES


async def test_a_body_without_end_is_left_when_its_beginning_was_read() -> None:
    async with flooding() as flood, outbound(deadline_s=3) as client:
        answer = await post(client, f"{flood.origin}/")
        await flood.left.wait()
    assert isinstance(answer, Answer)
    assert len(answer.body) == BODY_BYTES
    assert flood.sent < 16 * 2**20  # what the kernel had room for


@pytest.mark.parametrize(
    ("rest", "body"),
    [(b"Content-Length: 9\r\n\r\ncut", b"cut"), (b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", b"nope")],
)
async def test_a_status_counts_whatever_follows_it(rest: bytes, body: bytes) -> None:
    answer = await said(b"HTTP/1.1 201 Created\r\n" + rest)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (201, body)


async def test_a_body_that_does_not_come_by_the_deadline_takes_no_status_back() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, outbound(deadline_s=0.2) as client:
        answer = await post(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (200, b"begun")


@pytest.mark.parametrize(("answer", "why"), [(b"", "connection_lost"), (b"SSH-2.0-x\r\n\r\n", "connection_lost")])
async def test_what_is_no_answer_is_a_failure(answer: bytes, why: str) -> None:
    failed = await said(answer)
    assert isinstance(failed, Failed)
    assert failed.why == why


async def test_a_server_that_says_nothing_has_until_the_deadline() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, outbound(deadline_s=0.1) as client:
        assert await post(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/") == Failed("timeout")


async def test_a_server_that_is_away_is_told_as_such() -> None:
    async with speaking(OK) as origin:
        pass
    async with outbound() as client:
        assert await post(client, origin) == Failed("no_connection")


async def test_a_connection_is_kept_for_the_next_request_and_the_name_not_asked_again() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(3):
            await reader.readuntil(b"{}")
            writer.write(OK)
        writer.close()

    names = Names(["127.0.0.1"])
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, outbound(names=names) as client:
        for _ in range(3):
            answer = await post(client, f"http://shop.example:{server.sockets[0].getsockname()[1]}/")
            assert isinstance(answer, Answer)
    assert (connections, names.asked) == (1, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "shop.example"])
async def test_this_machine_is_not_called_by_whatever_name(host: str) -> None:
    names = Names(["127.0.0.1"]) if host == "shop.example" else None
    async with canary() as (port, heard), outbound(own=False, names=names) as client:
        assert await post(client, f"http://{host}:{port}/") == Failed("address_not_allowed")
        assert await client.check(f"http://{host}:{port}/") == Failed("address_not_allowed")
        assert heard == []


@pytest.mark.parametrize(
    "addresses", [["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"], ["1.1.1.1", "::1"]]
)
async def test_one_forbidden_address_among_others_forbids_the_name(addresses: list[str]) -> None:
    async with outbound(own=False, names=Names(addresses)) as client:
        assert await post(client, "https://shop.example/") == Failed("address_not_allowed")


async def test_a_name_that_says_something_else_after_the_check_changes_nothing() -> None:
    """DNS rebinding: first the harmless address, the next moment ours."""
    names = Names(["127.0.0.2"], ["127.0.0.1"])
    harmless = networks(["127.0.0.2/32"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(OK)
        writer.close()

    async with canary() as (port, heard), await asyncio.start_server(serve, "127.0.0.2", int(port)):
        client = Outbound(own=harmless, http=True, resolver=Resolver(harmless, names))
        first = await post(client, f"http://shop.example:{port}/")
        assert isinstance(first, Answer)
        assert (first.status, names.asked) == (200, 1)
        assert await post(client, f"http://shop.example:{port}/") == Failed("address_not_allowed")
        await client.aclose()
        assert heard == []


async def test_a_name_that_was_harmless_when_it_was_looked_at_is_looked_up_again_for_the_call() -> None:
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    async with canary() as (port, heard), outbound(own=False, names=names) as client:
        assert await client.check("https://shop.example/") is None
        assert await post(client, f"http://shop.example:{port}/") == Failed("address_not_allowed")
        assert heard == []


async def test_what_is_no_such_name_is_told() -> None:
    async with outbound(names=Names([])) as client:
        assert await post(client, "https://shop.example/") == Failed("no_address")
    async with outbound() as client:
        assert await post(client, "https://shop.invalid/") == Failed("no_address")


async def test_the_next_address_is_tried_when_the_first_is_away() -> None:
    async with speaking(OK) as origin, outbound(names=Names(["127.0.0.3", "127.0.0.1"])) as client:
        answer = await post(client, origin.replace("127.0.0.1", "shop.example"))
    assert isinstance(answer, Answer)
    assert answer.status == 200


async def test_of_several_addresses_too_one_is_connected_to_and_the_name_not_asked_again() -> None:
    names = Names(["127.0.0.1", "127.0.0.3"])
    async with speaking(OK) as origin, outbound(names=names) as client:
        answer = await post(client, origin.replace("127.0.0.1", "shop.example"))
    assert isinstance(answer, Answer)
    assert (answer.status, names.asked) == (200, 1)


async def test_without_leave_only_https_is_called() -> None:
    async with canary() as (port, heard), outbound(http=False) as client:
        assert await post(client, f"http://127.0.0.1:{port}/") == Failed("url_not_allowed")
        assert heard == []


@pytest.mark.parametrize(
    ("url", "http", "allowed"),
    [
        ("https://shop.example/", False, True),
        ("https://shop.example:8443/", False, True),
        ("https://shop.example:22/", False, False),
        ("https://shop.example:80/", False, False),
        ("https://shop.example:5432/", True, False),
        ("http://shop.example/", True, True),
        ("http://shop.example:8080/", True, False),
    ],
)
async def test_ports_are_those_of_the_web_but_in_ones_own_networks(url: str, http: bool, allowed: bool) -> None:  # noqa: FBT001
    async with outbound(own=False, http=http, names=Names(["93.184.216.34"])) as client:
        assert await client.check(url) == (None if allowed else Failed("url_not_allowed"))


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with canary() as (port, heard):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert isinstance(await said(OK), Answer)
        assert heard == []


async def test_a_name_server_that_hangs_holds_up_no_other_name() -> None:
    let_go = threading.Event()

    def names(host: str) -> list[str]:
        if host == "slow.example":
            let_go.wait()
        return ["127.0.0.1"]

    async with speaking(OK) as origin, outbound(names=names, deadline_s=2) as client:
        port = origin.rpartition(":")[2]
        slow = [asyncio.ensure_future(post(client, f"http://slow.example:{port}/")) for _ in range(200)]
        await asyncio.sleep(0)
        assert isinstance(await post(client, f"http://shop.example:{port}/"), Answer)
        for one in slow:
            one.cancel()
        await asyncio.wait(slow)
        let_go.set()


async def test_a_name_server_that_hangs_keeps_no_process_from_ending() -> None:
    program = """
import asyncio, threading
from delivery.outbound.addresses import Resolver
from delivery.outbound.client import Outbound

async def main():
    client = Outbound(deadline_s=0.1, resolver=Resolver((), lambda _: threading.Event().wait()))
    print((await client.post("https://shop.example/", headers={}, body=b"")).why)
    await client.aclose()

asyncio.run(main())
"""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe)
    out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"timeout\n")


async def test_calls_that_were_given_up_leave_no_connection_behind() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, outbound(deadline_s=0.1) as client:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert set(await asyncio.gather(*(post(client, url) for _ in range(30)))) == {Failed("timeout")}
        assert client._pool.connections == []


@pytest.fixture(scope="module")
def issued() -> Issued:
    return issue(client_user_id="com.example.shop")


@pytest.fixture
async def tls_server(issued: Issued, tmp_path: Path) -> AsyncIterator[tuple[int, list[str | None]]]:
    """Its port, and by which names (SNI) it was called."""
    path = tmp_path / "server.pem"
    path.write_bytes(issued.server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"{}")
        writer.write(OK if b"Host: localhost:" in head else b"HTTP/1.1 421 Not here\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1], names


async def test_tls_and_host_keep_to_the_name(tls_server: tuple[int, list[str | None]], issued: Issued) -> None:
    port, names = tls_server
    async with outbound(http=False, names=Names(["127.0.0.1"]), extra_ca=issued.authority.decode()) as client:
        answer = await post(client, f"https://localhost:{port}/")
    assert isinstance(answer, Answer)
    assert (answer.status, names) == (200, ["localhost"])


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_for_another_name_or_of_nobody_is_refused(
    tls_server: tuple[int, list[str | None]],
    issued: Issued,
    trusted: bool,  # noqa: FBT001
) -> None:
    port, _ = tls_server
    name = "shop.example" if trusted else "localhost"
    ca = issued.authority.decode() if trusted else ""
    async with outbound(http=False, names=Names(["127.0.0.1"]), extra_ca=ca) as client:
        assert await post(client, f"https://{name}:{port}/") == Failed("tls_failed")


def test_an_authority_that_cannot_be_used_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="TLS cannot be used"):
        Outbound(extra_ca="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
