"""The simulator as `hark dev` starts it."""

import asyncio
import re
import signal
import sys

import httpx


async def test_it_runs_as_a_module_and_stops_when_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "delivery.simulator", "--port", "0", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if running := re.search(rb"running on (\S+)", line):
                break
        async with httpx.AsyncClient() as http:
            health = await http.get(running[1].decode() + "/health") if running else None
    finally:
        process.send_signal(signal.SIGINT)
        await process.stderr.read()
        await process.wait()

    assert health is not None
    assert health.text == "ok"
