"""`/sse`: the protocol as a client meets it that only listens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from asyncpg import Record

from hub.live.close_codes import CloseCode
from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.hub_process import Customer
from tests.listener import listener

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
BIG = "x" * 7500


async def test_what_was_missed_and_what_happens_come_in_order_once(hub: Customer) -> None:
    missed = [await hub.send("ada", f"number {number}") for number in range(300)]
    async with hub.listening("ada", "0") as page:
        entries = await page.heard_entries(300)
        assert [entry["id"] for entry in entries] == missed
        assert [entry["seq"] for entry in entries] == list(range(1, 301))
        await hub.send("ada", "and now live")
        live = await page.heard()
        assert (live["t"], live["seq"], live["title"]) == ("msg", 301, "and now live")


async def test_a_stream_that_broke_goes_on_after_its_last_event_id(hub: Customer) -> None:
    async with hub.listening("ada") as page:
        await hub.send("ada", "heard")
        await page.heard()
        last_event_id = page.last_event_id
    for title in ("missed", "missed too"):
        await hub.send("ada", title)
    for start in ({"after": last_event_id}, {"cursor": last_event_id}):  # the header; the query for who cannot set it
        async with hub.listening("ada", **start) as page:
            assert [entry["title"] for entry in await page.heard_entries(2)] == ["missed", "missed too"]


async def test_an_event_says_where_who_applied_it_stands(hub: Customer) -> None:
    await hub.send("ada", "one")
    second = await hub.send("ada", "two")
    async with listener(hub.url, await hub.token("ada"), "0") as page:
        welcome = await page.event()
        assert (welcome.kind, welcome.id, welcome.frame["cursor"]) == ("welcome", "0", "0")
        history = await page.event()
        assert (history.kind, len(history.frame["entries"])) == ("msg", 2)
        assert history.id == history.frame["entries"][-1]["cursor"] == f"2-{second[-8:]}"
        await hub.send("ada", "three")
        live = await page.event()
        assert (live.kind, live.id) == ("msg", live.frame["cursor"])


async def test_a_client_that_heard_nothing_yet_resumes_from_its_welcome(hub: Customer) -> None:
    await hub.send("ada", "old")
    async with hub.listening("ada") as page:
        last_event_id = page.last_event_id
    await hub.send("ada", "missed")
    async with hub.listening("ada", last_event_id) as page:
        assert (await page.heard_entries(1))[0]["title"] == "missed"


async def test_a_cursor_of_another_history_is_answered_with_reset_and_everything(hub: Customer) -> None:
    await hub.send("ada", "one")
    async with hub.listening("ada", "9-00000000") as page:
        assert await page.heard() == {"t": "reset", "head": 1}
        assert [entry["title"] for entry in await page.heard_entries(1)] == ["one"]


async def test_expired_entries_are_a_gap(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    for _ in range(3):
        await hub.send("ada")
    await pool.execute("update entries set expires_at = now() where seq < 3")
    async with hub.listening("ada", "0") as page:
        assert await page.heard() == {"t": "gap", "from": 1, "to": 2}
        assert [entry["seq"] for entry in await page.heard_entries(1)] == [3]


async def test_a_line_break_in_a_senders_json_ends_no_event(hub: Customer) -> None:
    body = b'{"user_id":"ada","title":"two\\nlines","data":{"a":\r\n\n1}}'
    async with hub.listening("ada") as page:
        await hub.http.post("/api/v1/notifications", content=body, headers={"Content-Type": "application/json"})
        entry = await page.heard()
        assert (entry["title"], entry["data"]) == ("two\nlines", {"a": 1})


async def test_a_stream_and_a_socket_of_one_user_hear_the_same(hub: Customer) -> None:
    async with hub.online("ada") as phone, hub.listening("ada") as page:
        await hub.send("ada")
        assert await phone.heard() == await page.heard()
        await phone.say("read", through=1)
        assert await phone.heard() == await page.heard()


async def test_a_client_that_stops_reading_delays_no_one_is_fed_later_and_misses_nothing(hub: Customer) -> None:
    before = await _metric(hub.http, "hark_caught_up_total")
    async with hub.listening("ada") as stuck, hub.listening("ada") as quick:
        heard = asyncio.create_task(quick.heard_entries(100))
        for _ in range(5):  # 3 MB, to one who reads nothing until all of it was sent
            await asyncio.gather(*(hub.send("ada", message=BIG, data={"more": [BIG] * 3}) for _ in range(20)))
        assert [entry["seq"] for entry in await heard] == list(range(1, 101))
        late = await stuck.heard_entries(100)
        assert [entry["seq"] for entry in late] == list(range(1, 101))
    assert await _metric(hub.http, "hark_caught_up_total") > before  # nobody kept them for it


async def test_a_client_that_leaves_its_full_stream_unread_is_dropped(start_hub: StartHub) -> None:
    async with start_hub(stall_deadline_s=0.5) as hub:
        before = await _connections(hub.http)
        async with hub.listening("ada") as stuck:
            await asyncio.gather(*(hub.send("ada", message=BIG, data={"more": [BIG] * 3}) for _ in range(50)))
            while await _connections(hub.http) != before:
                pass  # each look takes the hub a turn of its loop
            assert await stuck.closed() == 0  # without a word: it would wait behind what was not read


async def test_a_stream_is_pinged_and_needs_no_pong(start_hub: StartHub) -> None:
    async with start_hub(ping_s=0.1) as hub, hub.online("ada") as silent, hub.listening("ada") as page:
        await silent.closed()  # the socket's two pings are over
        await hub.send("ada", "for who listens")
        assert (await page.heard())["title"] == "for who listens"


async def test_a_token_that_ends_ends_the_stream(start_hub: StartHub) -> None:
    async with start_hub(ping_s=0.1) as hub:
        nearly_over = _token(age_s=3600 - 3)
        async with listener(hub.url, nearly_over) as page:
            heard = [await page.heard() for _ in range(3)]
            assert {frame["t"] for frame in heard[:2]} == {"welcome", "refresh_needed"}
            assert heard[2] == {"t": "close", "code": CloseCode.EXPIRED, "reason": "expired"}
            assert await page.closed() == 0


async def test_topics_are_heard_that_the_token_allows(hub: Customer) -> None:
    minted = await hub.http.post("/api/v1/tokens", json={"user_id": "ada", "topics": ["news", "sports"]})
    async with listener(hub.url, minted.json()["token"], topics="news,sports") as page:
        told = [await page.heard() for _ in range(3)]
        assert {frame["t"] for frame in told[:2]} <= {"welcome", "joined"}
        for number in range(50):
            await hub.http.post("/api/v1/topics/news/live", json={"data": number})
        heard = [await page.heard() for _ in range(50)]
        assert [frame["data"] for frame in heard] == list(range(50))


async def test_a_topic_the_token_does_not_allow_is_refused(hub: Customer) -> None:
    answer = await _ask(hub, token=await hub.token("ada"), query={"topics": "secrets"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "the user token does not allow the topic 'secrets'")


async def test_nothing_buffers_or_stores_a_stream_and_clients_come_back_spread_out(hub: Customer) -> None:
    async with hub.listening("ada") as page:
        headers = page.answer.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert 1000 <= page.retry_ms <= 5000


async def test_nothing_of_a_left_stream_stays(hub: Customer) -> None:
    before = await _connections(hub.http)
    async with hub.listening("ada"), hub.listening("ada"):
        assert await _connections(hub.http) == before + 2
    while await _connections(hub.http) != before:
        pass  # each look takes the hub a turn of its loop


async def test_a_stopping_hub_sends_its_listeners_elsewhere(start_hub: StartHub) -> None:
    async with contextlib.AsyncExitStack() as pages:
        async with start_hub(drain_s=0.1) as hub:
            page = await pages.enter_async_context(hub.listening("ada"))
        assert await page.heard() == {"t": "reconnect", "after_ms": 0}
        assert await page.closed() == CloseCode.DRAIN


async def test_while_postgres_is_away_a_stream_is_told_to_come_back(start_hub: StartHub, hub: Customer) -> None:
    token = await hub.token("ada")
    async with (
        start_hub(database_url="postgresql://nobody@127.0.0.1:1/none") as lame,
        listener(lame.url, token) as page,
    ):
        assert (await page.heard())["code"] == "unavailable"
        assert await page.closed() == CloseCode.UNAVAILABLE


async def test_a_full_node_sends_listeners_elsewhere(start_hub: StartHub) -> None:
    async with start_hub(node_connections=1) as hub, hub.listening("ada"):
        answer = await _ask(hub, token=await hub.token("ada"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (None, "expected Authorization: Bearer with a user token"),
        ("nonsense", "not a valid user token"),
        ("EXPIRED", "the user token has expired"),
    ],
)
async def test_without_a_good_token_there_is_no_stream(hub: Customer, token: str | None, told: str) -> None:
    answer = await _ask(hub, token=_token(age_s=7200) if token == "EXPIRED" else token)
    assert (answer.status_code, answer.json()["detail"]) == (401, told)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("header", "query", "path"), [("nonsense", {}, "Last-Event-ID"), (None, {"cursor": "1"}, "cursor")]
)
async def test_a_cursor_no_hub_gave_out_is_refused(
    hub: Customer, header: str | None, query: dict[str, str], path: str
) -> None:
    answer = await _ask(hub, token=await hub.token("ada"), query=query, last_event_id=header)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_what_a_client_sends_behind_its_request_is_not_read(hub: Customer) -> None:
    before = await _connections(hub.http)
    head = f"GET /sse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {await hub.token('ada')}\r\n\r\n"
    async with _raw(hub) as (reader, writer):
        writer.write(head.encode() + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /heal")
        await reader.readuntil(b"event: welcome")
        await hub.send("ada", "still here")
        writer.write(b"th HTTP/1.1\r\n\r\n")
        assert b"alive" not in await reader.readuntil(b"still here")
    while await _connections(hub.http) != before:
        pass  # each look takes the hub a turn of its loop


async def test_a_client_that_has_nothing_more_to_say_has_left(hub: Customer) -> None:
    before = await _connections(hub.http)
    head = f"GET /sse HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {await hub.token('ada')}\r\n\r\n"
    async with _raw(hub) as (reader, writer):
        writer.write(head.encode())
        await reader.readuntil(b"event: welcome")
        writer.write_eof()
        await reader.read()
        assert await _connections(hub.http) == before


async def test_only_get_opens_a_stream(hub: Customer) -> None:
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    for method in ("HEAD", "POST"):
        assert (await hub.http.request(method, "/sse", headers=headers)).status_code == 405


def _token(*, age_s: float) -> str:
    tokens = UserTokens(UserTokenSettings(token_secret="a secret of at least 32 characters"))
    return tokens.mint("ada", (), now=datetime.now(UTC) - timedelta(seconds=age_s))


async def _ask(
    hub: Customer, *, token: str | None, query: dict[str, Any] | None = None, last_event_id: str | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}" if token else ""}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    return await hub.http.get("/sse", headers=headers, params=query or {})


@contextlib.asynccontextmanager
async def _raw(hub: Customer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = hub.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield reader, writer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _connections(http: httpx.AsyncClient) -> float:
    return await _metric(http, "hark_connections")


async def _metric(http: httpx.AsyncClient, name: str) -> float:
    text = (await http.get("/metrics")).text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))
