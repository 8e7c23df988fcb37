"""Invariant 6: fan-out never awaits a socket and holds no per-client queue. Who does not read is skipped, and fed from
the store when it reads again."""

import asyncio

from tests.hub_process import Customer

MEGABYTES = 12  # more than the kernel takes for a client that reads nothing
BIG = "x" * 7500


async def test_a_client_that_reads_nothing_delays_no_one_and_misses_nothing(hub: Customer) -> None:
    sends = MEGABYTES * 1_000_000 // (len(BIG) * 4)
    async with hub.online("ada", cursor="0") as quick, hub.online("ada", cursor="0") as stuck:
        stuck.stop_reading()
        heard = asyncio.create_task(quick.heard_entries(sends))
        for start in range(0, sends, 20):
            await asyncio.gather(
                *(hub.send("ada", message=BIG, data={"more": [BIG] * 3}) for _ in range(start, min(start + 20, sends)))
            )
        entries = await heard
        assert [entry["seq"] for entry in entries] == list(range(1, sends + 1))

        stuck.read_on()
        late = await stuck.heard_entries(sends)
        assert [entry["seq"] for entry in late] == list(range(1, sends + 1))
