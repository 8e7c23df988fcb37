"""Revocations that are listed and undone: their tokens are good again, on every node and by every road."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import msgspec
import pytest

from hub.settings import Settings
from hub.store import revocations
from hub.store.postgres import Pool
from tests.hub_process import Customer, running_hub
from tests.security.revoking import WITHIN_S, Nodes, cluster, every_road_says, revoke, token_of, verdict


@pytest.fixture
async def nodes(settings: Settings, pool: Pool) -> AsyncIterator[Nodes]:
    async with cluster(settings, pool) as found:
        yield found


async def in_force(hub: Customer, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hub.http.get("/api/v1/revocations", params=query)).json()["revocations"]
    return found


async def undo(hub: Customer, revocation_id: str) -> int:
    return (await hub.http.delete(f"/api/v1/revocations/{revocation_id}")).status_code


async def test_what_was_undone_is_good_again_on_all_nodes_and_by_every_road(nodes: Nodes, pool: Pool) -> None:
    one, two, _ = nodes
    token = await token_of(one, "ada", session_id="laptop")
    token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
    for whose in ({"user_id": "ada"}, {"session_id": "laptop"}, {"token_id": token_id}):
        await revoke(one, **whose)
        for node in (one, two):
            async with asyncio.timeout(WITHIN_S):
                while await verdict(node, token) == "welcome":
                    pass
        [found] = await in_force(two)
        assert {found["kind"] + "_id": found["subject"]} == whose
        assert await undo(two, found["id"]) == 204
        for node in (one, two):
            async with asyncio.timeout(WITHIN_S):
                while await verdict(node, token) != "welcome":
                    pass
            assert await every_road_says(node, token) == {""}
        assert await undo(one, found["id"]) == 404
        assert await in_force(one) == []
    assert len((await revocations.since(pool, 0)).revocations) == 3  # a node that was away has to read them


async def test_it_is_undone_without_redis_and_stays_so(settings: Settings, pool: Pool) -> None:
    often = msgspec.structs.replace(settings, live=msgspec.structs.replace(settings.live, position_check_s=0.2))
    async with running_hub(often, pool) as hub:
        token = await hub.token("ada")
        async with hub.online("grace") as other:  # a node without connections asks for nothing
            await revoke(hub, user_id="ada")
            while await verdict(hub, token) == "welcome":
                pass
            [found] = await in_force(hub)
            assert await revocations.undo(pool, UUID(found["id"])) == {"user": "ada"}  # and its hint was lost
            async with asyncio.timeout(WITHIN_S):
                while await verdict(hub, token) != "welcome":
                    pass
            await other.leave()
    async with running_hub(settings, pool) as hub:
        assert await verdict(hub, token) == "welcome"


async def test_who_was_revoked_again_since_is_not_freed(nodes: Nodes) -> None:
    one, _, _ = nodes
    token = await one.token("ada")
    await revoke(one, user_id="ada")
    [seen] = await in_force(one)
    await revoke(one, user_id="ada")
    [now] = await in_force(one)
    assert (await undo(one, seen["id"]), await in_force(one)) == (404, [now])
    assert await every_road_says(one, token) == {"the user token was revoked"}


async def test_what_was_undone_leaves_nothing_to_the_next_revocation(nodes: Nodes, pool: Pool) -> None:
    one, _, _ = nodes
    await revoke(one, user_id="ada")
    [found] = await in_force(one)
    assert await undo(one, found["id"]) == 204
    before = datetime.now(UTC) - timedelta(hours=1)
    await revoke(one, user_id="ada", issued_before=before.isoformat())
    [found] = await in_force(one)
    assert datetime.fromisoformat(found["issued_before"]) == before
    await pool.execute("update revocations set forgotten_at = now()")
    assert (await in_force(one), await undo(one, found["id"])) == ([], 404)


async def test_of_those_who_undo_at_once_one_does(nodes: Nodes, pool: Pool) -> None:
    await revoke(nodes.one, user_id="ada")
    [found] = await in_force(nodes.one)
    said = await asyncio.gather(*(undo(node, found["id"]) for node in (nodes.one, nodes.two) * 3))
    assert sorted(said) == [204, *[404] * 5]
    assert (
        await pool.fetchval("select count(*) from audit where action = 'revocation.undone' and outcome = 'done'") == 1
    )


async def test_the_list_is_newest_first_a_page_at_a_time(hub: Customer) -> None:
    await revoke(hub, user_ids=["c", "a", "b"])
    await revoke(hub, session_id="laptop")
    await revoke(hub, user_id="a")
    found = []
    page: dict[str, Any] = {"next": None}
    while page == {"next": None} or page["next"] is not None:
        query = {"limit": 2} | ({"before": page["next"]} if page["next"] else {})
        page = (await hub.http.get("/api/v1/revocations", params=query)).raise_for_status().json()
        found += [(one["kind"], one["subject"]) for one in page["revocations"]]
    assert found == [("user", "a"), ("session", "laptop"), ("user", "c"), ("user", "b")]
    for query in ({"before": "x"}, {"before": "WzEsMl0"}, {"limit": 1001}):
        assert (await hub.http.get("/api/v1/revocations", params=query)).status_code == 422
    for nothing in ("x", "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"):
        assert await undo(hub, nothing) == 404
