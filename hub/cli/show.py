"""`hark show`: how far a notification is, on the terminal."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from hub.store import notifications
from hub.store.notifications import Notification
from hub.store.postgres import Connection

LOOK_S = 0.5
BAR_CHARACTERS = 30


async def progress(connection: Connection, notification_id: UUID, *, follow: bool) -> AsyncIterator[str]:
    """Lines for the terminal, none when there is no such notification: a head, then where it stands; with `follow`
    again whenever that changed, until nothing more will happen to it."""
    said = ""
    while (found := await notifications.find(connection, notification_id)) is not None:
        if not said:
            yield _head(found)
        line = _standing(found)
        if line != said:
            yield line
        said = line
        stored = found.counts.accepted >= found.counts.planned or found.cancelled_at is not None
        if not follow or (stored and await notifications.settled(connection, [notification_id])):
            return
        await asyncio.sleep(LOOK_S)


def _head(found: Notification) -> str:
    to = f" to topic {found.topic}" if found.topic is not None else ""
    return f"{found.id}{to}, accepted {found.created_at:%Y-%m-%d %H:%M:%S} UTC"


def _standing(found: Notification) -> str:
    counts = found.counts
    full = round(BAR_CHARACTERS * counts.accepted / max(1, counts.planned))
    bar = "#" * full + "." * (BAR_CHARACTERS - full)
    further = ("delivered", "seen", "read", "pushed", "failed", "withdrawn")
    told = "".join(f", {count:,} {name}" for name in further if (count := getattr(counts, name)))
    cancelled = ", cancelled" if found.cancelled_at is not None else ""
    return f"[{bar}] {counts.accepted:,} of {counts.planned:,} stored{told}{cancelled}"
