"""The cursor: where a client stands in its inbox, kept by the client together with the last entry it applied. Pure."""

import re
from typing import NamedTuple
from uuid import UUID

TAIL_CHARACTERS = 8  # 32 random bits: the front of a UUIDv7 is a clock and tells two histories less well apart
_TEXT = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{8})")


class Cursor(NamedTuple):
    """`seq` of the last applied entry, and the end of its notification's id, which proves it is the same history.
    `Cursor(0, "")`, written "0", stands before everything that is retained."""

    seq: int
    tail: str

    def __str__(self) -> str:
        return f"{self.seq}-{self.tail}" if self.seq else "0"


def cursor_at(seq: int, notification_id: UUID) -> Cursor:
    """The cursor of a client that applied this entry last."""
    return Cursor(seq, tail_of(notification_id))


def tail_of(notification_id: UUID) -> str:
    """What proves it is this one."""
    return f"{notification_id.int & 0xFFFFFFFF:08x}"


def parse(text: str) -> Cursor:
    """Raises ValueError for what no server of ours gave out."""
    if text == "0":
        return Cursor(0, "")
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError('expected "0" or the cursor of an entry')
    return Cursor(int(match[1]), match[2])


def agrees(cursor: Cursor, *, head: int, id_at_cursor: UUID | None) -> bool:
    """Whether the client and the inbox share their history up to the cursor.

    No entry at the cursor means that it expired: that is no disagreement as long as the inbox has been that far.
    """
    if cursor.seq == 0:
        return True
    if cursor.seq > head:
        return False
    return id_at_cursor is None or cursor_at(cursor.seq, id_at_cursor) == cursor


class Start(NamedTuple):
    """Where a connection begins, and whether the client must forget what it has first."""

    cursor: Cursor
    reset: bool


def resume(cursor: Cursor | None, *, head: int, found: UUID | None) -> Start:
    """Where a client continues that came with this cursor, or with none: then at the head.

    `found` is the notification at the cursor's seq, or at the head when there is no cursor; None if it expired.
    """
    if cursor is None:
        tail = "0" * TAIL_CHARACTERS if found is None else tail_of(found)
        return Start(Cursor(head, tail if head else ""), reset=False)
    if agrees(cursor, head=head, id_at_cursor=found):
        return Start(cursor, reset=False)
    return Start(Cursor(0, ""), reset=True)
