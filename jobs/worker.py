"""The worker's composition root. Two things run side by side: the due engine, which needs Postgres only, and arq, which
wakes it on time and may be away."""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import timedelta
from typing import Any, NoReturn

import structlog
import uvloop
from arq.worker import Worker, func
from redis.exceptions import RedisError

from delivery.provider import Provider
from delivery.webpush.provider import WebPush
from hub import logs, queue, settings
from hub.settings import Settings, SettingsError
from hub.store import postgres
from jobs.due import DueEngine
from jobs.health import metrics_server

log = structlog.get_logger()

CLOCK_POLL_S = 0.02
CLOCK_RECONNECT_S = 1.0
STOP_TIMEOUT_S = 5.0


def main() -> int:
    """`python -m jobs`: runs until SIGTERM or SIGINT; gives the exit code."""
    try:
        read = settings.load(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"hark: {error}\n")
        return 1
    logs.configure(style=read.hub.log_format, level=read.hub.log_level, process="worker")
    try:
        uvloop.run(work(read))
    except OSError as error:
        sys.stderr.write(f"hark: {error}\n")
        return 1
    return 0


async def work(read: Settings) -> None:
    """The worker's whole life."""
    providers: list[Provider] = [WebPush(read.webpush)] if read.webpush.vapid_private_key else []
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        pool = await stack.enter_async_context(postgres.pool(read.hub.database_url, size=read.hub.database_pool))
        stack.enter_context(metrics_server(read.hub.host, read.hub.worker_port))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        engine = DueEngine(
            pool,
            providers,
            lease=timedelta(seconds=read.hub.lease_s),
            sweep_interval_s=read.hub.sweep_interval_s,
        )
        running = [tasks.create_task(engine.serve()), tasks.create_task(_clock(read.hub.redis_url, engine))]
        log.info("worker.started", channels=[provider.channel for provider in providers])
        await stop.wait()
        log.info("worker.stopping")
        for task in running:
            task.cancel()
    for provider in providers:
        await provider.aclose()


async def _clock(redis_url: str, engine: DueEngine) -> NoReturn:
    """arq, started again for as long as Redis is away."""

    async def run_due(ctx: dict[Any, Any], *_: Any, **__: Any) -> None:  # noqa: ARG001 - the shape arq calls
        engine.wake()

    while True:
        worker = Worker(
            functions=[func(run_due, name=queue.RUN_DUE, keep_result=0)],
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
            await worker.async_run()
        except (RedisError, OSError) as error:
            log.warning("clock.lost", error=type(error).__name__)
        finally:
            with contextlib.suppress(RedisError, OSError):
                await worker.close()
        await asyncio.sleep(CLOCK_RECONNECT_S)
