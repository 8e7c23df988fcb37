"""Several devices of one user that archive, read and come and go as they like: in the end all show what the hub has."""

import random

import pytest

from tests.hub_process import Customer
from tests.sdk.network import network
from tests.sdk.node import needs_node
from tests.sdk.page import Page, page

pytestmark = needs_node

ENTRIES = 12
STEPS = 40
SOCKETS, STREAMS = b"upgrade: websocket", b"get /sse"


async def listed(hub: Customer, archived: str) -> list[int]:
    """The seqs that the hub has in a list, newest first."""
    answer = await hub.http.get("/api/v1/users/ada/inbox", params={"archived": archived, "limit": 200})
    return [entry["seq"] for entry in answer.raise_for_status().json()["entries"]]


async def does_something(hub: Customer, devices: list[Page], chance: random.Random) -> None:
    device = chance.choice(devices)
    seqs = chance.sample(range(1, ENTRIES + 1), chance.randint(1, 3))
    match chance.choice(["send", "read", "archive", "archive", "unarchive", "unarchive", "stop", "start", "start"]):
        case "send":
            await hub.send("ada")
        case "stop" | "start" as way:
            await device.say(way)
        case mark:
            await device.say(mark, seqs)


async def shows_what_the_hub_has(hub: Customer, device: Page) -> None:
    await device.say("start")
    while device.has["seqs"] != await listed(hub, "false"):
        await device.hear()
    await device.say("moreArchived")
    while device.has["archived"] != await listed(hub, "true"):
        await device.hear()


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_they_do_they_show_the_same_in_the_end(hub: Customer, seed: int) -> None:
    chance = random.Random(seed)
    async with (
        network(hub.url, SOCKETS, STREAMS) as bad,
        page(hub) as laptop,
        page(hub) as phone,
        page(hub, url=bad.url, pace={"poll_ms": 1000}) as tablet,
    ):
        devices = [laptop, phone, tablet]
        for _ in range(ENTRIES):
            await hub.send("ada")
        for device in devices:
            await device.gets([*range(1, ENTRIES + 1)])
        for _ in range(STEPS):
            await does_something(hub, devices, chance)
        for device in devices:
            await shows_what_the_hub_has(hub, device)
