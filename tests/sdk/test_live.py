"""The JavaScript client against a real hub: over each road, after a kill, with tokens that end."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import msgspec
import pytest

from hub.dev.ports import free_ports
from hub.settings import Settings
from hub.store import api_keys
from hub.store.postgres import Pool
from tests.encryption import VAULT
from tests.hub_process import Customer, running_hub
from tests.sdk.mortal_hub import killed_in_the_end
from tests.sdk.network import network
from tests.sdk.node import needs_node
from tests.sdk.page import Page, page

pytestmark = needs_node

CUTS = 8
SOCKETS, STREAMS = b"upgrade: websocket", b"get /sse"


async def test_what_is_sent_arrives_and_is_acknowledged(hub: Customer) -> None:
    async with page(hub) as ada:
        await ada.becomes("live", road="socket")
        sent = await hub.send("ada")
        await ada.gets([1])
        await hub.reaches(sent, "delivered")
        await ada.say("seen", [1])
        await hub.reaches(sent, "seen")
        await ada.say("readAll")
        await hub.reaches(sent, "read")
        await ada.shows([1], read=[1], unread=0)


@asynccontextmanager
async def two_pages_with_three_entries(hub: Customer) -> AsyncIterator[tuple[Page, Page]]:
    """Of ada's."""
    async with page(hub) as ada, page(hub) as elsewhere:
        await ada.becomes("live", road="socket")
        await elsewhere.becomes("live", road="socket")
        for _ in range(3):
            await hub.send("ada")
        await ada.gets([1, 2, 3])
        await elsewhere.gets([1, 2, 3])
        yield ada, elsewhere


async def test_what_is_read_elsewhere_is_read_here(hub: Customer) -> None:
    async with two_pages_with_three_entries(hub) as (ada, elsewhere):
        await elsewhere.say("read", [2])
        await ada.shows([3, 2, 1], read=[2], unread=2)


async def test_what_was_read_elsewhere_while_it_was_away_is_read_when_it_is_back(hub: Customer) -> None:
    async with page(hub) as ada:
        for _ in range(3):
            await hub.send("ada")
        await ada.gets([1, 2, 3])
        await ada.say("stop")
        await ada.becomes("offline")
        async with hub.online("ada") as elsewhere:
            await elsewhere.say("read", seqs=[2])
            await elsewhere.heard()
        await ada.say("start")
        await ada.shows([3, 2, 1], read=[2], unread=2)


async def test_what_is_archived_elsewhere_goes_here_and_comes_back(hub: Customer) -> None:
    async with two_pages_with_three_entries(hub) as (ada, elsewhere):
        await elsewhere.say("archive", [1, 3])
        await ada.shows([2], archived=[3, 1], read=[], unread=1)
        await ada.say("unarchive", [1])
        await elsewhere.shows([2, 1], archived=[3], read=[1], unread=1)


async def test_what_was_archived_elsewhere_while_it_was_away_is_gone_when_it_is_back(hub: Customer) -> None:
    async with page(hub) as ada, hub.online("ada") as elsewhere:
        for _ in range(3):
            await hub.send("ada")
        await ada.gets([1, 2, 3])
        await elsewhere.heard_entries(3)
        await ada.say("readAll")
        assert (await elsewhere.heard())["state"] == "read"
        await ada.say("stop")
        await ada.becomes("offline")
        await elsewhere.say("archive", seqs=[2])
        await elsewhere.heard()
        await ada.say("start")
        await ada.shows([3, 1], read=[3, 1], unread=0)
        await ada.say("moreArchived")
        await ada.shows([3, 1], archived=[2], read=[3, 1], unread=0)


async def test_a_first_visit_pages_back_from_the_newest(hub: Customer) -> None:
    sent = [await hub.send("ada") for _ in range(5)]
    async with page(hub, first="newest") as ada:
        await ada.becomes("live", road="socket")
        await ada.say("more", 2)
        await ada.shows([5, 4], read=[], unread=5)
        await hub.reaches(sent[3], "delivered")
        assert (await hub.status(sent[2]))[0]["state"] == "accepted"
        await ada.say("more", 10)
        await ada.shows([5, 4, 3, 2, 1], read=[], unread=5)
        await hub.send("ada")
        await ada.gets([6])


async def test_a_killed_hub_loses_nothing(settings: Settings, pool: Pool) -> None:
    [port] = free_ports(1)
    headers = {"Authorization": f"Bearer {await api_keys.create(pool, VAULT, 'test', 'admin')}"}
    async with AsyncExitStack() as lasting:
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers)
        customer = Customer(str(http.base_url), await lasting.enter_async_context(http))
        async with killed_in_the_end(settings, port):
            ada = await lasting.enter_async_context(page(customer))
            await ada.becomes("live", road="socket")
            before = [await customer.send("ada") for _ in range(3)]
            await ada.gets([1, 2, 3])
            await customer.reaches(before[2], "delivered")
        async with killed_in_the_end(settings, port):
            after = [await customer.send("ada") for _ in range(3)]
            await ada.gets([1, 2, 3, 4, 5, 6])
            await customer.reaches(after[2], "delivered")


@pytest.mark.parametrize(("broken", "road"), [((SOCKETS,), "events"), ((SOCKETS, STREAMS), "poll")])
async def test_a_network_that_breaks_sockets_is_got_around(hub: Customer, broken: tuple[bytes, ...], road: str) -> None:
    async with network(hub.url, *broken) as between, page(hub, url=between.url) as ada:
        await ada.becomes("live", road=road)
        sent = [await hub.send("ada") for _ in range(3)]
        await ada.gets([1, 2, 3])
        await hub.reaches(sent[2], "delivered")
        await ada.say("read", [2])
        await hub.reaches(sent[1], "read")
        async with hub.online("ada") as elsewhere:
            await elsewhere.say("read", seqs=[1])
            await hub.send("ada")
            await ada.gets([1, 2, 3, 4])
            await ada.shows([4, 3, 2, 1], read=[2, 1], unread=2)
            await elsewhere.say("archive", seqs=[1])
            await hub.send("ada")
            await ada.gets([1, 2, 3, 4, 5])
        while 1 in ada.has["seqs"]:
            await ada.hear()
        await ada.say("archive", [3])
        await ada.say("unarchive", [1])
        last = await hub.reaches(sent[2], "read")
        assert last["archived_at"]
        await ada.shows([5, 4, 2, 1], archived=[3], read=[2, 1], unread=2)


@pytest.mark.parametrize("road", ["socket", "events", "poll"])
async def test_whoever_looks_at_a_page_stops_the_push_that_nobody_looking_had_only_put_off(
    hub: Customer, pool: Pool, road: str
) -> None:
    due_in_s = "select extract(epoch from due_at - now())::float8 from entries where seq = 2"
    async with page(hub, roads=[road], focus="hidden") as ada:
        await ada.becomes("live", road=road)
        for _ in range(2):
            await hub.reaches(await hub.send("ada"), "delivered")
        assert 25 < await pool.fetchval(due_in_s) <= 30
        await ada.say("look", "visible")
        while await pool.fetchval("select count(due_at) from entries"):
            pass  # looking is the pause; the test's time limit is the deadline


async def test_a_network_that_is_healed_is_used(hub: Customer) -> None:
    async with (
        network(hub.url, SOCKETS) as between,
        page(hub, url=between.url, pace={"probe_ms": 100}) as ada,
    ):
        await ada.becomes("live", road="events")
        await hub.send("ada")
        await ada.gets([1])
        between.broken.clear()
        await ada.becomes("live", road="socket")
        last = await hub.send("ada")
        await ada.gets([1, 2])
        await hub.reaches(last, "delivered")
        assert "waiting" not in [state["name"] for state in ada.states[-3:]]


@pytest.mark.parametrize("broken", [(), (SOCKETS,), (SOCKETS, STREAMS)], ids=["socket", "events", "poll"])
async def test_whatever_is_cut_each_entry_arrives_once_and_in_order(hub: Customer, broken: tuple[bytes, ...]) -> None:
    async with network(hub.url, *broken) as between, page(hub, url=between.url) as ada:
        await ada.becomes("live", road=["socket", "events", "poll"][len(broken)])
        sent, cuts = [], 0
        while cuts < CUTS:
            sent += [await hub.send("ada") for _ in range(5)]
            cuts += between.cut() > 0
            sent += [await hub.send("ada") for _ in range(5)]
            await ada.gets(list(range(1, len(sent) + 1)))
        assert {(await hub.reaches(one, "delivered"))["seq"] for one in sent} == set(ada.arrived)


async def test_where_there_are_no_sockets_it_hears_events(hub: Customer) -> None:
    async with page(hub, sockets=False) as ada:
        await ada.becomes("live", road="events")
        assert [state["name"] for state in ada.states] == ["connecting", "catching up", "live"]


@pytest.mark.parametrize("broken", [(), (SOCKETS,)])
async def test_a_token_is_renewed_before_it_ends(settings: Settings, pool: Pool, broken: tuple[bytes, ...]) -> None:
    brief = msgspec.structs.replace(settings.user_tokens, token_ttl_s=2)
    async with (
        running_hub(msgspec.structs.replace(settings, user_tokens=brief), pool) as hub,
        network(hub.url, *broken) as between,
        page(hub, url=between.url) as ada,
    ):
        while ada.tokens < 3:
            await ada.hear()
        sent = await hub.send("ada")
        await ada.gets([1])
        await hub.reaches(sent, "delivered")
        # A stream cannot be told another token: it ends with its own, and the next one goes on.
        assert broken or [state["name"] for state in ada.states].count("live") == 1


async def test_a_token_of_another_hub_is_the_end(hub: Customer, settings: Settings, pool: Pool) -> None:
    foreign = msgspec.structs.replace(settings.user_tokens, token_secret="another secret of 32 characters.")
    async with (
        running_hub(msgspec.structs.replace(settings, user_tokens=foreign), pool) as other,
        page(other, url=hub.url) as ada,
    ):
        while not ada.states or ada.states[-1]["name"] != "stopped":
            await ada.hear()
        assert ada.states[-1]["code"] == 4500
