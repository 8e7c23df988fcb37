"""Workers that tell events die, are slow, and share: nothing is lost, and nothing told twice but after a death."""

import asyncio
import os
import signal
import sys
from collections import Counter

import asyncpg
from asyncpg import Record

from hub.settings import Settings
from hub.store import webhook_events
from hub.store.webhook_events import Ended
from hub.vault import Vault
from jobs.webhooks import AT_ONCE, LEASE
from tests.hub_process import Customer
from tests.receiver import Receiver
from tests.webhook_engine import Webhooks, delivered, later, waits, webhook_engine


async def test_two_workers_share_what_is_due(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]", vault: Vault
) -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, *(f"user-{number}" for number in range(100)))
    async with webhook_engine(pool, vault) as other:
        await asyncio.gather(webhooks.run(), other.run())
    assert len(endpoint.calls) == len({call.id for call in endpoint.calls}) == 100
    assert await waits(pool) == []


async def test_what_a_dead_worker_had_in_hand_is_told_when_its_lease_ends(
    hub: Customer, endpoint: Receiver, webhooks: Webhooks, pool: "asyncpg.Pool[Record]"
) -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    endpoint.answers("hang")
    await webhooks.take()
    await endpoint.heard(1)
    await webhooks.drain(within_s=0)  # as good as dead: it writes nothing any more
    await webhooks.run()
    assert len(endpoint.calls) == 1  # its lease is not over
    [wait_s] = await waits(pool)
    assert 20 < wait_s <= 30

    await later(pool)
    await webhooks.run()
    first, second = endpoint.calls
    assert (first.id, await waits(pool)) == (second.id, [])


async def test_a_worker_whose_lease_is_over_changes_nothing(
    hub: Customer, endpoint: Receiver, pool: "asyncpg.Pool[Record]", vault: Vault
) -> None:
    await hub.add_webhook(endpoint.url)
    await delivered(hub, pool, "ada")
    [slow] = await webhook_events.claim(pool, vault, {}, at_once=1, lease=LEASE)
    await later(pool)
    [fast] = await webhook_events.claim(pool, vault, {}, at_once=1, lease=LEASE)
    assert (slow.id, slow.fence + 1) == (fast.id, fast.fence)
    await webhook_events.end(pool, [Ended(slow.id, slow.fence, None)])
    await webhook_events.end(pool, [Ended(slow.id, slow.fence, 3600.0)])
    [wait_s] = await waits(pool)
    assert wait_s <= 30
    await webhook_events.end(pool, [Ended(fast.id, fast.fence, None)])
    assert await waits(pool) == []


async def test_a_killed_worker_process_loses_no_event(
    hub: Customer, settings: Settings, endpoint: Receiver, pool: "asyncpg.Pool[Record]"
) -> None:
    made = await hub.add_webhook(endpoint.url)
    endpoint.always("hang")
    users = [f"user-{number}" for number in range(AT_ONCE)]
    await delivered(hub, pool, *users)
    worker = await _worker(settings)
    await endpoint.heard(len(users))
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    before = [call.id for call in endpoint.calls]

    endpoint.always(200)
    await later(pool)  # when the leases are over
    worker = await _worker(settings)
    calls = await endpoint.heard(2 * len(users))
    worker.send_signal(signal.SIGTERM)
    assert await worker.wait() == 0
    assert Counter(before) == Counter(call.id for call in calls[len(before) :])
    assert {call.verified(made["secret"])["data"]["user_id"] for call in calls[len(before) :]} == set(users)
    assert await waits(pool) == []


async def _worker(settings: Settings) -> asyncio.subprocess.Process:
    env = os.environ | {
        "HARK_DATABASE_URL": settings.hub.database_url,
        "HARK_REDIS_URL": settings.hub.redis_url,
        "HARK_TOKEN_SECRET": settings.user_tokens.token_secret,
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "HARK_WEBHOOK_HTTP": "true",
        "HARK_SWEEP_INTERVAL_S": "0.1",
        "HARK_LOG_LEVEL": "warning",
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "jobs", env=env)
