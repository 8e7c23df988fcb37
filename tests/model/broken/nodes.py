"""The other parts of a node: registries, feeders, receipts and checks that lose somebody."""

from collections.abc import Iterable

from hub.hint import USER
from hub.live import frames
from hub.live.connection import Connection
from hub.live.fan_out import FanOut
from hub.live.feeder import PAGE_ENTRIES, Feeder
from hub.live.framing import encoded
from hub.live.position_check import PositionCheck
from hub.live.receipts import Receipts
from hub.live.registry import Registry
from hub.store import inbox
from hub.store.postgres import TRY_AGAIN, UNAVAILABLE


class NoPositionCheck(PositionCheck):
    async def check(self) -> None:
        return


class NoticesNoRestore(PositionCheck):
    async def check(self) -> None:
        for user, head in (await inbox.heads(self._pool, list(self._registry.users()))).by_user.items():
            for connection in self._registry.of(user):
                connection.checked(head)


class UnsubscribesWithTheFirst(Registry):
    def remove(self, connection: Connection) -> bool:
        super().remove(connection)
        return True


class TellsEverybody(FanOut):
    def deliver(self, messages: Iterable[tuple[str, bytes]]) -> None:
        users = list(self._registry.users())
        super().deliver([(USER + user, payload) for _, payload in messages for user in users])


class ForgetsOnFailure(Feeder):
    async def _feed(self, batch: list[Connection]) -> None:
        try:
            await super()._feed(batch)
        except UNAVAILABLE:
            for connection in batch:
                self.forget(connection)


class LosesWhoAsksMeanwhile(Feeder):
    async def _feed(self, batch: list[Connection]) -> None:
        await super()._feed(batch)
        self._asked.clear()


class AsksForWhatIsLost(Feeder):
    async def _feed(self, batch: list[Connection]) -> None:
        wanted = [(connection.user_id, connection.sent) for connection in batch]
        for connection, page in zip(batch, await inbox.pages(self._pool, wanted, limit=PAGE_ENTRIES), strict=True):
            if self._wanting.pop(connection, self) is None:
                connection.page(page)


class DropsAcksOnFailure(Receipts):
    async def flush(self) -> None:
        try:
            await super().flush()
        except TRY_AGAIN:
            self._acks.clear()


class ConfirmsBeforeTheCommit(Receipts):
    def ack(self, connection: Connection, after: int, upto: int) -> None:
        super().ack(connection, after, upto)
        connection.wire.write(encoded(frames.ack_ok(upto)))


class LosesAcksThatComeMeanwhile(Receipts):
    async def flush(self) -> None:
        await super().flush()
        self._arrived.clear()
