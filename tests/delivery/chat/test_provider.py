"""Through the real apprise, to a local server that speaks as a test says."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from delivery.chat.provider import Chat
from delivery.chat.settings import ChatSettings
from delivery.message import Target
from delivery.outcome import Accepted, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from tests.delivery.sample import PLAIN
from tests.delivery.servers import speaking

type_check: type[Provider] = Chat  # mypy holds the provider to its contract here

Build = Callable[..., Chat]


def answer(status: int) -> bytes:
    return f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


def urls(**by_name: str) -> ChatSettings:
    return ChatSettings(chat_services=msgspec.json.encode(by_name).decode())


def host(origin: str) -> str:
    return origin.removeprefix("http://")


class Listener:
    """A server that keeps what it hears, and answers once `hangs` is unset."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.began = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        self.heard.append(head + await reader.readexactly(int(length.partition(b":")[2])))
        self.began.set()
        await self.answers.wait()
        writer.write(answer(200))
        await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[str]:
    server = await asyncio.start_server(listener, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def build() -> AsyncIterator[Build]:
    built: list[Chat] = []

    def build(*, deadline_s: float = 10, calls: int = 4, **by_name: str) -> Chat:
        built.append(Chat(urls(**by_name), deadline_s=deadline_s, calls=calls))
        return built[-1]

    yield build
    for each in built:
        await each.aclose()


async def send(provider: Chat, address: str = "ada", service: str = "team", **changes: object) -> Outcome:
    return await provider.send(msgspec.structs.replace(PLAIN, **changes), Target("chat", address, service))


async def test_a_message_arrives_at_the_address_and_nowhere_else(build: Build) -> None:
    listener = Listener()
    async with listening(listener) as at:
        outcome = await send(build(team=f"json://{at}/of/{{target}}"), "@ada")

    [heard] = listener.heard
    head, _, body = heard.partition(b"\r\n\r\n")
    said = msgspec.json.decode(body)
    assert outcome == Accepted("")
    assert head.split(b" ")[1] in {b"/of/@ada", b"/of/%40ada"}
    assert (said["title"], said["message"]) == ("Shipped", "Your order is on its way")


async def test_a_chat_server_of_ones_own_is_spoken_to_in_its_protocol(build: Build) -> None:
    listener = Listener()
    async with listening(listener) as at:
        provider = build(ntfy=f"ntfy://{at}/{{target}}")
        outcomes = [await send(provider, "ada", "ntfy"), await send(provider, "@ada", "ntfy")]

    [heard] = listener.heard
    assert outcomes[0] == Accepted("")
    assert isinstance(outcomes[1], Rejected), "apprise drops this topic, and would go on without one"
    assert msgspec.json.decode(heard.partition(b"\r\n\r\n")[2])["topic"] == "ada"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (500, Unavailable("http_500", ambiguous=True)),
        (404, Unavailable("http_404")),
        (302, Unavailable("http_302")),
        (429, Throttled("http_429")),
    ],
)
async def test_a_service_that_refuses_is_tried_again(build: Build, status: int, outcome: Outcome) -> None:
    async with speaking(answer(status)) as origin:
        assert await send(build(team=f"json://{host(origin)}/{{target}}")) == outcome


async def test_a_service_that_is_away_is_unavailable(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert await send(build(team=f"json://127.0.0.1:{port}/{{target}}")) == Unavailable("not_sent", ambiguous=True)


async def test_one_that_hangs_holds_nobody_longer_than_the_deadline_and_no_other_service(build: Build) -> None:
    slow, quick = Listener(), Listener()
    slow.answers.clear()
    async with listening(slow) as at, listening(quick) as elsewhere:
        provider = build(
            deadline_s=1.0, calls=1, team=f"json://{at}/{{target}}", other=f"json://{elsewhere}/{{target}}"
        )
        first = asyncio.ensure_future(send(provider))
        await slow.began.wait()
        second = await send(provider)
        third = await send(provider, service="other")
        assert (await first, second, third) == (
            Unavailable("timeout", ambiguous=True),
            Unavailable("busy"),
            Accepted(""),
        )
        slow.answers.set()
    assert len(slow.heard) == 1


async def test_what_cannot_be_sent_to_is_refused_before_anything_is_sent(build: Build) -> None:
    provider = build(team="json://127.0.0.1:1/{target}", desk="json://127.0.0.1:1/desk")

    assert isinstance(await send(provider, "../admin"), Rejected)
    assert isinstance(await send(provider, ""), Rejected)
    assert isinstance(await send(provider, "ada", "desk"), Rejected)
    assert isinstance(await send(provider, title="", message=" "), Rejected)
    assert isinstance(await send(provider, service="nobody"), Misconfigured)


async def test_what_apprise_logs_stays_inside(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    async with speaking(answer(500)) as origin:
        with caplog.at_level(logging.DEBUG):
            await send(build(team=f"json://ada:secret@{host(origin)}/{{target}}"))

    assert not [record for record in caplog.records if record.name.startswith("apprise")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("/nowhere.json", "HARK_CHAT_SERVICES: neither"),
        ("{}", "HARK_CHAT_SERVICES: there is no service"),
        ('{"a": 1}', "HARK_CHAT_SERVICES: Expected `str`"),
        ('{"A": "json://h/{target}"}', "'A' is no name"),
        ('{"a": "json://{target}"}', "'a': the URL has {target} before its path"),
        ('{"a": "nosuch://token/{target}"}', "'a': apprise cannot use the URL"),
        ('{"a": "slack://token/{target}"}', "'a': apprise cannot use the URL"),
    ],
)
async def test_services_that_nobody_could_use_are_told_in_one_line_and_not_quoted(given: str, told: str) -> None:
    with pytest.raises(ValueError, match="HARK_CHAT") as wrong:
        Chat(ChatSettings(chat_services=given))

    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)
    assert "token" not in str(wrong.value)


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/{target}",
        "tgram://123456789:abcdefg_hijklmnop/{target}",
        "whatsapp://abcdefghijklmnop@12345678901234/{target}",
        "matrix://hark:secret@chat.example/{target}",
        "mmosts://chat.example/abcdefghijklmnopqrstuvwx?to={target}",
        "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz",
    ],
)
async def test_well_known_services_can_be_named(build: Build, url: str) -> None:
    assert isinstance(await send(build(team=url), "a,b"), Rejected)
