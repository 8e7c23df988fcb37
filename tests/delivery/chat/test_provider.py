"""Through the real apprise, to a local server that speaks as a test says."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from delivery.chat.provider import Chat
from delivery.chat.settings import ChatSettings
from delivery.message import Target
from delivery.outcome import Accepted, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from tests.delivery.chat.room import room
from tests.delivery.sample import PLAIN
from tests.delivery.servers import speaking

type_check: type[Provider] = Chat  # mypy holds the provider to its contract here

Build = Callable[..., Chat]
SECTION = Path("docs/delivery.md").read_text().partition("\n## Chat services\n")[2]
EXAMPLE = SECTION.partition("```json\n")[2].partition("```")[0]


def urls(**by_name: str) -> ChatSettings:
    return ChatSettings(chat_services=msgspec.json.encode(by_name).decode())


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
    async with room() as here:
        outcome = await send(build(team=f"json://{here.host}/of/{{target}}"), "@ada")

    [post] = here.posts
    assert outcome == Accepted("")
    assert post.path in {"/of/@ada", "/of/%40ada"}
    assert (post.said["title"], post.said["message"]) == ("Shipped", "Your order is on its way")


async def test_mattermost_is_spoken_to_in_its_protocol(build: Build) -> None:
    async with room() as here:
        outcome = await send(build(team=f"mmost://{here.host}/{'k' * 24}?to={{target}}"), "town-square")

    [post] = here.posts
    assert (outcome, post.path) == (Accepted(""), f"/hooks/{'k' * 24}")
    assert post.said["channel"] == "town-square"
    assert post.said["text"].split() == ["Shipped", *PLAIN.message.split()]
    assert b"github" not in post.body


async def test_gotify_has_a_single_place(build: Build) -> None:
    async with room() as here:
        outcome = await send(build(team=f"gotify://{here.host}/A23456789012345"), "")

    [post] = here.posts
    assert (outcome, post.path, post.said["message"]) == (Accepted(""), "/message", PLAIN.message)


async def test_an_address_that_apprise_would_drop_is_refused(build: Build) -> None:
    async with room() as here:
        provider = build(team=f"ntfy://{here.host}/{{target}}")
        taken, dropped = await send(provider, "ada"), await send(provider, "@ada")

    [post] = here.posts
    assert (taken, post.said["topic"]) == (Accepted(""), "ada")
    assert isinstance(dropped, Rejected)


@pytest.mark.parametrize("target", ["a..b", "a:b=c", "+verify=no", "-to=grace", "a@evil.example:1", "!to=a:b"])
async def test_an_address_stays_in_its_place_whatever_it_looks_like(build: Build, target: str) -> None:
    async with room() as here:
        provider = build(
            path=f"json://{here.host}/of/{{target}}?rto=3", query=f"mmost://{here.host}/{'k' * 24}?to={{target}}"
        )
        await send(provider, target, "path")
        in_path = unquote(here.posts.pop().path)
        await send(provider, target, "query")

    assert in_path == f"/of/{target}"
    assert [post.said["channel"] for post in here.posts] in ([], [target])


async def test_what_is_written_in_a_message_is_text_to_a_service_that_knows_html(build: Build) -> None:
    async with room() as here:
        provider = build(team=f"json://{here.host}/{{target}}?format=html")
        await send(provider, message="<b>bold</b> & {target}")

    assert here.posts[0].said["message"].replace("&nbsp;", " ") == "&lt;b&gt;bold&lt;/b&gt; &amp; {target}"


REFUSALS = [
    (500, Unavailable("http_500", ambiguous=True)),
    (503, Unavailable("http_503")),
    (429, Throttled("http_429")),
    (404, Rejected("http_404", "the service refused it")),
    (401, Misconfigured("http_401", "the service refuses the URL in HARK_CHAT_SERVICES")),
    (302, Misconfigured("http_302", "the service refuses the URL in HARK_CHAT_SERVICES")),
]


@pytest.mark.parametrize("url", ["json://{}/{{target}}", "mmost://{}/kkkkkkkkkkkkkkkkkkkkkkkk?to={{target}}"])
@pytest.mark.parametrize(("status", "outcome"), REFUSALS)
async def test_a_refusal_is_told_by_its_status(build: Build, url: str, status: int, outcome: Outcome) -> None:
    async with room() as here:
        here.statuses[""] = status
        assert await send(build(team=url.format(here.host))) == outcome

    assert len(here.posts) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("url", ["json://{}/{{target}}", "mmost://{}/kkkkkkkkkkkkkkkkkkkkkkkk?to={{target}}"])
async def test_nobody_is_followed_elsewhere(build: Build, url: str, status: int) -> None:
    async with room() as here, room() as elsewhere:
        here.statuses[""], here.location = status, f"http://{elsewhere.host}/"
        assert isinstance(await send(build(team=url.format(here.host))), Misconfigured)

    assert (len(here.posts), elsewhere.began.is_set()) == (1, False)


async def test_what_is_not_found_without_an_address_is_the_operators_mistake(build: Build) -> None:
    async with room() as here:
        here.statuses[""] = 404
        outcome = await send(build(team=f"gotify://{here.host}/A23456789012345"), "")

    assert isinstance(outcome, Misconfigured)


async def test_a_login_that_is_refused_after_which_nothing_is_sent(build: Build) -> None:
    async with room() as here:
        here.statuses["/login"] = 401
        outcome = await send(build(team=f"rocket://hark:secret@{here.host}/{{target}}"), "#ada")

    assert isinstance(outcome, Misconfigured)
    assert [post.path for post in here.posts] == ["/api/v1/login"]


async def test_a_service_that_is_away_is_unavailable(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert await send(build(team=f"json://127.0.0.1:{port}/{{target}}")) == Unavailable("not_sent", ambiguous=True)


async def test_a_service_that_hangs_up_is_unavailable(build: Build) -> None:
    async with speaking(b"") as origin:
        outcome = await send(build(team=f"json://{origin.removeprefix('http://')}/{{target}}"))

    assert outcome == Unavailable("not_sent", ambiguous=True)


async def test_one_that_hangs_holds_nobody_longer_than_the_deadline_and_no_other_service(build: Build) -> None:
    async with room() as slow, room() as quick:
        slow.answers.clear()
        provider = build(
            deadline_s=1.0, calls=1, team=f"json://{slow.host}/{{target}}", other=f"json://{quick.host}/{{target}}"
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

    assert len(slow.posts) == 1


async def test_messages_at_once_each_hear_their_own_answer(build: Build) -> None:
    async with room() as here:
        here.statuses = {f"/{number}": 400 + number for number in range(10, 18)}
        provider = build(calls=8, team=f"json://{here.host}/{{target}}")
        outcomes = await asyncio.gather(*(send(provider, str(number)) for number in range(10, 20)))

    assert [getattr(outcome, "code", "") for outcome in outcomes] == [
        *(f"http_{400 + number}" for number in range(10, 18)),
        "",
        "",
    ]


async def test_what_cannot_be_sent_to_is_refused_before_anything_is_sent(build: Build) -> None:
    provider = build(team="json://127.0.0.1:1/{target}", desk="json://127.0.0.1:1/desk")

    assert isinstance(await send(provider, "../admin"), Rejected)
    assert isinstance(await send(provider, ""), Rejected)
    assert isinstance(await send(provider, "ada", "desk"), Rejected)
    assert isinstance(await send(provider, title="", message=" "), Rejected)
    assert isinstance(await send(provider, service="nobody"), Misconfigured)


class _Lines(logging.Handler):
    """What our own logs would have."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


async def test_what_apprise_logs_stays_inside(build: Build) -> None:
    lines, root = _Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        async with room() as here:
            here.statuses[""] = 500
            await send(build(team=f"json://ada:secret@{here.host}/{{target}}"))
    finally:
        root.removeHandler(lines)
        root.setLevel(level)

    assert [name for name in lines.names if name.startswith(("apprise", "urllib3", "requests"))] == []


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


async def test_the_documents_example_can_be_used(build: Build) -> None:
    services = msgspec.json.decode(EXAMPLE, type=dict[str, str])
    provider = build(**services)

    assert [isinstance(await send(provider, "a,b", name), Rejected) for name in services] == [True] * 4
