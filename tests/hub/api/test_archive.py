"""Archiving: out of the list, read, and still there; over a socket, over HTTP, and heard by the other devices."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from hub.store import archive
from hub.store.postgres import Pool
from jobs.rounds import Rounds
from tests.browser import Browser
from tests.device import device
from tests.hub_process import Customer

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]


async def listed(hub: Customer, **query: Any) -> dict[str, Any]:
    """The seqs of a page as the device asks for it, with what else the page says."""
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    answer = await hub.http.get("/api/v1/users/me/inbox", params={"before": 1000, **query}, headers=headers)
    page: dict[str, Any] = answer.raise_for_status().json()
    return page | {"entries": [entry["seq"] for entry in page["entries"]]}


async def say(hub: Customer, **receipts: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    answer = await hub.http.post("/api/v1/users/me/receipts", json=receipts, headers=headers)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


async def test_what_is_archived_leaves_the_list_and_counts_as_read(hub: Customer) -> None:
    sent = [await hub.send("ada") for _ in range(3)]
    async with hub.online("ada") as laptop, hub.online("ada") as phone:
        await laptop.say("archive", seqs=[2])
        told = {"t": "state", "state": "archived", "seqs": [2], "unread": 2, "head": 3, "archive_rev": 1}
        assert [await laptop.heard(), await phone.heard()] == [told, told]
    assert await listed(hub) == {"entries": [3, 1], "next": None, "head": 3, "unread": 2, "archive_rev": 1}
    assert (await listed(hub, archived="true"))["entries"] == [2]
    line = await hub.reaches(sent[1], "read")
    assert line["archived_at"] == line["read_at"] == line["seen_at"] == line["delivered_at"]


async def test_what_is_taken_back_is_in_the_list_again_and_stays_read(hub: Customer) -> None:
    sent = await hub.send("ada")
    async with hub.online("ada") as laptop, hub.online("ada") as phone:
        await laptop.say("archive", seqs=[1])
        await phone.heard()
        await phone.say("unarchive", seqs=[1])
        told = {"t": "state", "state": "unarchived", "seqs": [1], "unread": 0, "head": 1, "archive_rev": 2}
        assert await phone.heard() == told
    assert (await listed(hub))["entries"] == [1]
    assert (await listed(hub, archived="true"))["entries"] == []
    assert (await hub.reaches(sent, "read"))["archived_at"] is None


async def test_to_say_it_again_changes_nothing_and_is_answered(hub: Customer) -> None:
    await hub.send("ada")
    async with hub.online("ada") as laptop:
        for kind, rev in (("archive", 1), ("unarchive", 2)):
            heard = []
            for _ in range(2):
                await laptop.say(kind, seqs=[1, 7])
                heard.append(await laptop.heard())
            assert [frame["seqs"] for frame in heard] == [[1], []]
            assert {(frame["state"], frame["archive_rev"]) for frame in heard} == {(f"{kind}d", rev)}


async def test_over_plain_http_it_is_the_same(hub: Customer) -> None:
    for _ in range(2):
        await hub.send("ada")
    async with hub.online("ada") as phone:
        assert await say(hub, archive=[1, 2]) == {"unread": 0, "head": 2, "archive_rev": 1}
        assert (await phone.heard())["seqs"] == [1, 2]
        assert await say(hub, unarchive=[2]) == {"unread": 0, "head": 2, "archive_rev": 2}
        assert (await phone.heard())["state"] == "unarchived"
    assert ((await listed(hub))["entries"], (await listed(hub, archived="true"))["entries"]) == ([2], [1])


async def test_a_user_nobody_ever_wrote_to_may_say_so_too(hub: Customer) -> None:
    assert await say(hub, archive=[1], unarchive=[1]) == {"unread": 0, "head": 0}


async def test_who_comes_back_is_told_that_something_was_archived(hub: Customer) -> None:
    for _ in range(2):
        await hub.send("ada")
    await say(hub, read=[1, 2])
    async with hub.online("ada") as phone:
        await phone.say("archive", seqs=[1])
        await phone.heard()
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    async with device(hub.url, await hub.token("ada")) as socket:
        assert (await socket.heard())["archive_rev"] == 1
    async with hub.listening("ada", after="0") as page:
        entries = await page.heard_entries(2)
        assert [entry.get("archived", False) for entry in entries] == [True, False]
    poll = (await hub.http.get("/api/v1/users/me/inbox", params={"after": "0"}, headers=headers)).json()
    assert (poll["archive_rev"], [entry.get("archived") for entry in poll["entries"]]) == (1, [True, None])


async def test_support_sees_both_lists(hub: Customer) -> None:
    for _ in range(3):
        await hub.send("ada")
    await say(hub, archive=[1, 3])
    pages = [
        (await hub.http.get("/api/v1/users/ada/inbox", params=query)).json() for query in ({}, {"archived": "true"})
    ]
    assert [[entry["seq"] for entry in page["entries"]] for page in pages] == [[2], [3, 1]]
    assert [entry["archived"] for entry in pages[1]["entries"]] == [True, True]


async def test_an_archived_entry_that_is_withdrawn_is_in_neither_list(hub: Customer) -> None:
    sent = await hub.send("ada")
    await say(hub, archive=[1])
    (await hub.http.delete(f"/api/v1/notifications/{sent}")).raise_for_status()
    assert await say(hub, unarchive=[1]) == {"unread": 0, "head": 1, "archive_rev": 1}
    assert ((await listed(hub))["entries"], (await listed(hub, archived="true"))["entries"]) == ([], [])


async def test_archiving_stops_the_ladder(start_hub: StartHub, browser: Browser, pushing: Rounds, pool: Pool) -> None:
    async with start_hub(ack_deadline_s=0.2) as hub:
        await hub.register("ada", browser.subscription)
        ladder = [{"channels": ["push"], "after_s": 0.2, "if": "unread"}]
        archived, left = [await hub.send("ada", title, ladder=ladder) for title in ("archived", "left")]
        await archive.archive(pool, "ada", [1])
        await pushing_until(pushing, hub, left)
        [line] = await hub.status(archived)
        assert (line["state"], line["pushed_at"], line["attempts"]) == ("read", None, [])
        told = await hub.http.get(f"/api/v1/notifications/{archived}/explain", params={"user_id": "ada"})
        assert "the user archived it" in [one["what"] for one in told.json()["lines"]]
    assert len(await browser.heard()) == 1


async def pushing_until(pushing: Rounds, hub: Customer, sent: str) -> None:
    """The worker works until this one is pushed."""
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(pushing.serve())
        await hub.reaches(sent, "pushed")
        working.cancel()
