"""Senders that promise too early, and announcers that promise too much."""

from collections.abc import Sequence

from hub.announce import Announcer
from hub.draft import Acceptance, Draft
from hub.hint import user_channel
from hub.notification import Stored
from hub.send import Sender
from hub.store import attempts
from hub.store.attempts import Moved
from tests.model.tables import EPOCH

NO_HINT = b"?"  # nobody understands it


class AcceptsBeforeTheCommit(Sender):
    async def send(self, draft: Draft) -> Acceptance:
        self._single.submit([draft])
        return Acceptance(notification_id=draft.id, accepted=len(draft.user_ids), created_at=EPOCH)


class PresenceCancels(Announcer):
    async def _stored(self, drafts: Sequence[Draft], stored: Sequence[Stored]) -> None:
        await super()._stored(drafts, stored)
        nodes = await self._publish([(user_channel(entry.user_id), NO_HINT) for entry in stored])
        for entry, holders in zip(stored, nodes or [], strict=True):
            if holders:
                moved = Moved(entry.user_id, entry.seq, 0, 1, None, pushed=False, failure=None)
                await attempts.move(self._pool, [moved])
