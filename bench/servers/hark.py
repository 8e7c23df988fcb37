"""Hark as it is run: `hark migrate`, `hark keys create`, `hark serve` on one core; Postgres and Valkey on the other."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec

from bench.dialogue import TEXT, Dialogue
from bench.failure import BenchError
from bench.place import CLIENT_CORE, SERVER_CORE
from bench.process import child, output_of, running
from bench.server import Running
from bench.servers.stores import postgres, valkey
from hub import vault_keys
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.probes import http_ok

TOPIC = "all"
USERS = 10_000  # u0, u1, …: as many as one call mints tokens for
ITEM = f'{{"user_id":"u{{i}}","title":"New message","message":"{TEXT}","data":{{"t":{{t}},"type":"chat"}}}}'
COMMAND = (sys.executable, "-m", "hub")


class RunningHark(Running, frozen=True, kw_only=True):
    """One node of a running Hark."""

    url: str
    api_key: str
    worker: int  # pid of the worker that all nodes share
    database_url: str

    @property
    def others(self) -> tuple[int, ...]:
        """Postgres, Valkey, worker."""
        return (*self.beside, self.worker)

    def single(self) -> Dialogue:
        """A notification a request, to user {i}."""
        if self.one is None:
            raise BenchError("Hark has users")
        return self.one

    def batch(self) -> Dialogue:
        """Several notifications a request."""
        one = self.single()
        return msgspec.structs.replace(one, publish=f"{one.publish}/batch", body='{"notifications":[{items}]}')

    def stored(self, user_ids: str) -> Dialogue:
        """As `one`, to the users of a JSON list: one request, stored for each of them."""
        to = f'{{"user_ids":{user_ids},"title":"New message","message":"{TEXT}","data":{{"t":{{t}},"type":"chat"}}}}'
        return msgspec.structs.replace(self.single(), body=to)


class Hark:
    """The project's own tree, by its real commands."""

    name = "hark"
    title = "Hark (Python)"
    install = "make install"
    installs_in_cache = False
    pace = 5.0

    def __init__(self, settings: Mapping[str, str] | None = None, *, worker_core: int = CLIENT_CORE) -> None:
        self._settings = settings or {}
        self._worker_core = worker_core

    def absent(self) -> str | None:
        """Never: the bench runs in its environment."""
        return None

    async def version(self) -> str:
        """Of Python; Hark is the tree the bench stands in."""
        return f"this tree, Python {sys.version.partition(' ')[0]}"

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[RunningHark]:
        """See Server."""
        async with self.start_nodes(folder, count=1) as [node]:
            yield node

    @asynccontextmanager
    async def start_nodes(self, folder: Path, *, count: int) -> AsyncIterator[Sequence[RunningHark]]:
        """Several hubs on one Postgres and one Valkey, all on the same core."""
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(postgres(folder))
            broker = await stack.enter_async_context(valkey(folder))
            settings = {**_settings(database.url, broker.url), **self._settings}
            await output_of(*COMMAND, "migrate", env=settings)
            api_key = (await output_of(*COMMAND, "keys", "create", "bench", "--role", "admin", env=settings)).split()[
                -1
            ]
            nodes = []
            for number, port in enumerate(free_ports(count)):
                env = {**settings, "HARK_PORT": str(port)}
                hub = child("hark", [*COMMAND, "serve"], ready=http_ok(port, "/ready"), env=env)
                pid = await stack.enter_async_context(running(hub, core=SERVER_CORE, log=folder / f"log-{number}"))
                tokens = folder / "tokens"
                if number == 0:
                    await _mint(f"http://{LOOPBACK}:{port}", api_key, tokens)
                nodes.append((port, pid))
            worker = child("worker", [*COMMAND, "worker"], ready=_at_once, env=settings)
            worker_pid = await stack.enter_async_context(
                running(worker, core=self._worker_core, log=folder / "log-worker")
            )
            beside = database.pid, broker.pid
            yield [_node(port, pid, beside, worker_pid, api_key, tokens, database.url) for port, pid in nodes]


async def _at_once() -> bool:
    return True


def _settings(database_url: str, redis_url: str) -> Mapping[str, str]:
    return {
        "HARK_DATABASE_URL": database_url,
        "HARK_REDIS_URL": redis_url,
        "HARK_HOST": LOOPBACK,
        "HARK_TOKEN_SECRET": secrets.token_urlsafe(32),
        "HARK_ENCRYPTION_KEYS": vault_keys.generate(today=datetime.now(UTC).date()).text(),
        "HARK_LOG_LEVEL": "warning",
        "HARK_KEY_RATE": "0",  # of the one key that sends it all; that of each user holds
    }


async def _mint(url: str, api_key: str, file: Path) -> None:
    """Writes one user token a line."""
    wanted = {"user_ids": [f"u{number}" for number in range(USERS)], "topics": [TOPIC]}
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {api_key}"}) as http:
        answer = (await http.post("/api/v1/tokens", json=wanted, timeout=30.0)).raise_for_status().json()
    lines = "".join(f"{minted['token']}\n" for minted in answer["tokens"])
    await asyncio.to_thread(file.write_text, lines)


def _node(
    port: int, pid: int, beside: tuple[int, ...], worker: int, api_key: str, tokens: Path, database_url: str
) -> RunningHark:
    at = f"{LOOPBACK}:{port}"
    one = Dialogue(
        socket=f"{at}/ws",
        publish=f"{at}/api/v1/notifications",
        body=ITEM,
        socket_headers=("Sec-WebSocket-Protocol: hark.v1",),
        publish_headers=("Content-Type: application/json", f"Authorization: Bearer {api_key}"),
        hellos=('{"t":"hello","token":"{line}"}',),
        ready='"welcome"',
        lines=tokens,
        ping='{"t":"ping"}',
        pong='{"t":"pong"}',
    )
    everyone = msgspec.structs.replace(
        one,
        publish=f"{at}/api/v1/topics/{TOPIC}/live",
        body='{"data":{message}}',
        hellos=(*one.hellos, f'{{"t":"join","topic":"{TOPIC}"}}'),
    )
    return RunningHark(
        pid=pid,
        beside=beside,
        everyone=everyone,
        one=one,
        url=f"http://{at}",
        api_key=api_key,
        worker=worker,
        database_url=database_url,
    )
