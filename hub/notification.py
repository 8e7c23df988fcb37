"""Notifications and entries as values, from the send API to the socket."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from hub.cursor import tail_of
from hub.draft import Draft, Priority

State = Literal["accepted", "pushed", "failed", "withdrawn", "delivered", "seen", "read"]


class Stored(NamedTuple):
    """An entry that was just committed."""

    user_id: str
    seq: int
    notification_id: UUID
    created_at: datetime


class Withdrawn(NamedTuple):
    """Entries of one user that are shown no more, and the user's unread count up to `head`."""

    user_id: str
    seqs: list[int]
    unread: int
    head: int
    maybe_shown: bool  # some may be on a device's screen as pushes


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notification in one user's inbox, as clients see it: the fields of a `msg` frame."""

    seq: int
    id: UUID
    title: str
    message: str
    data: Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
    priority: Priority
    created_at: datetime
    cursor: str
    seen: bool = False
    read: bool = False
    archived: bool = False


_encode = msgspec.json.Encoder().encode


def entry_json(entry: Entry) -> bytes:
    """The JSON object that travels over the bus and, with a tag in front, to clients."""
    return _encode(entry)


class EntryJson:
    """The JSON of one draft's entries, which differ in `seq` alone: the rest is encoded once for all users."""

    def __init__(self, draft: Draft, created_at: datetime) -> None:
        pattern = Entry(
            seq=0,
            id=draft.id,
            title=draft.title,
            message=draft.message,
            data=msgspec.Raw(draft.data),
            priority=draft.priority,
            created_at=created_at,
            cursor="",
        )
        self._between = entry_json(pattern).removeprefix(b'{"seq":0').removesuffix(b'"}')
        self._tail = tail_of(draft.id).encode()

    def at(self, seq: int) -> bytes:
        """As `entry_json` of the entry with this seq."""
        return b'{"seq":%d%b%d-%b"}' % (seq, self._between, seq, self._tail)


class Page(msgspec.Struct, frozen=True):
    """Entries after a position. Unless it is `full`, it goes up to `head`."""

    head: int
    entries: list[Entry]
    full: bool


class EntryStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far one user's entry has come. Times are null until it happened."""

    user_id: str
    seq: int
    accepted_at: datetime
    delivered_at: datetime | None  # a device acknowledged it
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None  # the user put it away, and has not taken it back
    pushed_at: datetime | None  # a push service accepted it
    failed_at: datetime | None  # the ladder ended and nobody accepted it
    failure: str | None
    withdrawn_at: datetime | None
    withdrawal: str | None  # why: cancelled, replaced, expired

    @property
    def state(self) -> State:
        """The strongest thing known: a receipt of a device beats what a provider said, and that what was given up."""
        facts: tuple[tuple[State, datetime | None], ...] = (
            ("read", self.read_at),
            ("seen", self.seen_at),
            ("delivered", self.delivered_at),
            ("pushed", self.pushed_at),
            ("failed", self.failed_at),
            ("withdrawn", self.withdrawn_at),
        )
        return next((state for state, at in facts if at is not None), "accepted")
