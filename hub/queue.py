"""The queue: arq as a clock. A job says "rows are due"; which ones, Postgres knows."""

import math
import time
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

import msgspec
import structlog
from arq.connections import ArqRedis
from msgspec import Meta
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from hub.redis_link import within

log = structlog.get_logger()

QUEUE = "hark:jobs"
RUN_DUE = "run_due"
STORE_AUDIENCES = "store_audiences"
CLEAR = "clear"
LATEST_MS = 253_402_300_799_000  # Unix milliseconds; Python's calendar has no day behind it
BUCKET_S = 0.05  # everything due within one bucket shares one job
TIMEOUT_S = 0.5
PAUSE_S = 2.0  # after a failure nothing is asked for this long: sends must not queue behind a dead Redis

# Data only, never pickle: whoever can write to Redis must not be able to run code here.
serialize = msgspec.json.Encoder(enc_hook=str).encode


class _Job(TypedDict):
    """As arq writes one: what it reads from it without a look at its type would end the worker, again and again."""

    t: Annotated[int, Meta(ge=0, le=1000)] | None  # the try
    f: str  # the function's name
    a: list[Any]
    k: dict[str, Any]
    et: Annotated[int, Meta(ge=0, le=LATEST_MS)]  # when it was put there


def deserialize(job: bytes) -> dict[str, Any]:
    """One job of arq: a JSON object. Raises msgspec.DecodeError."""
    return dict(msgspec.json.decode(job, type=_Job))


def bucket_end(at_s: float) -> int:
    """The number of the bucket that an instant (Unix seconds) falls into; its job runs at `number * BUCKET_S`,
    so at the bucket's end, when everything in it is already due."""
    return math.floor(at_s / BUCKET_S) + 1


def connect(url: str) -> ArqRedis:
    """A connection to the queue that is made when first used."""
    pool = ConnectionPool.from_url(url, socket_timeout=2 * TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    return ArqRedis(pool, job_serializer=serialize, job_deserializer=deserialize, default_queue_name=QUEUE)


class Queue:
    """Typed enqueue of every job there is."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis
        self._last_bucket = 0
        self._quiet_until = 0.0

    async def wake(self, at: datetime) -> None:
        """Asks for a look at the due entries at `at`. Losing it costs the worker's sweep interval, nothing else."""
        bucket = bucket_end(at.timestamp())
        if bucket == self._last_bucket:  # most of a batch: asked for a moment ago
            return
        if await self._enqueue(RUN_DUE, job_id=f"due:{bucket}", defer_until=_at(bucket)):
            self._last_bucket = bucket

    async def audience(self, notification_id: UUID) -> None:
        """Asks for a look at the open audiences now. Losing it costs the worker's sweep interval, nothing else."""
        await self._enqueue(STORE_AUDIENCES, job_id=f"audience:{notification_id}")

    async def clear(self, in_s: float) -> None:
        """Asks for a look at the pushes to be cleared, in so many seconds. Losing it costs the worker's sweep interval,
        nothing else."""
        bucket = bucket_end(time.time() + in_s)
        await self._enqueue(CLEAR, job_id=f"clear:{bucket}", defer_until=_at(bucket))

    async def _enqueue(self, job: str, *, job_id: str, defer_until: datetime | None = None) -> bool:
        if time.monotonic() < self._quiet_until:
            return False
        try:
            async with within(TIMEOUT_S):  # of all it takes: a hung Redis would time out at each step
                await self._redis.enqueue_job(job, _job_id=job_id, _defer_until=defer_until)
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + PAUSE_S
            log.warning("queue.failed", job=job, error=type(error).__name__)
            return False
        return True

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._redis.aclose(close_connection_pool=True)


def _at(bucket: int) -> datetime:
    return datetime.fromtimestamp(bucket * BUCKET_S, UTC)
