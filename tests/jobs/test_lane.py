"""A provider that is down, or refuses our key, is left alone; the entries wait and nobody's session is lost."""

import asyncpg
import httpx
from asyncpg import Record
from prometheus_client import REGISTRY

from delivery.breaker import JUDGED, REFUSALS
from delivery.outcome import Accepted, Unavailable
from jobs.lane import BACK_PER_S, Lane
from tests.browser import Browser, subscribe
from tests.due_engine import Engine
from tests.hub_process import Customer

_WAITS_S = "select extract(epoch from due_at - now())::float8 from entries where user_id = $1"


def stopped() -> float | None:
    return REGISTRY.get_sample_value("hark_channel_stopped", {"channel": "webpush", "app": ""})


async def of_users(hub: Customer, http: httpx.AsyncClient, count: int) -> list[Browser]:
    browsers = [await subscribe(http) for _ in range(count)]
    for number, browser in enumerate(browsers):
        await hub.register(f"user-{number}", browser.subscription)
    return browsers


async def test_nobody_is_pushed_to_before_the_provider_said(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    first, second = await of_users(hub, http, 2)
    await first.meets(status=503, retry_after_s=30)
    await hub.send("user-0")
    await engine.run()
    sent = await hub.send("user-1")
    await engine.run()

    assert await second.heard() == []
    assert 25 < await pool.fetchval(_WAITS_S, "user-1") <= 33
    assert (await hub.status(sent))[0]["attempts"] == []  # waiting uses none up
    assert stopped() == 1


async def test_those_who_wait_come_again_one_after_the_other() -> None:
    lane = Lane("webpush", "shop")
    await lane.enter()
    lane.leave(Unavailable("http_503", retry_after_s=30))
    waits = [await lane.enter() for _ in range(BACK_PER_S)]

    assert 29 < waits[0] <= 30
    assert 0.5 < waits[-1] - waits[0] <= 1  # less what it took to ask
    assert waits == sorted(waits)


async def test_nobody_waits_behind_those_of_an_outage_that_is_over() -> None:
    lane = Lane("webpush", "shop")
    for _ in range(2):
        await lane.enter()
    lane.leave(Unavailable("http_503", retry_after_s=30))
    assert await lane.enter() > 29
    lane.leave(Accepted("id"))
    assert await lane.enter() == 0
    lane.leave(Unavailable("http_503", retry_after_s=5))

    assert await lane.enter() <= 5


async def test_a_refused_key_stops_the_channel_and_keeps_every_session(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    browsers = await of_users(hub, http, REFUSALS + 1)
    for number, browser in enumerate(browsers):
        await browser.meets(status=401)
        await hub.send(f"user-{number}")
        await engine.run()

    assert await pool.fetchval("select count(*) from attempts") == REFUSALS
    assert 50 < await pool.fetchval(_WAITS_S, f"user-{REFUSALS}") <= 66
    assert await pool.fetchval("select count(*) from sessions where state = 'active'") == REFUSALS + 1
    assert stopped() == 1


async def test_when_half_of_all_tokens_die_at_once_their_sessions_are_kept(
    hub: Customer, http: httpx.AsyncClient, engine: Engine, pool: "asyncpg.Pool[Record]"
) -> None:
    count = JUDGED // 2 + 20
    browsers = await of_users(hub, http, count)
    for browser in browsers:
        await browser.unsubscribe()
    for number in range(count):
        await hub.send(f"user-{number}")
    await engine.run()

    assert await pool.fetchval("select count(*) from attempts where outcome = 'gone'") == count
    assert await pool.fetchval("select count(*) from sessions where state = 'gone'") == JUDGED // 2
