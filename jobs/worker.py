"""The worker's composition root. The engines need Postgres only; beside them runs arq, which
wakes them on time and may be away."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn, Protocol

import structlog
import uvloop
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from hub import logs, queue, settings
from hub.announce import Announcer
from hub.publisher import Publisher
from hub.queue import Queue
from hub.redis_names import RedisNames
from hub.settings import Settings, SettingsError
from hub.store import encryption, postgres
from hub.store.postgres import FAILED, Pool
from hub.vault import Vault
from hub.webhooks import outbound
from jobs import channels
from jobs.audiences import AudienceEngine
from jobs.audit import EVERY_S, AuditHead
from jobs.clearing import ClearingEngine
from jobs.due import DueEngine
from jobs.health import metrics_server
from jobs.rounds import Rounds
from jobs.sweep import Sweep
from jobs.webhooks import WebhookEngine

log = structlog.get_logger()

CLOCK_POLL_S = 0.02
CLOCK_RECONNECT_S = 1.0
CANCEL_AGAIN_S = 0.2
STOP_TIMEOUT_S = 5.0
DRAIN_S = 3.0  # for the providers that were called to answer


def main() -> int:
    """`python -m jobs`: runs until SIGTERM or SIGINT; gives the exit code."""
    try:
        read = settings.load(os.environ)
        logs.configure(style=read.hub.log_format, level=read.hub.log_level, process="worker")
        uvloop.run(work(read))
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"hark: {error}\n")
        return 1
    return 0


async def work(read: Settings) -> None:
    """The worker's whole life. Raises SettingsError for credentials that cannot be used."""
    vault = settings.vault(read)
    providers = channels.providers(read)
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        pool = await stack.enter_async_context(postgres.pool(read.hub.database_url, size=read.hub.database_pool))
        await _check_keys(pool, vault)
        stack.enter_context(metrics_server(read.hub.host, read.hub.worker_port))
        calling = outbound(read.webhooks)
        publisher, wake_ups = Publisher(read.hub.redis_url, RedisNames(vault)), Queue(queue.connect(read.hub.redis_url))
        stack.push_async_callback(_close, *providers, calling, publisher, wake_ups)
        ack_deadline_s = read.hub.ack_deadline_s
        announcer = Announcer(pool, wake_ups, publisher.publish, ack_deadline_s=ack_deadline_s)
        interval_s = read.hub.sweep_interval_s
        lease = timedelta(seconds=read.hub.lease_s)
        turn = asyncio.Lock()  # one of both at a time leaves Postgres room for single sends
        push = DueEngine(pool, vault, providers, lease=lease, ack_deadline_s=ack_deadline_s, turn=turn)
        clear = ClearingEngine(pool, vault, channels.clearing(providers), push.lanes, lease=lease)
        batch = read.hub.worker_batch
        store = AudienceEngine(pool, announcer, ack_deadline_s=ack_deadline_s, batch=batch, turn=turn)
        tell = WebhookEngine(pool, vault, calling)
        webhooks = Rounds("webhooks", tell.take, interval_s=interval_s)
        tell.on_room = webhooks.wake
        woken = {
            queue.RUN_DUE: Rounds("due", push.take, interval_s=interval_s),
            queue.STORE_AUDIENCES: Rounds("audiences", store.run, interval_s=interval_s),
            queue.CLEAR: Rounds("clearings", clear.run, interval_s=interval_s),
        }
        clock = _clock(read.hub.redis_url, {job: each.wake for job, each in woken.items()})
        heads = Rounds("audit", AuditHead(pool, vault).tell, interval_s=EVERY_S)
        heads.wake()  # one at the start: a worker that never lives an hour tells of it too
        rounds = (*(each.serve() for each in (*woken.values(), webhooks, heads)), Sweep(pool, announcer).serve(), clock)
        log.info("worker.started", channels=[provider.channel for provider in providers])
        await _serve_until(stop, engines=(push, tell), rounds=rounds)


async def _check_keys(pool: Pool, vault: Vault) -> None:
    """Raises SettingsError when they are not the database's. While Postgres is away nobody can tell; with other keys no
    target can be read then, and what is due waits for the right ones."""
    try:
        await encryption.check(pool, vault)
    except FAILED as error:
        log.warning("encryption.unchecked", error=type(error).__name__)


class _Engine(Protocol):
    async def serve(self) -> NoReturn: ...
    async def drain(self, within_s: float) -> None: ...


async def _serve_until(
    stop: asyncio.Event, *, engines: Sequence[_Engine], rounds: Sequence[Coroutine[Any, Any, NoReturn]]
) -> None:
    """First nothing more is taken into hand; what the engines have there may end, and be written down."""
    async with asyncio.TaskGroup() as tasks:
        writing = [tasks.create_task(engine.serve()) for engine in engines]
        taking = [tasks.create_task(one) for one in rounds]
        await stop.wait()
        log.info("worker.stopping")
        for task in taking:
            task.cancel()
        await asyncio.wait(taking)
        await asyncio.gather(*(engine.drain(DRAIN_S) for engine in engines))
        for task in writing:
            task.cancel()


class _Closing(Protocol):
    async def aclose(self) -> None: ...


async def _close(*parts: _Closing) -> None:
    for part in parts:
        await part.aclose()


async def _clock(redis_url: str, engines: Mapping[str, Callable[[], None]]) -> NoReturn:
    """arq, started again for as long as Redis is away, or has what arq cannot read, such as a job whose id is no text;
    each job wakes an engine, and until then engines look for themselves."""
    functions = [func(_waking(wake), name=job, keep_result=0) for job, wake in engines.items()]
    while True:
        worker = Worker(
            functions=functions,
            redis_pool=queue.connect(redis_url),
            queue_name=queue.QUEUE,
            poll_delay=CLOCK_POLL_S,
            handle_signals=False,
            job_timeout=STOP_TIMEOUT_S,
            log_results=False,
            job_serializer=queue.serialize,
            job_deserializer=queue.deserialize,
        )
        try:
            await _cancellable(worker.async_run())
        except Exception as error:  # noqa: BLE001 - whatever lies in Redis, pushes go on without it
            log.warning("clock.lost", error=type(error).__name__)
        finally:
            with contextlib.suppress(Exception):
                await _cancellable(worker.close())
        await asyncio.sleep(CLOCK_RECONNECT_S)


async def _cancellable(running: Coroutine[Any, Any, None]) -> None:
    """Runs to its end, or is cancelled as often as it takes: a link to Redis that times out in the very moment of a
    cancellation forgets it, and arq goes on."""
    task = asyncio.ensure_future(running)
    try:
        await asyncio.shield(task)
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_AGAIN_S)


def _waking(wake: Callable[[], None]) -> WorkerCoroutine:
    async def run(ctx: dict[Any, Any], *_: Any, **__: Any) -> None:  # noqa: ARG001 - the shape arq calls
        wake()

    return run
