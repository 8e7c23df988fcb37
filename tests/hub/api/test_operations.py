"""`/health`, `/ready`, `/metrics`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
from asyncpg import Record
from prometheus_client.parser import text_string_to_metric_families

from hub.live.close_codes import CloseCode
from tests.browser import Browser
from tests.device import device
from tests.due_engine import Engine
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def test_a_hub_is_alive_and_ready_and_asks_for_no_key(hub: Customer) -> None:
    for path in ("/health", "/ready", "/metrics"):
        assert (await hub.http.get(path, headers={"Authorization": ""})).status_code == 200
    ready = (await hub.http.get("/ready")).json()
    assert ready == {"status": "ready", "postgres": "ok", "migrations": "ok", "encryption": "ok", "redis": "ok"}


async def test_a_missing_migration_is_named(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await pool.execute("delete from migrations")
    answer = await hub.http.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing: 0001_first (run `hark migrate`)"


async def test_keys_that_are_not_the_databases_are_named(hub: Customer, pool: "asyncpg.Pool[Record]") -> None:
    await pool.execute("insert into encryption_keys (name, proof) values ('first', 'another')")
    answer = await hub.http.get("/ready")
    assert answer.status_code == 503
    told = "HARK_ENCRYPTION_KEYS: 'first' is another key than this database knows by that name"
    assert answer.json()["encryption"] == told


async def test_before_it_is_migrated_a_hub_lets_nobody_in_and_goes_on(
    start_hub: StartHub, pool: "asyncpg.Pool[Record]"
) -> None:
    await pool.execute("alter table revocation_state rename to not_yet")
    async with start_hub(position_check_s=0.1) as hub:
        async with device(hub.url, await hub.token("ada")) as page:
            assert await page.closed() == CloseCode.UNAVAILABLE
        await pool.execute("alter table not_yet rename to revocation_state")
        while (await _first_word(hub)) != "welcome":
            pass  # asking is the pause; the test's time limit is the deadline


async def _first_word(hub: Customer) -> str:
    async with device(hub.url, await hub.token("ada")) as page:
        return str((await page.heard())["t"])


async def test_without_postgres_a_hub_starts_and_says_so(start_hub: StartHub) -> None:
    async with start_hub(database_url="postgresql://nobody@127.0.0.1:1/none") as hub:
        answer = await hub.http.get("/ready")
        assert (answer.status_code, answer.json()["postgres"]) == (503, "away")
        assert (await hub.http.get("/health")).status_code == 200
        refused = await hub.http.post("/api/v1/notifications", json={"user_id": "ada", "title": "x"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


async def test_without_redis_a_hub_is_degraded_but_takes_notifications(start_hub: StartHub) -> None:
    async with start_hub(redis_url="redis://127.0.0.1:1") as hub:
        answer = await hub.http.get("/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (200, "degraded", "away")
        await hub.send("ada")


async def test_every_hop_is_counted(hub: Customer, browser: Browser, engine: Engine) -> None:
    before = await _metrics(hub)
    async with hub.online("ada") as page:
        assert (await _metrics(hub))["hark_connections"] == before["hark_connections"] + 1
        await hub.send("ada")
        await page.heard()
        await page.say("ack", seq=1)
        await page.heard()
    await hub.register("grace", browser.subscription)
    await hub.send("grace")
    assert (await _metrics(hub))["hark_due"] == 1
    await engine.run()
    after = await _metrics(hub)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert [grown[f"hark_{name}_total"] for name in ("accepted", "stored", "published", "written", "acked")] == [
        2, 2, 2, 1, 1,
    ]  # fmt: skip
    assert after["hark_due"] == 0
    assert after["hark_attempts_last_hour{channel=webpush,outcome=accepted}"] == 1
    for hop, times in (("accepted_to_stored", 2), ("published_to_written", 1), ("written_to_acked", 1)):
        assert grown[f"hark_hop_seconds_count{{hop={hop}}}"] == times


async def _metrics(hub: Customer) -> dict[str, float]:
    text = (await hub.http.get("/metrics")).text
    return {
        sample.name + _labels(sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f"{name}={value}" for name, value in sorted(labels.items())) + "}" if labels else ""
