"""`/ws`: the protocol as a client meets it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest
from asyncpg import Record
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.live.close_codes import CloseCode
from sessions.user_tokens import UserTokens, UserTokenSettings
from tests.device import device
from tests.hub_process import Customer

ABNORMAL = 1006  # the socket went without a goodbye (RFC 6455 section 7.1.5)
StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def test_a_thousand_entries_missed_are_all_there_in_order_once(hub: Customer) -> None:
    async with hub.online("ada", cursor="0") as page:
        await hub.send("ada", "first")
        cursor = (await page.heard())["cursor"]
    sent = [await hub.send("ada", f"number {number}") for number in range(1000)]
    async with hub.online("ada", cursor=cursor) as page:
        entries = await page.heard_entries(1000)
        assert [entry["id"] for entry in entries] == sent
        assert [entry["seq"] for entry in entries] == list(range(2, 1002))
        await hub.send("ada", "and now live")
        assert (await page.heard())["title"] == "and now live"


async def test_welcome_tells_where_the_inbox_and_the_client_stand(hub: Customer) -> None:
    first = await hub.send("ada")
    async with device(hub.url, await hub.token("ada")) as page:
        welcome = await page.heard()
        assert welcome == {
            "t": "welcome", "user": "ada", "head": 1, "unread": 1, "cursor": f"1-{first[-8:]}", "ping_s": 25.0,
        }  # fmt: skip


async def test_a_client_that_heard_nothing_yet_resumes_from_its_welcome(hub: Customer) -> None:
    await hub.send("ada", "old")
    async with device(hub.url, await hub.token("ada")) as page:
        cursor = (await page.heard())["cursor"]
    await hub.send("ada", "missed")
    async with hub.online("ada", cursor=cursor) as page:
        assert (await page.heard_entries(1))[0]["title"] == "missed"


async def test_a_cursor_of_another_history_is_answered_with_reset_and_everything(hub: Customer) -> None:
    await hub.send("ada", "one")
    await hub.send("ada", "two")
    for cursor in ("2-00000000", "9-00000000"):  # another entry there; further than the inbox goes
        async with hub.online("ada", cursor=cursor) as page:
            assert await page.heard() == {"t": "reset", "head": 2}
            assert [entry["title"] for entry in await page.heard_entries(2)] == ["one", "two"]


async def test_expired_entries_are_a_gap_and_not_a_loss(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    for number in range(1, 6):
        await hub.send("ada", f"number {number}")
    await pool.execute("update entries set expires_at = now() where seq in (2, 3, 5)")
    async with hub.online("ada", cursor="0") as page:
        assert [entry["seq"] for entry in await page.heard_entries(1)] == [1]
        assert await page.heard() == {"t": "gap", "from": 2, "to": 3}
        assert [entry["seq"] for entry in await page.heard_entries(1)] == [4]
        assert await page.heard() == {"t": "gap", "from": 5, "to": 5}


async def test_what_one_device_read_the_others_hear(hub: Customer) -> None:
    async with hub.online("ada") as laptop, hub.online("ada") as phone:
        await hub.send("ada")
        await laptop.heard()
        await phone.heard()
        await phone.say("read", through=1)
        state = {"t": "state", "state": "read", "seqs": [1], "unread": 0, "head": 1}
        assert await laptop.heard() == state
        assert await phone.heard() == state
    async with hub.online("ada", cursor="0") as page:
        [entry] = await page.heard_entries(1)
        assert (entry["seen"], entry["read"]) == (True, True)


async def test_an_ack_that_went_down_with_its_socket_is_said_again(hub: Customer) -> None:
    async with hub.online("ada", cursor="0") as page:
        sent = await hub.send("ada")
        cursor = (await page.heard())["cursor"]
    async with hub.online("ada", cursor=cursor) as page:
        await page.say("ack", seq=1, after=0)
        assert await page.heard() == {"t": "ack_ok", "seq": 1}
    assert (await hub.status(sent))[0]["state"] == "delivered"


async def test_a_mark_that_changes_nothing_is_answered_to_who_said_it(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await page.say("read", seqs=[1])
        assert await page.heard() == {"t": "state", "state": "read", "seqs": [], "unread": 0, "head": 0}
        await hub.send("ada")
        await page.heard()
        for seqs in ([1], []):
            await page.say("seen", seqs=[1])
            assert await page.heard() == {"t": "state", "state": "seen", "seqs": seqs, "unread": 1, "head": 1}


async def test_an_ack_said_too_early_or_too_far_is_no_reason_to_be_sent_away(hub: Customer) -> None:
    await hub.send("ada", "one")
    async with hub.online("ada", cursor="9-00000000") as page:  # ahead of a restored inbox
        await page.say("ack", seq=9)
        heard = [await page.heard() for _ in range(3)]
        assert sorted(frame["t"] for frame in heard) == ["ack_ok", "msg", "reset"]


async def test_a_silent_client_is_dropped_and_one_that_pongs_is_not(start_hub: StartHub) -> None:
    async with start_hub(ping_s=0.2) as hub, hub.online("ada") as alive, hub.online("ada") as silent:
        listening = asyncio.create_task(alive.heard())  # answers pings on the way
        assert await silent.closed() == ABNORMAL
        await hub.send("ada", "for the living")
        assert (await listening)["title"] == "for the living"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("nonsense", CloseCode.PROTOCOL),
        (b"\x00\x01", CloseCode.PROTOCOL),
        ('{"t":"ack","seq":1}', CloseCode.PROTOCOL),
        ('{"t":"hello"}', CloseCode.PROTOCOL),
        ('{"t":"hello","token":"x","extra":1}', CloseCode.PROTOCOL),
        ('{"t":"hello","token":"x"}', CloseCode.BAD_TOKEN),
        ('{"t":"hello","token":"TOKEN","cursor":"x"}', CloseCode.PROTOCOL),
        ('{"t":"hello","token":"EXPIRED"}', CloseCode.EXPIRED),
    ],
)
async def test_a_bad_hello_is_answered_with_the_reason_and_the_code(
    hub: Customer, expired: str, said: str | bytes, code: CloseCode
) -> None:
    async with device(hub.url) as page:
        if isinstance(said, str):
            said = said.replace("TOKEN", await hub.token("ada")).replace("EXPIRED", expired)
        await page.say_text(said)
        error = await page.heard()
        assert (error["t"], error["code"]) == ("error", code.name.lower())
        assert await page.closed() == code


@pytest.fixture
def expired() -> str:
    tokens = UserTokens(UserTokenSettings(token_secret="a secret of at least 32 characters"))
    return tokens.mint("ada", (), now=datetime.now(UTC) - timedelta(hours=2))


@pytest.mark.parametrize(
    "said",
    [
        "nonsense",
        "[1]",
        '{"t":"dance"}',
        '{"t":"ack"}',
        '{"t":"ack","seq":0}',
        '{"t":"ack","seq":"1"}',
        '{"t":"seen","seqs":[]}',
        '{"t":"read"}',
        '{"t":"read","seqs":[1],"through":1}',
        '{"t":"archive"}',
        '{"t":"archive","seqs":[]}',
        '{"t":"unarchive","seqs":[1],"through":1}',
        '{"t":"hello","token":"x"}',
        '{"t":"ack","seq":99999999999999999999}',
    ],
)
async def test_what_the_protocol_does_not_know_ends_the_connection_and_nothing_else(hub: Customer, said: str) -> None:
    async with hub.online("ada") as other, hub.online("ada") as page:
        await hub.send("ada")
        await page.heard()
        await page.say_text(said)
        error = await page.heard()
        assert (error["t"], error["code"]) == ("error", "protocol")
        assert await page.closed() == CloseCode.PROTOCOL
        await hub.send("ada")
        assert len(await other.heard_entries(2)) == 2


async def test_a_binary_message_is_no_frame_of_ours(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await page.say_text(b"\x00")
        assert await page.closed() == CloseCode.PROTOCOL


async def test_a_message_that_is_too_large_is_refused_by_its_size(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await page.say_text("x" * (64 * 1024 + 1))
        assert await page.closed() == 1009
    assert 'hark_closed_total{code="1009"}' in (await hub.http.get("/metrics")).text


async def test_no_hello_in_time(start_hub: StartHub) -> None:
    async with start_hub(hello_deadline_s=0.1) as hub, device(hub.url) as page:
        assert (await page.heard())["code"] == "no_hello"
        assert await page.closed() == CloseCode.NO_HELLO


async def test_a_token_is_refreshed_in_time_by_one_of_the_same_user_only(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await page.say("refresh", token=await hub.token("ada"))
        await hub.send("ada", "still here")
        assert (await page.heard())["title"] == "still here"
        await page.say("refresh", token=await hub.token("grace"))
        assert await page.closed() == CloseCode.BAD_TOKEN


async def test_while_postgres_is_away_a_hello_is_told_to_come_back(start_hub: StartHub, hub: Customer) -> None:
    token = await hub.token("ada")
    async with (
        start_hub(database_url="postgresql://nobody@127.0.0.1:1/none") as lame,
        device(lame.url, token) as page,
    ):
        assert (await page.heard())["code"] == "unavailable"
        assert await page.closed() == CloseCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("OWN", True),
        ("https://app.example", True),
        ("https://app.example.evil.example", False),
        ("https://evil-app.example", False),
        ("http://app.example", False),
        ("https://app.example:8443", False),
        ("null", False),
    ],
)
async def test_only_pages_of_known_origins_open_a_socket(
    start_hub: StartHub, origin: str | None, *, allowed: bool
) -> None:
    async with start_hub(allowed_origins=("https://app.example",)) as hub:
        asked = connect(
            f"{hub.url.replace('http', 'ws')}/ws",
            subprotocols=["hark.v1"],  # type: ignore[list-item]
            origin=hub.url if origin == "OWN" else origin,  # type: ignore[arg-type]
        )
        if allowed:
            async with asked as socket:
                assert socket.subprotocol == "hark.v1"
            return
        with pytest.raises(InvalidStatus) as refused:
            await asked
        assert refused.value.response.status_code == 403


async def test_without_the_subprotocol_there_is_no_socket(hub: Customer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{hub.url.replace('http', 'ws')}/ws")
    assert refused.value.response.status_code == 400


async def test_nothing_of_a_left_connection_stays(hub: Customer) -> None:
    before = await _connections(hub.http)
    async with hub.online("ada") as leaving, hub.online("ada") as vanishing:
        await leaving.leave()
        vanishing.vanish()
        while await _connections(hub.http) != before:
            pass  # each look takes the hub a turn of its loop


async def _connections(http: httpx.AsyncClient) -> float:
    text = (await http.get("/metrics")).text
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("hark_connections ")))
