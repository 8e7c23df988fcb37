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
    ports = ("--port", "0", "--apns-port", "0", "--smtp-port", "0", "--papers", str(tmp_path))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "delivery.simulator", *ports, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        said = b""
        while not (running := re.search(rb"mail server on (\S+)\nAPNs on (\S+)\nrunning on (\S+)\n", said)):
            said += await process.stderr.readline()
        smtp_place, apns_url, url = (found.decode() for found in running.groups())
        async with httpx.AsyncClient() as http:
            health = await http.get(url + "/health")
        road = Road(http2_only=True, extra_ca=Papers(tmp_path).apns_ca.read_bytes())
        apns = await road.post(apns_url, headers={}, body=b"")
        await road.aclose()
        reader, writer = await asyncio.open_connection(*smtp_place.split(":"))
        greeting = await reader.readline()
        writer.close()
    finally:
        process.send_signal(signal.SIGINT)
        await process.stderr.read()
        await process.wait()

    assert health.text == "ok"
    assert isinstance(apns, Answer)
    assert apns.body == b'{"reason":"MissingProviderToken"}'
    assert greeting == b"220 localhost ESMTP Hark simulator\r\n"
