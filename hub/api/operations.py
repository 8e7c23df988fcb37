"""`/health`, `/ready` and `/metrics`, for load balancers, supervisors and Prometheus."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub import metrics
from hub.api.body import answer
from hub.api.operation import operation, public
from hub.live.node import Node
from hub.settings import SettingsError
from hub.store import due, encryption, migrate, notifications, webhook_events
from hub.store.postgres import FAILED, UNAVAILABLE, Pool
from hub.vault import Vault

READY_TIMEOUT_S = 2.0


class HealthAnswer(msgspec.Struct, frozen=True):
    """The process runs its loop."""

    status: Literal["alive"]


class ReadyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is there, and what is missing."""

    status: Literal["ready", "degraded", "unready", "draining"]
    postgres: Literal["ok", "away"]
    migrations: str  # "ok", or what is missing
    encryption: str  # "ok", or how the keys do not fit
    redis: Literal["ok", "away"]


class OperationsApi:
    """What a machine asks about this process."""

    def __init__(self, pool: Pool, vault: Vault, node: Node) -> None:
        self._pool = pool
        self._vault = vault
        self._keys_fit = False  # as far as we know
        self._node = node

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    @public
    @operation("Ask whether the process is alive", answers={200: HealthAnswer})
    async def health(self, _: Request) -> Response:
        """200 while the process runs its loop."""
        return answer(HealthAnswer("alive"))

    @public
    @operation("Ask whether it takes notifications", answers={200: ReadyAnswer, 503: ReadyAnswer})
    async def ready(self, _: Request) -> Response:
        """200 when notifications can be accepted, else 503; says what is missing. Without Redis a hub is degraded,
        not unready: it stores, and delivers by looking into Postgres."""
        postgres, migrations = await self._postgres()
        redis = await self._node.bus.ping()
        keys = await self._encryption() if postgres == "ok" else "unknown"
        usable = postgres == migrations == keys == "ok" and not self._node.draining
        state = ReadyAnswer(
            status="draining" if self._node.draining else _status(usable=usable, redis=redis),
            postgres=postgres,
            migrations=migrations,
            encryption=keys,
            redis="ok" if redis else "away",
        )
        return answer(state, 200 if usable else 503)

    @public
    @operation("Read the metrics", answers={200: "text/plain"})
    async def metrics(self, _: Request) -> Response:
        """Prometheus' text format. Counts of this node; the backlog and the attempts are the whole system's."""
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                backlog = await due.backlog(self._pool)
                events = await webhook_events.backlog(self._pool)
                recent = await notifications.recent_attempts(self._pool)
        except UNAVAILABLE:
            pass  # the counters are still true
        else:
            metrics.due.set(backlog.due)
            metrics.due_age.set(backlog.oldest_s)
            metrics.webhooks_due.set(events.due)
            metrics.webhooks_due_age.set(events.oldest_s)
            metrics.recent_attempts.clear()
            for channel, outcome, attempts in recent:
                metrics.recent_attempts.labels(channel, outcome).set(attempts)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def _postgres(self) -> tuple[Literal["ok", "away"], str]:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                applied = await migrate.applied(self._pool)
        except UNAVAILABLE:
            return "away", "unknown"
        try:
            missing = migrate.missing(applied, migrate.known())
        except migrate.MigrationError as error:
            return "ok", str(error)
        return "ok", f"missing: {missing[0].name} (run `hark migrate`)" if missing else "ok"

    async def _encryption(self) -> str:
        """Looked at until it is right: keys are read once."""
        if self._keys_fit:
            return "ok"
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await encryption.check(self._pool, self._vault)
        except FAILED:
            return "unknown"
        except SettingsError as error:
            return str(error)
        self._keys_fit = True
        return "ok"


def _status(*, usable: bool, redis: bool) -> Literal["ready", "degraded", "unready"]:
    if not usable:
        return "unready"
    return "ready" if redis else "degraded"
