"""One hub process: the real live layer and the real sender, on a store, a bus and a clock in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from hub.announce import Announcer
from hub.draft import Draft
from hub.hint import REVOKED
from hub.limits import LiveSettings
from hub.live import frames
from hub.live.admission import Admission
from hub.live.connection import Connection
from hub.live.detached import DetachedSocket
from hub.live.expiry import Expiry
from hub.live.fan_out import FanOut
from hub.live.feeder import Feeder
from hub.live.heartbeat import Deadlines
from hub.live.node import Node
from hub.live.position_check import PositionCheck
from hub.live.receipts import Receipts
from hub.live.registry import Registry
from hub.live.revoked import Revoked
from hub.queue import Queue
from hub.send import Sender
from sessions.revocations import Revocations
from sessions.user_tokens import UserToken, UserTokens
from tests.encryption import NAMES
from tests.model.bus import Broker, Link
from tests.model.line import Line
from tests.model.loop import Loop
from tests.model.postgres import Postgres

ACK_DEADLINE_S = 5.0
SETTINGS = LiveSettings(frames_per_s=10_000)  # the one limit that goes by the machine's own clock


@dataclass(frozen=True)
class Wiring:
    """The parts a hub is made of; a seeded fault puts another one in."""

    connection: type[Connection] = Connection
    registry: type[Registry] = Registry
    admission: type[Admission] = Admission
    feeder: type[Feeder] = Feeder
    fan_out: type[FanOut] = FanOut
    receipts: type[Receipts] = Receipts
    position_check: type[PositionCheck] = PositionCheck
    sender: type[Sender] = Sender
    announcer: type[Announcer] = Announcer


class Tokens(UserTokens):
    """A token is the user's name."""

    def __init__(self) -> None:  # it has no secret
        self.revocations = Revocations()

    def verify(self, token: str) -> UserToken:
        """See UserTokens."""
        return UserToken(token, datetime(9999, 1, 1, tzinfo=UTC))


class NoQueue(Queue):
    """Loses every job, as arq may. The worker's sweep finds what is due."""

    def __init__(self) -> None:  # it has no connection
        pass

    async def wake(self, at: datetime) -> None:
        """See Queue."""


class NoDeadlines(Deadlines[Any]):
    """Those of hello and of a full socket go by the machine's own clock. The heartbeat, which does not, is enough."""

    async def serve(self) -> NoReturn:
        """See Deadlines."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends it")


class NoExpiry(Expiry):
    """Tokens have no end here, and ends go by the machine's own clock."""

    async def serve(self) -> NoReturn:
        """See Expiry."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody ends it")


class ModelNode(Node):
    """The node, with `wiring` and with another store and bus."""

    def __init__(self, postgres: Postgres, bus: Link, wiring: Wiring) -> None:
        self.pool = postgres.pool()
        pool, tokens = self.pool.for_the_hub(), Tokens()
        super().__init__(pool, tokens, "redis://nobody", NAMES, SETTINGS)
        self._registry = wiring.registry()
        self.revoked = Revoked(pool, self._registry, tokens.revocations)
        fan_out = wiring.fan_out(self._registry, self._topics, self._writer, on_revoked={REVOKED: self.revoked.soon})
        self.bus = bus
        self._position_check = wiring.position_check(
            pool, self._registry, self.revoked, interval_s=SETTINGS.position_check_s
        )
        self._feeder = wiring.feeder(pool)
        self.receipts = wiring.receipts(pool, bus, fan_out)
        self._admission = wiring.admission(pool, bus, self._registry, tokens, self.revoked, ping_s=SETTINGS.ping_s)
        self._hello_deadlines = self._stall_deadlines = NoDeadlines(after_s=1.0, missed=lambda _: None)
        self._expiry = NoExpiry(ahead_s=0)
        self._wiring = wiring
        bus.heard_by(fan_out.deliver, self._position_check.soon)

    def _greet(self, socket: DetachedSocket, frame: frames.ClientFrame) -> None:
        super()._greet(socket, frame)
        if socket.connection is not None:
            socket.connection.__class__ = self._wiring.connection


class Hub:
    """What one kill ends."""

    def __init__(self, loop: Loop, postgres: Postgres, broker: Broker, wiring: Wiring) -> None:
        self._loop = loop
        self._postgres = postgres
        self.bus = broker.link()
        self.node = ModelNode(postgres, self.bus, wiring)
        self.pool = self.node.pool
        pool = self.pool.for_the_hub()
        announcer = wiring.announcer(pool, NoQueue(), self.bus.publish, ack_deadline_s=ACK_DEADLINE_S)
        self.sender = wiring.sender(pool, announcer, ack_deadline_s=ACK_DEADLINE_S)
        self.lines: list[Line] = []
        self._tasks: list[asyncio.Task[None]] = [
            loop.create_task(self.node.serve()),
            loop.create_task(self.sender.serve()),
        ]

    def takes(self, line: Line) -> None:
        """A socket was opened."""
        line.socket = DetachedSocket(line, self.node, set(), "10.0.0.1")
        self.lines.append(line)
        self.node.opened(line.socket)

    def send(self, id_: UUID, users: Sequence[str]) -> None:
        """A product's back end asks for a notification, whose title says to whom."""
        draft = Draft(
            id=id_, user_ids=users, title="+".join(users), message="", data=b"{}", priority="normal", sender=""
        )
        self._tasks.append(self._loop.create_task(self._send(draft)))

    async def _send(self, draft: Draft) -> None:
        try:
            await self.sender.send(draft)
        except OSError:
            return  # a 503
        for user in draft.user_ids:
            self._postgres.ledger.answered(user, draft.id)

    def check(self) -> None:
        """Raises what its tasks died of."""
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.remove(task)
            task.result()

    def kill(self) -> None:
        """With everything it knows."""
        self.bus.die()
        self._postgres.cut(self.pool)
        for line in self.lines:
            line.orphan()
        for task in self._tasks:
            task.cancel()
