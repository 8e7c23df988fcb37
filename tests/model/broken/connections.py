"""Connections that forget, overtake or overfill."""

import msgspec

from hub.live import frames
from hub.live.connection import Connection
from hub.live.detached import DetachedSocket
from hub.live.framing import encoded
from hub.notification import Page, entry_json


class NoGapRead(Connection):
    __slots__ = ()

    def push(self, seq: int, now: float) -> bool:
        if not self.behind:
            self.sent = max(self.sent, seq - 1)
        return super().push(seq, now)


class PushesWhatWasSent(Connection):
    __slots__ = ()

    def push(self, seq: int, now: float) -> bool:
        was_sent = not self.behind and seq <= self.sent
        return super().push(seq, now) or was_sent


class WrittenIsDelivered(Connection):
    __slots__ = ()

    def push(self, seq: int, now: float) -> bool:
        is_written = super().push(seq, now)
        if is_written and isinstance(self.wire, DetachedSocket):
            self.wire._host.received(self.wire, msgspec.json.encode({"t": "ack", "seq": seq}).decode())
        return is_written


class AckIsTrusted(Connection):
    __slots__ = ()

    def ack(self, seq: int, after: int | None) -> tuple[int, int]:
        start = self.acked if after is None else after
        self.acked = max(self.acked, seq)
        return start, seq


class AsksNothingWhenDrained(Connection):
    __slots__ = ()

    def resume(self) -> None:
        self.is_full = False


class PushesWhenFull(Connection):
    __slots__ = ()

    def pause(self) -> None:
        self.is_full = True


class PagesWhenFull(Connection):
    __slots__ = ()

    def page(self, page: Page) -> None:
        for message, upto in frames.page_frames(self.sent, page):
            self.wire.write(encoded(message))
            self.sent = upto
        super().page(Page(page.head, [], page.full))


class BeginsAtTheHead(Connection):
    __slots__ = ()

    def begin(self, start: int, head: int) -> None:  # noqa: ARG002
        super().begin(head, head)


class ForgetsPushesBeforeItIsPlaced(Connection):
    __slots__ = ()

    def begin(self, start: int, head: int) -> None:
        self.head = head
        super().begin(start, head)


class ForgetsPushesWhileItReads(Connection):
    __slots__ = ()

    def page(self, page: Page) -> None:
        self.head = page.head
        super().page(page)


class TellsNothingOfWhatExpired(Connection):
    __slots__ = ()

    def page(self, page: Page) -> None:
        for entry in page.entries if not self.is_full else ():
            self.wire.write(encoded(frames.msg(entry_json(entry))))
            self.sent = entry.seq
        if not (page.full or self.is_full):
            self.sent = max(self.sent, page.head)
        super().page(Page(page.head, [], full=True))
