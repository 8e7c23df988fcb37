"""Hark's own processes as data: which commands, with which settings, and how each says that it is ready."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hub.dev import simulated
from hub.dev.credentials import Credentials
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import http_ok
from hub.dev.process import Child
from hub.dev.simulated import Simulated

UNBUFFERED = {"PYTHONUNBUFFERED": "1"}  # lines go through a pipe, and shall be seen when they happen

MIGRATE = [sys.executable, "-m", "hub", "migrate"]
# A key is the last line of its command.
CREATE_KEY = [sys.executable, "-m", "hub", "keys", "create", "dev", "--role", "admin"]
DEMO_SCOPES = ("send", "read", "explain", "tokens", "sessions:write", "users:write")
CREATE_DEMO_KEY = [
    *(sys.executable, "-m", "hub", "keys", "create", "demo"),
    *(word for scope in DEMO_SCOPES for word in ("--scope", scope)),
]

# Where the back end runs that one develops; `localhost` is both.
WEBHOOKS_TO_THIS_MACHINE = {
    "HARK_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
    "HARK_WEBHOOK_HTTP": "true",
}


@dataclass(frozen=True)
class Ports:
    """Of one run; a child that is started again keeps its own."""

    hub: int
    worker: int
    simulator: int
    postgres: int
    valkey: int
    apns: int
    smtp: int

    @classmethod
    def pick(cls, hub: int, *, folder: Path) -> "Ports":
        """Of a data directory's own: what is registered with the simulator is still reached after a restart."""
        return cls(hub, *free_ports(6, whose=str(folder)))


def origin(port: int, *, scheme: str = "http") -> str:
    return f"{scheme}://{LOOPBACK}:{port}"


def environment(
    outer: Mapping[str, str], ports: Ports, credentials: Credentials, papers: Path, *, postgres_url: str, redis_url: str
) -> dict[str, str]:
    """The settings of all of Hark's processes. Others in `outer`, the user's environment, pass through."""
    where = Simulated(origin(ports.simulator), origin(ports.apns, scheme="https"), LOOPBACK, ports.smtp, papers)
    return {
        **_simulated(outer, where),
        **WEBHOOKS_TO_THIS_MACHINE,
        **outer,
        **UNBUFFERED,
        "HARK_DATABASE_URL": postgres_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_HOST": LOOPBACK,
        "HARK_PORT": str(ports.hub),
        "HARK_WORKER_PORT": str(ports.worker),
        "HARK_TOKEN_SECRET": credentials.token_secret,
        "HARK_ENCRYPTION_KEYS": credentials.encryption_keys or "",
        **simulated.webpush(where, vapid_private_key=credentials.vapid_private_key),
        "HARK_LOG_FORMAT": "console",
        "HARK_DRAIN_S": "0.5",  # whoever presses Ctrl-C waits for it
        "HARK_DEMO_SIMULATOR_URL": origin(ports.simulator),
    }


def _simulated(outer: Mapping[str, str], where: Simulated) -> dict[str, str]:
    """The simulator's, but for a provider that the user has settings for: then those are all that counts."""
    groups = (
        (("HARK_APNS_",), simulated.apns(where)),
        (("HARK_FCM_",), simulated.fcm(where) if find_spec("firebase_admin") else {}),
        (("HARK_SMTP_", "HARK_MAIL_"), simulated.smtp(where)),
        (("HARK_TWILIO_",), simulated.twilio(where)),
    )
    return {
        name: value
        for prefixes, settings in groups
        if not any(known.startswith(prefixes) for known in outer)
        for name, value in settings.items()
    }


def simulator(outer: Mapping[str, str], ports: Ports, papers: Path) -> Child:
    """Of the providers; once it is ready, what its consoles hand out is in `papers`."""
    module = ["-m", "hub", "simulate", "--quiet", "--host", LOOPBACK, "--papers", str(papers)]
    listening = ["--port", str(ports.simulator), "--apns-port", str(ports.apns), "--smtp-port", str(ports.smtp)]
    return Child(
        name="simulator",
        argv=[sys.executable, *module, *listening],
        env={**outer, **UNBUFFERED},
        ready=http_ok(ports.simulator, "/health"),
        stop_within_s=0.5,  # it has nothing to finish
    )


def children(settings: Mapping[str, str], ports: Ports, *, demo_api_key: str) -> list[Child]:
    """Worker and hub, in the opposite of the order in which they are to stop."""
    env = {**settings, "HARK_DEMO_API_KEY": demo_api_key}
    return [
        Child(
            name="worker",
            argv=[sys.executable, "-m", "jobs"],
            env=env,
            ready=http_ok(ports.worker, "/health"),
            stop_within_s=2.0,
        ),
        Child(
            name="hub",
            argv=[sys.executable, "-m", "hub", "serve"],
            env=env,
            ready=http_ok(ports.hub, "/ready"),
            stop_within_s=3.0,
        ),
    ]
