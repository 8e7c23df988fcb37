"""One node of the live layer: its sockets, their connections, what feeds them, and what becomes of what clients say."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import assert_never

from hub import metrics
from hub.batcher import Batcher
from hub.bus import Bus
from hub.cursor import Cursor
from hub.hint import KEY_REVOKED, REVOKED, topic_channel, user_channel
from hub.ids import uuid7
from hub.limits import Allowance, LiveSettings
from hub.live import frames, revoked
from hub.live.admission import Admission
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection, Wire
from hub.live.detached import DetachedSocket
from hub.live.drain import drain
from hub.live.event_stream import EventStream
from hub.live.expiry import Expiry
from hub.live.fan_out import FanOut
from hub.live.feeder import Feeder
from hub.live.framing import encoded
from hub.live.heartbeat import Deadlines, Heartbeat
from hub.live.link import Link
from hub.live.poll import LONGEST_WAIT_S, Look, Poll, look
from hub.live.population import Population
from hub.live.position_check import PositionCheck
from hub.live.receipts import Mark, Receipts
from hub.live.refusal import Outdated, Refused
from hub.live.registry import Registry
from hub.live.revoked import Revoked
from hub.live.topics import Topics
from hub.live.writer import Writer
from hub.redis_names import RedisNames
from hub.store.postgres import Pool
from sessions.user_tokens import UserToken, UserTokens

JOINS_A_CALL = 1000


class Node:
    """The `Host` of its sockets. To be made inside the loop it will run in."""

    def __init__(
        self, pool: Pool, tokens: UserTokens, redis_url: str, names: RedisNames, settings: LiveSettings
    ) -> None:
        registry = Registry()
        self._writer = Writer()
        topics = Topics(self._writer)
        self.revoked = Revoked(pool, registry, tokens.revocations)
        self.on_revoked = {REVOKED: self.revoked.soon, KEY_REVOKED: lambda: None}
        fan_out = FanOut(registry, topics, self._writer, on_revoked=self.on_revoked)
        position_check = PositionCheck(pool, registry, self.revoked, interval_s=settings.position_check_s)
        self.bus = Bus(redis_url, uuid7().hex, names, on_messages=fan_out.deliver, on_resync=position_check.soon)
        self._pool = pool
        self._registry = registry
        self._topics = topics
        self._joins: Batcher[str, None] = Batcher(self._subscribe, limit=JOINS_A_CALL)
        self._position_check = position_check
        self._feeder = Feeder(pool)
        self.receipts = Receipts(pool, self.bus, fan_out)
        self._admission = Admission(pool, self.bus, registry, tokens, self.revoked, ping_s=settings.ping_s)
        self._expiry = Expiry(ahead_s=2 * max(settings.ping_s, LONGEST_WAIT_S))
        self._heartbeat = Heartbeat(ping_s=settings.ping_s, expiry=self._expiry)
        self._hello_deadlines = Deadlines(after_s=settings.hello_deadline_s, missed=_missed_hello)
        self._stall_deadlines = Deadlines(after_s=settings.stall_deadline_s, missed=_missed_progress)
        self._population = Population(settings, time.monotonic())
        self._settings = settings
        self.draining = False

    async def serve(self) -> None:
        """Runs everything that has a clock or a queue, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.bus.serve())
            tasks.create_task(self.bus.subscribe(self.on_revoked))
            tasks.create_task(self.revoked.serve())
            tasks.create_task(self._admission.serve())
            tasks.create_task(self._joins.serve())
            tasks.create_task(self._feeder.serve())
            tasks.create_task(self.receipts.serve())
            tasks.create_task(self._heartbeat.serve())
            tasks.create_task(self._expiry.serve())
            tasks.create_task(self._hello_deadlines.serve())
            tasks.create_task(self._stall_deadlines.serve())
            tasks.create_task(self._position_check.serve(self.bus))

    async def aclose(self) -> None:
        """Writes the last receipts and closes the bus; Postgres must still be open."""
        await self.receipts.flush()
        await self.bus.aclose()

    async def drain(self, *, hurry: Callable[[], bool]) -> None:
        """Sends every client elsewhere, over the configured time; `hurry()` ends the pacing."""
        self.draining = True
        await drain(self._registry.all(), over_s=self._settings.drain_s, hurry=hurry)

    def has_room(self) -> bool:
        """Whether one more client that has proven who it is may come."""
        return not self.draining and self._population.has_room()

    def admits(self, address: str | None) -> bool:
        """Whether a client at this address (None: nobody can tell) may open a socket now, and prove who it is then."""
        return not self.draining and self._population.admits(address, time.monotonic())

    def opened(self, socket: DetachedSocket) -> None:
        """A socket whose handshake is over; it has to say hello in time."""
        self._population.came()
        if socket.address is not None:
            self._population.tries(socket.address)
        self._hello_deadlines.add(socket)

    def started(self, stream: EventStream, token: UserToken, cursor: Cursor | None, topics: Sequence[str]) -> None:
        """A stream whose request has proven who asks, and that the token allows these topics."""
        self._population.came()
        connection = self._admit(stream, token, cursor)
        for topic in topics:
            self._join(connection, topic)

    def received(self, socket: DetachedSocket, text: str) -> None:
        """The client said something."""
        try:
            frame = frames.parse(text)
            if socket.connection is None:
                self._greet(socket, frame)
            else:
                self._count(socket)
                socket.connection.heard = True
                self._obey(socket.connection, frame)
        except frames.BadFrame as error:
            _end(socket, Refused(CloseCode.PROTOCOL, str(error)))
        except Refused as refused:
            _end(socket, refused)

    def knocked(self, socket: DetachedSocket) -> bool:
        """A ping came, or a pong. They count as frames do: each costs a turn, and an answer."""
        try:
            self._count(socket)
        except Refused as refused:
            if not socket.is_closing:
                _end(socket, refused)
            return False
        return True

    def garbled(self, socket: DetachedSocket, message: str) -> None:
        """The client said something that is no text message."""
        _end(socket, Refused(CloseCode.PROTOCOL, message))

    def paused(self, link: Link) -> None:
        """The transport is full; it has to drain in time."""
        self._stall_deadlines.add((link, link.pauses))

    def lost(self, link: Link | Poll) -> None:
        """The transport is gone."""
        self._population.left()
        if link.connection is not None:
            self._forget(link.connection)
        elif isinstance(link, DetachedSocket) and link.address is not None:
            self._population.failed(link.address, time.monotonic())

    def connected(self, user_id: str) -> int:
        """How many connections the user has here."""
        return len(self._registry.of(user_id))

    async def poll(self, poll: Poll, token: UserToken, cursor: Cursor | None, *, wait_s: float, limit: int) -> Look:
        """What is there after the cursor, or comes within the time. Raises Refused."""
        self._population.came()
        connection = self._admission.register(poll, poll, token)
        self._settle(poll, connection)
        try:
            place = await self._admission.place(connection, cursor)
            return await look(self._pool, poll, connection, cursor, place, wait_s=wait_s, limit=limit)
        finally:
            self.lost(poll)

    def _greet(self, socket: DetachedSocket, frame: frames.ClientFrame) -> None:
        if not isinstance(frame, frames.Hello):
            raise Refused(CloseCode.PROTOCOL, "expected hello first - at `$.t`")
        try:
            token, cursor = self._admission.understand(frame)
        except Outdated:  # of somebody who was here, and comes again with another one
            self._proved(socket)
            raise
        self._proved(socket)
        self._admit(socket, token, cursor).focus = frame.focus

    def _proved(self, socket: DetachedSocket) -> None:
        if socket.address is not None:
            self._population.proved(socket.address)
            socket.address = None

    def _admit(self, link: Link, token: UserToken, cursor: Cursor | None) -> Connection:
        connection = self._admission.admit(
            link, self._feeder, token, cursor, refused=lambda connection, refused: _end(connection.wire, refused)
        )
        self._heartbeat.add(connection)
        self._settle(link, connection)
        return connection

    def _settle(self, guest: Link | Poll, connection: Connection) -> None:
        guest.connection = connection
        self._expiry.watch(connection, time.time())
        metrics.connections.inc()
        self._replace_oldest(connection.user_id)
        if self.revoked.covers(connection):  # since its request was looked at
            revoked.end(connection)

    def _replace_oldest(self, user_id: str) -> None:
        connections = self._registry.of(user_id)
        if len(connections) > self._settings.user_connections:
            oldest = next(iter(connections))
            _end(oldest.wire, Refused(CloseCode.REPLACED, "the user has opened too many others since"))
            self._registry.remove(oldest)  # at once: the next newcomer replaces the next oldest

    def _count(self, socket: DetachedSocket) -> None:
        now = time.monotonic()
        if socket.allowance is None:
            socket.allowance = Allowance(now, per_s=self._settings.frames_per_s)
        if not socket.allowance.take(now, per_s=self._settings.frames_per_s):
            raise Refused(CloseCode.TOO_MANY_FRAMES, f"more than {self._settings.frames_per_s:g} frames a second")

    def _obey(self, connection: Connection, frame: frames.ClientFrame) -> None:
        match frame:
            case frames.Ack() | frames.FocusOn():
                self._note(connection, frame)
            case frames.Seen() | frames.Read() | frames.Archive() | frames.Unarchive():
                self.receipts.mark(_mark(connection, frame))
            case frames.Join() | frames.Leave():
                self._attend(connection, frame)
            case frames.Refresh(token):
                self._refresh(connection, token)
            case frames.Pong():
                pass
            case frames.Hello():
                raise Refused(CloseCode.PROTOCOL, "hello was said before")
            case _:
                assert_never(frame)

    def _note(self, connection: Connection, frame: frames.Ack | frames.FocusOn) -> None:
        match frame:
            case frames.Ack(seq, after):
                self.receipts.ack(connection, *connection.ack(seq, after))
            case frames.FocusOn(focus):
                if (shown := connection.look(focus)) is not None:
                    self.receipts.ack(connection, *shown)

    def _attend(self, connection: Connection, frame: frames.Join | frames.Leave) -> None:
        if isinstance(frame, frames.Leave):
            self._leave(connection, frame.topic)
        elif frame.topic in connection.topics:
            self._join(connection, frame.topic)
        else:
            _forbid(connection, frame.topic)

    def _join(self, connection: Connection, topic: str) -> None:
        connection.joined = (connection.joined or set()) | {topic}
        self._topics.join(topic, connection)
        subscribed = self._joins.submit(topic)
        subscribed.add_done_callback(lambda _: connection.tell(encoded(frames.joined(topic))))

    def _leave(self, connection: Connection, topic: str) -> None:
        if connection.joined is not None:
            connection.joined.discard(topic)
        if self._topics.leave(topic, connection):
            self.bus.unsubscribe(topic_channel(topic))

    async def _subscribe(self, topics: list[str]) -> list[None]:
        await self.bus.subscribe([topic_channel(topic) for topic in topics])
        for topic in topics:
            if not self._topics.is_heard(topic):  # everybody left before this subscribed
                self.bus.unsubscribe(topic_channel(topic))
        return [None] * len(topics)

    def _refresh(self, connection: Connection, token: str) -> None:
        fresh = self._admission.verify(token)
        if fresh.user_id != connection.user_id:
            raise Refused(CloseCode.BAD_TOKEN, "the token is of another user")
        connection.expires_at = fresh.expires_at.timestamp()
        connection.stamp(fresh)
        self._expiry.watch(connection, time.time())
        connection.topics = fresh.topics
        for topic in (connection.joined or set()).difference(fresh.topics):
            self._leave(connection, topic)
            _forbid(connection, topic)

    def _forget(self, connection: Connection) -> None:
        if self._registry.remove(connection):
            self.bus.unsubscribe(user_channel(connection.user_id))
        for topic in tuple(connection.joined or ()):
            self._leave(connection, topic)
        self._feeder.forget(connection)
        self._heartbeat.remove(connection)
        self._expiry.forget(connection)
        metrics.connections.dec()


def _mark(connection: Connection, frame: frames.Seen | frames.Read | frames.Archive | frames.Unarchive) -> Mark:
    match frame:
        case frames.Seen(seqs):
            return Mark(connection, "seen", seqs)
        case frames.Read(seqs, through):
            return Mark(connection, "read", seqs or (), through or 0)
        case frames.Archive(seqs):
            return Mark(connection, "archived", seqs)
        case frames.Unarchive(seqs):
            return Mark(connection, "unarchived", seqs)


def _forbid(connection: Connection, topic: str) -> None:
    connection.tell(encoded(frames.error("forbidden", f"the user token does not allow the topic {topic!r}")))


def _missed_progress(stalled: tuple[Link, int]) -> None:
    link, pause = stalled
    connection = link.connection
    if connection is not None and connection.is_full and link.pauses == pause:
        metrics.closed.labels(CloseCode.TOO_SLOW).inc()
        link.abort()  # a goodbye would wait behind what it does not read


def _missed_hello(socket: DetachedSocket) -> None:
    if socket.connection is None:
        _end(socket, Refused(CloseCode.NO_HELLO, "no hello in time"))


def _end(wire: Wire, refused: Refused) -> None:
    metrics.closed.labels(refused.code).inc()
    wire.write(encoded(frames.error(refused.code.name.lower(), str(refused))))
    wire.close(refused.code)
