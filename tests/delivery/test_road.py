"""The road to the providers, over real sockets: answers, and everything the network does in place of one."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from delivery.answer import Answer, Lost
from delivery.outcome import Unavailable
from delivery.road import Road
from delivery.simulator.authority import Issued, issue
from tests.delivery.servers import Peer, answering, flooding, speaking
from tests.road import road as breakable

BODY_BYTES = 4096


@pytest.fixture(scope="module")
def issued() -> Issued:
    return issue(client_user_id="com.example.shop")


@pytest.fixture(scope="module")
def certificate(issued: Issued, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    path.write_bytes(issued.server)
    return path


@asynccontextmanager
async def a_road(*, deadline_s: float = 5, http2_only: bool = False, extra_ca: bytes = b"") -> AsyncIterator[Road]:
    road = Road(deadline_s=deadline_s, http2_only=http2_only, extra_ca=extra_ca)
    yield road
    await road.aclose()


async def over_http1(answer: bytes) -> Answer | Lost:
    async with speaking(answer) as origin, a_road() as road:
        return await road.post(origin, headers={"x": "y"}, body=b"push")


async def test_an_answer_is_its_status_headers_and_body() -> None:
    said = b"HTTP/1.1 410 Gone\r\nApns-Id: 1\r\nContent-Length: 4\r\n\r\n{}\n "

    assert await over_http1(said) == Answer(410, {"apns-id": "1", "content-length": "4"}, b"{}\n ")


async def test_no_more_than_the_beginning_of_a_body_is_read() -> None:
    answer = await over_http1(b"HTTP/1.1 400 Bad\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)

    assert isinstance(answer, Answer)
    assert answer.body == b"x" * BODY_BYTES


async def test_a_body_without_end_is_left_when_its_beginning_was_read() -> None:
    road = Road(deadline_s=3)
    async with flooding() as flood:
        answer = await road.post(f"{flood.origin}/", headers={}, body=b"")
        await flood.left.wait()
    await road.aclose()
    assert isinstance(answer, Answer)
    assert answer.body == b"x" * BODY_BYTES
    assert flood.sent < 16 * 2**20  # what the kernel had room for


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        (b"Content-Length: 100\r\n\r\ncut off", b"cut off"),
        (b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", b"nope"),
        (b"Location: /\xff\r\nContent-Length: 0\r\n\r\n", b""),
        (b"\r\n", b""),
    ],
)
async def test_a_status_counts_whatever_follows_it(rest: bytes, body: bytes) -> None:
    answer = await over_http1(b"HTTP/1.1 201 Created\r\n" + rest)

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (201, body)


async def test_a_header_that_cannot_be_read_hides_no_other() -> None:
    answer = await over_http1(b"HTTP/1.1 429 Slow\r\nLocation: /\xff\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n")

    assert answer == Answer(429, {"retry-after": "30", "content-length": "0"})


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    async with speaking(b"HTTP/1.1 200 OK\r\n\r\n") as elsewhere:
        answer = await over_http1(f"HTTP/1.1 307 Go\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode())

    assert answer == Answer(307, {"location": elsewhere, "content-length": "0"})


async def test_a_proxy_of_the_environment_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert isinstance(await over_http1(b"HTTP/1.1 200 OK\r\n\r\n"), Answer)


async def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as bound:  # but not listening
        bound.bind(("127.0.0.1", 0))
        async with a_road() as road:
            lost = await road.post(f"http://127.0.0.1:{bound.getsockname()[1]}", headers={}, body=b"")

    assert lost == Lost("no_connection")
    assert lost.outcome == Unavailable("no_connection", ambiguous=False)


@pytest.mark.parametrize("http2_only", [False, True])
async def test_a_connection_that_is_never_made_sent_nothing(*, http2_only: bool) -> None:
    with _deaf_port() as port:
        async with a_road(deadline_s=0.4, http2_only=http2_only) as road:
            sends = [road.post(f"http://127.0.0.1:{port}", headers={}, body=b"") for _ in range(3)]

            assert await asyncio.gather(*sends) == [Lost("no_connection")] * 3


@contextmanager
def _deaf_port() -> Iterator[int]:
    """Its queue is full and nobody takes from it: the next one gets no answer at all."""
    with socket.socket() as busy, ExitStack() as queue:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for _ in range(3):
            waiting = queue.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(busy.getsockname())
        yield busy.getsockname()[1]


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"])
async def test_a_connection_lost_after_the_request_may_have_been_heard(said: bytes) -> None:
    lost = await over_http1(said)

    assert lost == Lost("connection_lost")
    assert lost.outcome == Unavailable("connection_lost", ambiguous=True)


async def test_a_server_that_says_nothing_may_have_heard(certificate: Path, issued: Issued) -> None:
    lost = await over_http2(lambda *_: None, certificate, issued, deadline_s=0.6)

    assert lost == Lost("timeout")
    assert lost.outcome == Unavailable("timeout", ambiguous=True)


async def over_http2(
    answer: Callable[[Peer, int], None], certificate: Path, issued: Issued, *, deadline_s: float = 5
) -> Answer | Lost:
    async with (
        answering(answer, certificate) as origin,
        a_road(deadline_s=deadline_s, http2_only=True, extra_ca=issued.authority) as road,
    ):
        return await road.post(origin, headers={"x": "y"}, body=b"push")


async def test_http2_gives_the_same_answer(certificate: Path, issued: Issued) -> None:
    answer = await over_http2(lambda peer, stream: peer.say(stream, 410, body=b"{}", x="1"), certificate, issued)

    assert answer == Answer(410, {"x": "1"}, b"{}")


async def test_a_body_that_hangs_ends_with_the_deadline(certificate: Path, issued: Issued) -> None:
    def half(peer: Peer, stream: int) -> None:
        peer.say(stream, 410, body=b'{"rea', end=False)

    assert await over_http2(half, certificate, issued, deadline_s=0.6) == Answer(410, {}, b'{"rea')


async def test_a_stream_that_is_reset_may_have_been_heard(certificate: Path, issued: Issued) -> None:
    lost = await over_http2(lambda peer, stream: peer.reset(stream, code=2), certificate, issued)

    assert lost == Lost("connection_lost")


async def test_what_http2_says_was_not_begun_is_said_again(certificate: Path, issued: Issued) -> None:
    asked = 0

    def refuse_once(peer: Peer, stream: int) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            peer.go_away(last_stream=0)
            peer.hang_up()
        else:
            peer.say(stream, 200)

    assert await over_http2(refuse_once, certificate, issued) == Answer(200, {})


async def test_a_server_that_goes_away_after_its_answer_is_found_again(certificate: Path, issued: Issued) -> None:
    def answer_and_go(peer: Peer, stream: int) -> None:
        peer.say(stream, 200)
        peer.go_away(last_stream=stream)
        peer.hang_up()

    async with (
        answering(answer_and_go, certificate) as origin,
        a_road(http2_only=True, extra_ca=issued.authority) as road,
    ):
        answers = [await road.post(origin, headers={}, body=b"") for _ in range(3)]

    assert answers == [Answer(200, {})] * 3


async def test_a_burst_over_http2_takes_one_connection(certificate: Path, issued: Issued) -> None:
    connections: set[int] = set()

    def count(peer: Peer, stream: int) -> None:
        connections.add(id(peer))
        peer.say(stream, 200)

    async with (
        answering(count, certificate) as origin,
        a_road(http2_only=True, extra_ca=issued.authority) as road,
    ):
        answers = await asyncio.gather(*(road.post(origin, headers={}, body=b"") for _ in range(50)))

    assert set(map(str, answers)) == {str(Answer(200, {}))}
    assert len(connections) == 1


async def test_a_connection_that_died_silently_is_replaced(certificate: Path, issued: Issued) -> None:
    answered = answering(lambda peer, stream: peer.say(stream, 200), certificate)
    async with answered as origin, breakable(int(origin.rpartition(":")[2])) as wire:
        through = f"https://127.0.0.1:{wire.port}"
        async with a_road(deadline_s=1, http2_only=True, extra_ca=issued.authority) as road:
            assert await road.post(through, headers={}, body=b"") == Answer(200, {})
            wire.hold()  # what is connected hears nothing any more
            assert await road.post(through, headers={}, body=b"") == Lost("timeout")
            wire.let_go()
            while await road.post(through, headers={}, body=b"") != Answer(200, {}):
                pass  # asking is the pause


async def test_a_server_that_no_authority_knows_is_told_nothing(certificate: Path) -> None:
    heard: list[int] = []
    async with (
        answering(lambda _, stream: heard.append(stream), certificate) as origin,
        a_road(http2_only=True) as road,
    ):
        assert await road.post(origin, headers={}, body=b"") == Lost("no_connection")

    assert heard == []


async def test_a_server_is_shown_who_we_are(certificate: Path, issued: Issued) -> None:
    shown: list[object] = []

    def look(peer: Peer, stream: int) -> None:
        shown.append(peer.transport.get_extra_info("peercert"))
        peer.say(stream, 200)

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_verify_locations(cadata=issued.authority.decode())
    tls.verify_mode = ssl.CERT_REQUIRED
    road = Road(http2_only=True, extra_ca=issued.authority, identity=issued.client)
    async with answering(look, certificate, tls) as origin:
        answer = await road.post(origin, headers={}, body=b"")
        await road.aclose()

    assert answer == Answer(200, {})
    assert "Hark" in str(shown)


@pytest.mark.parametrize("what", ["extra_ca", "identity"])
async def test_certificates_that_cannot_be_used_are_told_at_the_start(what: str) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    with pytest.raises(ValueError, match="TLS cannot be used"):
        Road(**{what: broken})  # type: ignore[arg-type]


async def test_a_malformed_address_is_the_callers_mistake() -> None:
    async with a_road() as road:
        for url in ("nonsense", "ftp://127.0.0.1/"):
            with pytest.raises(ValueError, match=r"URL|builder"):
                await road.post(url, headers={}, body=b"")


def test_what_a_provider_says_is_kept_short_and_storable() -> None:
    assert Answer(400, body=b"no\n  \x00" + b"x" * 10_000).detail == "no " + "x" * 197
