"""The simulator as `hark dev` starts it."""

import asyncio
import re
import signal
import sys
from pathlib import Path

import httpx

from delivery.answer import Answer
from delivery.road import Road
from delivery.simulator.papers import Papers


async def test_it_runs_as_a_module_and_stops_when_interrupted(tmp_path: Path) -> None:
    ports = ("--port", "0", "--apns-port", "0", "--papers", str(tmp_path))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "delivery.simulator", *ports, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        said = b""
        while not (running := re.search(rb"APNs on (\S+)\n.*running on (\S+)\n", said)):
            said += await process.stderr.readline()
        apns_url, url = (found.decode() for found in running.groups())
        async with httpx.AsyncClient() as http:
            health = await http.get(url + "/health")
        road = Road(http2_only=True, extra_ca=Papers(tmp_path).apns_ca.read_bytes())
        apns = await road.post(apns_url, headers={}, body=b"")
        await road.aclose()
    finally:
        process.send_signal(signal.SIGINT)
        await process.stderr.read()
        await process.wait()

    assert health.text == "ok"
    assert isinstance(apns, Answer)
    assert apns.body == b'{"reason":"MissingProviderToken"}'
