"""The webhook engine: events are told to real endpoints, however they behave, and whatever dies."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime

import asyncpg
import pytest
from asyncpg import Record

from hub.store import webhook_events
from hub.vault import Vault
from jobs import metrics
from jobs.rounds import Rounds
from jobs.sweep import EVENTS_KEPT
from jobs.webhooks import AT_ONCE, LEASE
from tests.hub_process import Customer
from tests.receiver import Receiver, receiver
from tests.webhook_engine import Webhooks, delivered, later, waits, webhook_engine


async def test_the_back_end_hears_that_it_was_delivered(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    sent = await delivered(hub, pool, "björn")
    await webhooks.run()
    [call] = endpoint.calls
    event = call.verified(made["secret"])
    assert event["type"] == "notification.delivered"
    assert event["data"] == {"notification_id": sent, "user_id": "björn", "seq": 1}
    acked_at = await pool.fetchval("select acked_at from entries")
    assert datetime.fromisoformat(event["timestamp"]) == acked_at
    assert await waits(pool) == []
    shown = await hub.webhook(made["id"])
    assert (shown["last_success_at"] is not None, shown["last_failure"], shown["failing_since"]) == (True, None, None)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (500, "500 Internal Server Error"),
        (302, "302 Found"),
        (404, "404 Not Found"),
        ("reset", "connection_lost"),
        ("hang", "timeout"),
    ],
)
async def test_what_was_not_taken_is_told_again_under_the_same_id(
    hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]", vault: Vault, answer: int | str, told: str
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.answers(answer)
    async with webhook_engine(pool, vault, deadline_s=0.3) as webhooks:
        await webhooks.run()
        [wait_s] = await waits(pool)
        assert 3 < wait_s <= 5.5
        shown = await hub.webhook(made["id"])
        assert shown["last_failure"]["answer"] == told
        assert shown["failing_since"] == shown["last_failure"]["at"]

        await later(pool)
        await webhooks.run()
    first, second = endpoint.calls
    assert (first.id, first.body) == (second.id, second.body)
    second.verified(made["secret"])
    shown = await hub.webhook(made["id"])
    assert (shown["failing_since"], shown["last_failure"]["answer"]) == (None, told)
    assert await waits(pool) == []


async def test_each_call_is_signed_as_of_its_own_time(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    await pool.execute("update webhook_events set created_at = created_at - interval '3 days'")  # much was in between
    await webhooks.run()
    endpoint.calls[0].verified(made["secret"])  # receivers refuse what is older than five minutes


async def test_the_waits_grow_and_retry_after_makes_them_longer(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.always(503)
    for low, high in ((4, 5.5), (299, 330), (1799, 1980)):
        await webhooks.run()
        [wait_s] = await waits(pool)
        assert low <= wait_s <= high
        await later(pool)
    endpoint.headers["Retry-After"] = "40000"
    await webhooks.run()
    [wait_s] = await waits(pool)
    assert 39_990 < wait_s <= 44_000


async def test_after_the_last_call_it_is_given_up(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.always(500)
    for _ in range(10):
        await webhooks.run()
        await later(pool)
    assert (len(endpoint.calls), await waits(pool)) == (10, [])
    assert (await hub.webhook(made["id"]))["state"] == "enabled"


async def test_who_is_gone_is_not_called_again_until_enabled(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.answers(410)
    disabled = metrics.webhooks_disabled.labels("gone")._value.get()
    await webhooks.run()
    shown = await hub.webhook(made["id"])
    assert (shown["state"], shown["disabled_reason"], shown["last_failure"]["answer"]) == (
        "disabled",
        "gone",
        "410 Gone",
    )
    assert metrics.webhooks_disabled.labels("gone")._value.get() == disabled + 1

    await delivered(hub, pool, "grace")  # nobody wants to know
    await later(pool)
    await webhooks.run()
    assert len(endpoint.calls) == 1

    await hub.http.patch(f"/api/v1/webhooks/{made['id']}", json={"enabled": True})
    await later(pool)
    await webhooks.run()
    first, second = endpoint.calls
    assert first.id == second.id


@pytest.mark.parametrize(("days", "state"), [("4 days 23 hours", "enabled"), ("5 days 1 hour", "disabled")])
async def test_five_days_without_a_success_disable_it(
    hub: Customer,
    endpoint: Receiver,
    webhooks: Webhooks,
    pool: "asyncpg.Pool[Record]",
    days: str,
    state: str,
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.always(500)
    await webhooks.run()
    await pool.execute("update webhooks set failing_since = now() - $1::text::interval", days)
    await later(pool)
    await webhooks.run()
    shown = await hub.webhook(made["id"])
    assert (shown["state"], shown["disabled_reason"]) == (state, "failing" if state == "disabled" else None)


async def test_enabled_again_its_failures_count_from_nothing(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.always(500)
    await pool.execute("update webhooks set failing_since = now() - interval '6 days'")
    await webhooks.run()
    await hub.http.patch(f"/api/v1/webhooks/{made['id']}", json={"enabled": True})
    await later(pool)
    await webhooks.run()
    assert (await hub.webhook(made["id"]))["state"] == "enabled"


async def test_what_an_old_url_answers_does_not_count_for_the_new_one(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]", vault: Vault
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    [claim] = await webhook_events.claim(pool, vault, {}, at_once=1, lease=LEASE)
    async with receiver() as elsewhere:
        await hub.http.patch(f"/api/v1/webhooks/{made['id']}", json={"url": elsewhere.url})
        gone = webhook_events.Fared(claim.webhook_id, claim.url, succeeded=False, failure="410 Gone", gone=True)
        assert await webhook_events.fared(pool, [gone], patience=LEASE) == []
        assert (await hub.webhook(made["id"]))["state"] == "enabled"
        await later(pool)
        await webhooks.run()
        assert (len(elsewhere.calls), endpoint.calls) == (1, [])


async def test_one_that_hangs_holds_up_no_other_and_has_so_many_calls_at_once(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    async with receiver() as slow:
        slow.always("hang")
        await hub.add_webhook(slow.url)
        await hub.add_webhook(endpoint.url)
        users = [f"user-{number}" for number in range(3 * AT_ONCE)]
        await delivered(hub, pool, *users)
        rounds = Rounds("webhooks", webhooks.take, interval_s=60)
        webhooks.on_room = rounds.wake
        rounds.wake()
        serving = asyncio.ensure_future(rounds.serve())
        await endpoint.heard(len(users))
        await slow.heard(AT_ONCE)
        assert len(slow.calls) == AT_ONCE
        slow.always(200)
        slow.let_go()
        await slow.heard(len(users))
        serving.cancel()
        await asyncio.wait([serving])
        for each in (slow, endpoint):
            assert len({call.id for call in each.calls}) == len(each.calls) == len(users)


async def test_what_nobody_will_hear_is_forgotten(
    hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]"
) -> None:
    deleted, off, on = [await hub.add_webhook(endpoint.url) for _ in range(3)]
    await delivered(hub, pool, "ada")
    await hub.http.delete(f"/api/v1/webhooks/{deleted['id']}")
    await hub.http.patch(f"/api/v1/webhooks/{off['id']}", json={"enabled": False})
    assert await webhook_events.forget(pool, kept=EVENTS_KEPT, limit=10) == 1
    await pool.execute("update webhook_events set created_at = created_at - interval '8 days'")
    assert await webhook_events.forget(pool, kept=EVENTS_KEPT, limit=10) == 1
    assert await pool.fetchval("select webhook_id::text from webhook_events") == on["id"]


async def test_an_address_that_became_forbidden_is_a_failure_like_others(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    await pool.execute("update webhooks set url = 'https://10.0.0.1/'")  # as a name may lead there one day
    await delivered(hub, pool, "ada")
    await webhooks.run()
    assert (await hub.webhook(made["id"]))["last_failure"]["answer"] == "address_not_allowed"


async def test_metrics_tell_what_is_due(hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]") -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada", "grace")
    text = (await hub.http.get("/metrics")).text
    assert "hark_webhooks_due 2.0" in text


async def test_retry_after_may_be_a_date(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.always(429)
    at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + 600, UTC)
    endpoint.headers["Retry-After"] = format_datetime(at, usegmt=True)
    await webhooks.run()
    [wait_s] = await waits(pool)
    assert 590 < wait_s <= 660
