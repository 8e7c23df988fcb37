"""Thousands of offline users and providers that fail one call in three: nobody is lost, and nobody's device by mistake.

3,000 users; HARK_TEST_USERS=10000 for the number in the name.
"""

import os
import resource
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from asyncpg import Record

from delivery.apns.provider import Apns
from delivery.apns.settings import ApnsSettings
from delivery.fcm.provider import Fcm
from delivery.fcm.settings import FcmSettings
from delivery.retry import MAX_ATTEMPTS
from delivery.webpush.provider import WebPush
from delivery.webpush.settings import WebPushSettings
from hub.vault import Vault
from jobs.audiences import AudienceEngine
from sessions.session import Platform
from tests.crowd import TOPIC, any_token, gather_crowd
from tests.due_engine import Engine, due_engine
from tests.hub_process import Customer

USERS = int(os.environ.get("HARK_TEST_USERS", "3000"))
DEADLINE_S = 4.0  # of a call; those that hang cost the test as much, all at the same time
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).isoformat()

# One push in three of a channel meets one of these. Of 503 and 429 there are more than of the rest, as in real life.
MANY = 10_000  # times, more than will be
_HANGS = {"hang_s": 600, "every": 40, "times": 8}  # at the beginning only, to be waited for once
_OF_EVERY: list[dict[str, Any]] = [
    {"status": 503, "every": 10},
    {"status": 500, "reason": "", "every": 20},
    {"status": 429, "retry_after_s": 30, "every": 12},
    {"accident": "reset", "every": 40},
    _HANGS,
]
FAULTS: dict[str, list[dict[str, Any]]] = {
    "apns": [
        {"status": 410, "reason": "Unregistered", "every": 40},
        {"status": 410, "reason": "ExpiredToken", "since": LONG_AGO, "every": 60},  # before it was registered again
        {"status": 403, "reason": "InvalidProviderToken", "every": 80},
        # One that ends the connection is met by all that are on it.
        {"accident": "half_body", "status": 500, "every": 150},
        {"accident": "goaway", "every": 150},
    ],
    "fcm": [
        {"status": 404, "reason": "UNREGISTERED", "every": 30},
        {"status": 401, "reason": "THIRD_PARTY_AUTH_ERROR", "every": 80},
        {"accident": "half_body", "status": 500, "every": 80},
    ],
    "webpush": [
        {"status": 410, "every": 30},
        {"status": 403, "reason": "", "every": 80},
        {"accident": "half_body", "status": 500, "every": 80},
    ],
}

_TIME_PASSES = """
update attempts set retry_at = now() where retry_at > now();
update entries set due_at = now() where due_at is not null
"""
_SOME_EXPIRE = "update entries set expires_at = now() where due_at is not null and user_id like '%5'"
_LEFT = "select count(*) from entries where due_at is not null"
_ENDS = """
select case when pushed_at is not null then 'pushed' else failure end as how, count(*) from entries
where due_at is null and (pushed_at is null) = (failed_at is not null) and (failed_at is null) = (failure is null)
group by 1
"""
_UNFINISHED = "select count(*) from attempts where finished_at is null"
_OUTCOMES = "select distinct outcome from attempts where channel = $1"
_ARRIVED = "select count(*) from attempts where channel = $1 and coalesce(code, '') <> 'connection_lost'"
_MOST_TRIES = """
select max(tries) from (
    select count(*) as tries from attempts where outcome <> 'misconfigured' group by user_id
) of_user
"""
_PUSHED = "select user_id from entries where pushed_at is not null order by random()"
_GONE = "select id from sessions where state = 'gone'"
_CALLED_GONE = "select distinct session_id from attempts where outcome = 'gone' and code <> 'ExpiredToken'"


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Both ends of a thousand connections are this process's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
async def _faults(http: httpx.AsyncClient) -> AsyncIterator[None]:
    for channel, own in FAULTS.items():
        for fault in [*own, *_OF_EVERY]:
            (await http.post("/faults", json={"channel": channel, "times": MANY} | fault)).raise_for_status()
    yield
    (await http.delete("/faults")).raise_for_status()


@pytest.fixture
async def impatient(
    pool: "asyncpg.Pool[Record]",
    vault: Vault,
    webpush_settings: WebPushSettings,
    apns_settings: ApnsSettings,
    fcm_settings: FcmSettings,
) -> AsyncIterator[Engine]:
    """An engine whose calls end sooner than usual."""
    providers = (
        WebPush(webpush_settings, deadline_s=DEADLINE_S),
        Apns(apns_settings, deadline_s=DEADLINE_S),
        Fcm(fcm_settings, deadline_s=DEADLINE_S),
    )
    async with due_engine(pool, vault, *providers) as made:
        yield made
    for provider in providers:
        await provider.aclose()


@pytest.mark.timeout(60 * max(1, USERS / 3000))
@pytest.mark.usefixtures("_many_files", "_faults")
async def test_whatever_providers_answer_every_entry_ends_and_only_dead_devices_are_given_up(
    hub: Customer,
    impatient: Engine,
    audience_engine: AudienceEngine,
    pool: "asyncpg.Pool[Record]",
    vault: Vault,
    simulator_url: str,
    http: httpx.AsyncClient,
) -> None:
    crowd = await gather_crowd(hub, pool, vault, USERS, push_service=simulator_url)
    answer = await hub.http.post("/api/v1/notifications", json={"topic": TOPIC, "title": "Sale"})
    await audience_engine.run()
    await pool.execute(_TIME_PASSES)
    await impatient.run()
    await pool.execute(_SOME_EXPIRE)
    while await pool.fetchval(_LEFT):
        await pool.execute(_TIME_PASSES)
        await impatient.run()

    ends = {row["how"]: row["count"] for row in await pool.fetch(_ENDS)}
    assert {"pushed", "gone", "expired"} <= ends.keys() <= {"pushed", "gone", "expired", "exhausted"}
    assert sum(ends.values()) == USERS
    await _is_told(hub, answer.json()["notification_id"], pushed=ends["pushed"])
    await _was_a_storm(pool, http)
    await _are_shown_it(pool, http, crowd)
    gone = set(await pool.fetch(_GONE))
    assert gone
    assert gone == set(await pool.fetch(_CALLED_GONE))


async def _is_told(hub: Customer, notification_id: str, *, pushed: int) -> None:
    """The sender's counts add up."""
    counts = (await hub.http.get(f"/api/v1/notifications/{notification_id}")).json()["counts"]
    assert (counts["planned"], counts["accepted"]) == (USERS, USERS)
    assert (counts["pushed"], counts["failed"]) == (pushed, USERS - pushed)


async def _was_a_storm(pool: "asyncpg.Pool[Record]", http: httpx.AsyncClient) -> None:
    """Of every channel's calls about a third met a fault, of each kind; nobody was tried more often than allowed."""
    waiting = (await http.get("/faults")).json()
    for channel, own in FAULTS.items():
        outcomes = {row["outcome"] for row in await pool.fetch(_OUTCOMES, channel)}
        assert outcomes == {"accepted", "gone", "throttled", "unavailable", "misconfigured"}
        met = [MANY - each["left"] for each in waiting if each["fault"]["channel"] == channel]
        assert len(met) == len(own) + len(_OF_EVERY) - 1  # those that hang are over
        assert min(met) > 0
        assert 0.25 < sum(met) / await pool.fetchval(_ARRIVED, channel) < 0.4
    assert await pool.fetchval(_UNFINISHED) == 0
    assert await pool.fetchval(_MOST_TRIES) <= MAX_ATTEMPTS


async def _are_shown_it(pool: "asyncpg.Pool[Record]", http: httpx.AsyncClient, crowd: dict[str, Platform]) -> None:
    """Whom the store calls pushed has it on the screen, and once, however many copies came. Some are asked."""
    pushed = [row["user_id"] for row in await pool.fetch(_PUSHED)]
    for user in pushed[:: len(pushed) // 100]:
        answer = await http.get("/shown", params={"token": any_token(user, crowd[user])})
        assert len(answer.json()) == 1
