"""The simulated providers as a process of their own, and what a worker needs to reach them."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bench.place import CLIENT_CORE
from bench.process import child, running
from delivery.simulator.papers import APNS_KEY_ID, APNS_TEAM_ID, APNS_TOPIC, Papers
from delivery.webpush import vapid
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import http_ok

SUBJECT = "mailto:bench@example.com"


class RunningSimulator(NamedTuple):
    """Where it is reached, and what its consoles handed out."""

    url: str
    apns_url: str
    papers: Papers

    def settings(self) -> Mapping[str, str]:
        """A worker's, with a new VAPID key."""
        return {
            "HARK_VAPID_PRIVATE_KEY": vapid.generate().private_key,
            "HARK_VAPID_SUBJECT": SUBJECT,
            "HARK_PUSH_SERVICES": self.url,
            "HARK_APNS_KEY": str(self.papers.apns_key),
            "HARK_APNS_KEY_ID": APNS_KEY_ID,
            "HARK_APNS_TEAM_ID": APNS_TEAM_ID,
            "HARK_APNS_TOPIC": APNS_TOPIC,
            "HARK_APNS_URL": self.apns_url,
            "HARK_APNS_CA": str(self.papers.apns_ca),
            "HARK_FCM_CREDENTIALS": str(self.papers.fcm_account),
            "HARK_FCM_URL": self.url,
        }


@asynccontextmanager
async def running_simulator(folder: Path) -> AsyncIterator[RunningSimulator]:
    """With its files in `folder`, on the load client's core."""
    port, apns_port, smtp_port = free_ports(3)
    places = ["--port", str(port), "--apns-port", str(apns_port), "--smtp-port", str(smtp_port)]
    command = [sys.executable, "-m", "delivery.simulator", "--papers", str(folder), *places]
    started = child("simulator", command, ready=http_ok(port, "/health"))
    async with running(started, core=CLIENT_CORE, log=folder / "log-simulator"):
        yield RunningSimulator(f"http://{LOOPBACK}:{port}", f"https://{LOOPBACK}:{apns_port}", Papers(folder))
