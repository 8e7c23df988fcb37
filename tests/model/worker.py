"""The worker process: the real due engine, on a store and a clock in memory, and a push service that takes all."""

import asyncio
from datetime import timedelta

from delivery.message import Message, Target
from delivery.outcome import Accepted, Outcome
from jobs.due import DueEngine
from jobs.rounds import Rounds
from tests.model.hub import ACK_DEADLINE_S
from tests.model.ledger import Ledger
from tests.model.loop import Loop
from tests.model.postgres import Postgres
from tests.model.tables import VAULT

LEASE = timedelta(seconds=15)
SWEEP_S = 2.0
SLOW_S = 8.0  # of an answer


class PushService:
    """A provider."""

    channel = "webpush"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.is_slow = False

    async def send(self, message: Message, target: Target) -> Outcome:
        """See Provider."""
        self._ledger.pushed(message.user_id, sent_to=message.title, address=target.address)
        await asyncio.sleep(SLOW_S if self.is_slow else 0)
        return Accepted("")

    async def aclose(self) -> None:
        """See Provider."""


class Worker:
    """What one kill ends."""

    def __init__(self, loop: Loop, postgres: Postgres, push_service: PushService) -> None:
        self._postgres = postgres
        self.pool = postgres.pool()
        self._engine = DueEngine(
            self.pool.for_the_hub(),
            VAULT,
            [push_service],
            lease=LEASE,
            ack_deadline_s=ACK_DEADLINE_S,
            turn=asyncio.Lock(),
        )
        rounds = Rounds("due", self._engine.take, interval_s=SWEEP_S)
        self._tasks: list[asyncio.Task[None]] = [
            loop.create_task(self._engine.serve()),
            loop.create_task(rounds.serve()),
        ]

    def check(self) -> None:
        """Raises what it died of."""
        for task in self._tasks:
            if task.done():
                task.result()

    def kill(self) -> None:
        """With everything it knows."""
        self._postgres.cut(self.pool)
        for task in (*self._tasks, *self._engine._in_hand):
            task.cancel()
