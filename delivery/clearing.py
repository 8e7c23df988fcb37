"""What a device is to show no more: pushes that it was sent and that are read, or taken back, by now. Pure.

One clearing names all of them, for phones ration the messages that show nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec

from delivery.collapse import tag_of
from delivery.message import Target, collapse_id
from delivery.outcome import Outcome

# Either, at its longest, is some 2 KiB, and both fit every provider's 4. Android shows no more of an app, and of what
# has long been read the oldest are the least likely to be on a screen.
TAGS = 50
RANGES = 50


class Past(NamedTuple):
    """A push that may be on a screen and is to go from there."""

    seq: int
    notification_id: str
    collapse_key: str | None = None


class Clearing(msgspec.Struct, frozen=True):
    """One user's, for one device."""

    user_id: str
    past: Sequence[Past]
    """Newest first."""
    unread: int
    """The user's true unread count, for badges; 0: nothing up to `head` is to be shown any more."""
    head: int
    """Up to which entry it is counted."""
    ttl_s: int
    """Seconds a provider may keep it for a device that is away: as long as what it clears."""

    @property
    def collapse_ids(self) -> list[str]:
        """What each push collapsed by."""
        return [collapse_id(one.notification_id, self.user_id, one.collapse_key) for one in self.past]

    @property
    def tags(self) -> list[str]:
        """By which phones know what they show (`collapse_tag`), newest first; not more than `TAGS`."""
        return list(dict.fromkeys(map(tag_of, self.collapse_ids)))[:TAGS]

    @property
    def seqs(self) -> list[tuple[int, int]]:
        """The entries' numbers in ranges (first, last), newest first; not more than `RANGES`."""
        return list(_ranges(one.seq for one in self.past))[:RANGES]


@runtime_checkable
class Clears(Protocol):
    """A provider whose devices can be told to show something no more."""

    @property
    def channel(self) -> str:
        """See `Provider.channel`."""

    async def clear(self, clearing: Clearing, target: Target) -> Outcome:
        """One attempt at one target, as `Provider.send` makes it; being told twice is harmless."""


def _ranges(falling: Iterator[int]) -> Iterator[tuple[int, int]]:
    first = last = next(falling, None)
    for seq in falling:
        if first is not None and last is not None and seq != first - 1:
            yield first, last
            last = seq
        first = seq
    if first is not None and last is not None:
        yield first, last
