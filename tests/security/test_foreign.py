"""Before anything is written it is looked at once more whose it is. Nothing here is known to go wrong: these are a
database and a registry that lie."""

from collections.abc import Collection
from typing import Any

import asyncpg
import pytest

from hub.hint import EntryHint, StateHint, pack, user_channel
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.fan_out import FanOut
from hub.live.feeder import Feeder
from hub.live.framing import Encoded
from hub.live.registry import Registry
from hub.live.topics import Topics
from hub.live.writer import Writer
from hub.metrics import foreign
from hub.store import inbox
from hub.store.postgres import Pool
from tests.hub_process import Customer


class Client:
    """The other end of a wire."""

    direct = -1

    def __init__(self, user_id: str, feed: Any = None) -> None:
        self.heard: list[bytes] = []
        self.closed: CloseCode | None = None
        self.connection = Connection(user_id, self, feed or self, expires_at=0.0)

    def write(self, text: Encoded) -> None:
        self.heard.append(text.message)

    def finish(self, text: Encoded, taken: int) -> None:
        raise AssertionError(f"nothing was written past it, not {taken} of {text}")

    def close(self, code: CloseCode) -> None:
        self.closed = code

    def abort(self) -> None:
        raise AssertionError("aborted")

    def want_page(self, _: Connection) -> None:
        """See Feed."""


class Swapped:
    """A database that gives one caller the answer to another's question."""

    def __init__(self, pool: Pool, *, instead: str) -> None:
        self._pool = pool
        self._instead = instead
        self.asked = 0

    async def fetch(self, query: str, user: str | list[str], *more: Any) -> list[asyncpg.Record]:
        self.asked += 1
        other = self._instead if isinstance(user, str) else [self._instead] * len(user)
        return await self._pool.fetch(query, other, *more)


def count() -> float:
    [family] = foreign.collect()
    return family.samples[0].value


async def test_rows_of_another_user_are_never_entries(hub: Customer, pool: Pool) -> None:
    await hub.send(["ada", "grace"])
    before = count()
    swapped: Any = Swapped(pool, instead="grace")
    with pytest.raises(inbox.ForeignRows):
        await inbox.pages(swapped, [("ada", 0)], limit=10)
    with pytest.raises(inbox.ForeignRows):
        await inbox.pages(swapped, [("grace", 0), ("ada", 0)], limit=10)
    with pytest.raises(inbox.ForeignRows):
        await inbox.history(swapped, "ada", before=100, limit=10, archived=False)
    [page] = await inbox.pages(swapped, [("grace", 0)], limit=10)
    assert len(page.entries) == 1
    assert count() - before == 3


async def test_of_an_inbox_without_entries_too(pool: Pool) -> None:
    swapped: Any = Swapped(pool, instead="nobody")
    with pytest.raises(inbox.ForeignRows):
        await inbox.pages(swapped, [("ada", 0)], limit=10)


async def test_nobody_hears_where_anothers_inbox_stands(hub: Customer, pool: Pool) -> None:
    await hub.send(["ada", "grace"])
    swapped: Any = Swapped(pool, instead="grace")
    for wanted in ([("ada", None)], [("grace", 1), ("ada", 1)]):
        with pytest.raises(inbox.ForeignRows):
            await inbox.positions(swapped, wanted)
    [position] = await inbox.positions(swapped, [("grace", 1)])
    assert (position.head, position.unread) == (1, 1)


async def test_who_was_to_be_fed_with_them_is_closed_and_heard_nothing(hub: Customer, pool: Pool) -> None:
    await hub.send(["ada", "grace"])
    swapped: Any = Swapped(pool, instead="grace")
    feeder = Feeder(swapped)
    clients = [Client(user, feeder) for user in ("ada", "linus")]
    for client in clients:
        client.connection.begin(0, 1)
    await feeder._feed([client.connection for client in clients])
    assert [(client.heard, client.closed) for client in clients] == [([], CloseCode.UNAVAILABLE)] * 2
    await feeder._feed([])
    assert swapped.asked == 2  # and nobody waits for a page any more


class Confused(Registry):
    """Finds another's connection beside the right one."""

    def __init__(self, other: Connection) -> None:
        super().__init__()
        self._other = other

    def of(self, user_id: str) -> Collection[Connection]:
        return [self._other, *super().of(user_id)]


async def test_what_is_broadcast_goes_to_connections_of_its_user_alone() -> None:
    ada, grace = Client("ada"), Client("grace")
    registry = Confused(grace.connection)
    registry.add(ada.connection)
    writer = Writer()
    fan_out = FanOut(registry, Topics(writer), writer, on_revoked={})
    for client in (ada, grace):
        client.connection.begin(0, 0)
    before = count()
    fan_out.deliver([(user_channel("ada"), pack(EntryHint(1, 0.0, b'{"seq":1}')))])
    assert (len(ada.heard), ada.closed) == (1, None)
    assert (grace.heard, grace.closed) == ([], CloseCode.UNAVAILABLE)
    fan_out.to_user("ada", pack(StateHint(frames.state("read", [1], unread=0, head=1))))
    assert (len(ada.heard), grace.heard) == (2, [])
    assert count() - before == 2


async def test_connections_that_gave_them_are_not_used_again(pool: Pool) -> None:
    there = await _backends(pool)
    with pytest.raises(inbox.ForeignRows):
        await inbox._refuse_foreign(pool)
    assert not there & await _backends(pool)


async def _backends(pool: Pool) -> set[int]:
    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    pids: set[int] = {await connection.fetchval("select pg_backend_pid()") for connection in held}
    for connection in held:
        await pool.release(connection)
    return pids
