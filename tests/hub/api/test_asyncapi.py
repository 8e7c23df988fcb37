"""`/asyncapi.json` says what goes over a socket, in both directions, and over an event stream."""

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import asyncpg
import msgspec
import pytest
from asyncpg import Record
from jsonschema import Draft202012Validator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hub.cursor import cursor_at
from hub.ids import uuid7
from hub.live import frames, server_sent
from hub.live.hub_frames import Closed, HubFrame, Msg, MsgPage
from hub.notification import Entry, entry_json
from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.hub_process import Customer
from tests.openapi import Document

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
COPY = Path(__file__).parents[3] / "docs" / "asyncapi.json"
PROTOCOL = COPY.with_name("protocol.md")


@pytest.fixture
def document() -> Document:
    return Document(msgspec.json.decode(COPY.read_bytes()))


def _said(document: Document, operation: str) -> dict[str, list[str]]:
    """The messages of an operation, by their `t`."""
    found: dict[str, list[str]] = {}
    for reference in document.content["operations"][operation]["messages"]:
        name = reference["$ref"].rpartition("/")[2]
        found.setdefault(document.content["components"]["messages"][name]["name"], []).append(name)
    return found


class _Witness:
    """A device that holds each frame, its own and the hub's, to the document."""

    def __init__(self, socket: ClientConnection, document: Document) -> None:
        self._socket = socket
        self._document = document
        self.said: set[str] = set()
        self.heard: list[str] = []

    async def say(self, kind: str, **fields: Any) -> None:
        frame = {"t": kind, **fields}
        self._hold("hear", frame)
        self.said.add(kind)
        await self._socket.send(msgspec.json.encode(frame).decode())

    async def hears(self, kind: str) -> dict[str, Any]:
        """Waits until the hub has said this."""
        while True:
            frame: dict[str, Any] = msgspec.json.decode(await self._socket.recv())
            name = self._hold("say", frame)
            self.heard.append(name)
            if frame["t"] == "ping":
                with contextlib.suppress(ConnectionClosed):  # the hub may have left meanwhile
                    await self.say("pong")
            if kind in {frame["t"], name}:
                return frame

    def _hold(self, operation: str, frame: dict[str, Any]) -> str:
        """The message that a frame is."""
        names = _said(self._document, operation)[frame["t"]]
        name = "MsgPage" if len(names) > 1 and "entries" in frame else names[0]
        self._document.validate(frame, "components", "messages", name, "payload")
        return name


@contextlib.asynccontextmanager
async def _witness(hub: Customer, document: Document, **hello: Any) -> AsyncIterator[_Witness]:
    token = await hub.http.post("/api/v1/tokens", json={"user_id": "ada", "topics": ["news"]})
    url = hub.url.replace("http", "ws", 1) + "/ws"
    async with connect(url, subprotocols=["hark.v1"], ping_interval=None, close_timeout=1) as socket:  # type: ignore[list-item]
        witness = _Witness(socket, document)
        await witness.say("hello", token=token.json()["token"], **hello)
        await witness.hears("welcome")
        yield witness


async def test_the_committed_copy_is_what_a_hub_serves(hub: Customer) -> None:
    served = await hub.http.get("/asyncapi.json", headers={"Authorization": ""})
    assert served.content == COPY.read_bytes(), "curl -s $URL/asyncapi.json > docs/asyncapi.json"


def test_no_frame_is_missing(document: Document) -> None:
    hub_says = {frame.__struct_config__.tag for frame in get_args(HubFrame)}
    assert set(_said(document, "hear")) == {frame.__struct_config__.tag for frame in get_args(frames.ClientFrame)}
    assert set(_said(document, "say")) == hub_says - {"close"}
    assert set(_said(document, "stream")) == hub_says
    told = {*_said(document, "hear"), *hub_says}
    assert told == set(re.findall(r'\{"t":"(\w+)"', PROTOCOL.read_text())), "docs/protocol.md tells of others"


def test_its_schemas_are_schemas(document: Document) -> None:
    for schema in document.content["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_every_frame_of_a_session_is_as_it_says(
    start_hub: StartHub, pool: "asyncpg.Pool[Record]", document: Document
) -> None:
    async with contextlib.AsyncExitStack() as pages:
        async with start_hub(ping_s=0.2, drain_s=0.1) as hub:
            for title in ("one", "two", "three"):
                await hub.send("ada", title, data={"order": 42})
            await pool.execute("update entries set expires_at = now() where seq = 2")
            one = await pages.enter_async_context(_witness(hub, document, cursor="9-00000000", focus="visible"))
            for expected in ("reset", "MsgPage", "gap", "MsgPage", "ping"):
                await one.hears(expected)
            await one.say("ack", seq=3)
            await one.hears("ack_ok")
            cancelled = await hub.send("ada", "four")
            await one.hears("Msg")
            await one.say("seen", seqs=[1])
            await one.hears("state")
            await one.say("read", through=3)
            await one.hears("state")
            for kind in ("archive", "unarchive"):
                await one.say(kind, seqs=[3])
                await one.hears("state")
            await hub.http.delete(f"/api/v1/notifications/{cancelled}")
            await one.hears("state")
            await one.say("join", topic="news")
            await one.hears("joined")
            await hub.http.post("/api/v1/topics/news/live", json={"data": [1, None]})
            await one.hears("live")
            await one.say("leave", topic="news")
            await one.say("focus", state="idle")
            await one.say("refresh", token=_nearly_over("ada"))
            await one.hears("refresh_needed")
            await one.say("refresh", token=await hub.token("ada"))
            await one.say("join", topic="secret")
            await one.hears("error")
        await one.hears("reconnect")
        with contextlib.suppress(ConnectionClosed):
            await one.hears("nothing more")
    assert one.said == set(_said(document, "hear"))
    assert set(one.heard) == {name for names in _said(document, "say").values() for name in names}


def _nearly_over(user_id: str) -> str:
    settings = UserTokenSettings(token_secret="a secret of at least 32 characters")
    return UserTokens(settings).mint(user_id, (), now=datetime.now(UTC) - timedelta(seconds=settings.token_ttl_s - 20))


async def test_every_event_of_a_stream_is_as_it_says(start_hub: StartHub, document: Document) -> None:
    async with contextlib.AsyncExitStack() as pages:
        async with start_hub(drain_s=0.1) as hub:
            await hub.send("ada")
            page = await pages.enter_async_context(hub.listening("ada", after="0"))
            heard = [await page.heard()]
        with contextlib.suppress(EOFError):
            while True:
                heard.append(await page.heard())
    for frame in heard:
        name = "MsgPage" if "entries" in frame else _said(document, "stream")[frame["t"]][0]
        document.validate(frame, "components", "messages", name, "payload")
    assert [frame["t"] for frame in heard] == ["msg", "reconnect", "close"]


def test_what_is_written_for_speed_is_what_the_structs_say() -> None:
    found = uuid7()
    entry = Entry(
        seq=7,
        id=found,
        title="ü",
        message="",
        data=msgspec.Raw(b'{"a":1}'),
        priority="high",
        created_at=datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
        cursor=str(cursor_at(7, found)),
        read=True,
    )
    fields = {name: getattr(entry, name) for name in Entry.__struct_fields__}
    assert frames.msg(entry_json(entry)) == msgspec.json.encode(Msg(**fields))
    assert frames.msg_page([entry_json(entry)] * 2) == msgspec.json.encode(MsgPage([entry, entry]))
    assert msgspec.json.encode(Closed(4000, "drain")) == server_sent.CLOSE % (4000, b"drain")
