"""One live connection as an object: which entries it was sent, which it acknowledged, and whether it is behind.

It does no I/O of its own, waits for nothing and has no clock: it writes to a `Wire` and asks a `Feed` for what it
missed. It knows no socket, bus or database.
"""

from typing import Protocol

from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.framing import Encoded, encoded
from hub.notification import Page
from sessions.revocations import Stamp


class Wire(Protocol):
    """What a connection needs of its socket. Nothing here waits."""

    direct: int  # the descriptor that frames of messages may be written to right now, past everything; -1: none

    def write(self, text: Encoded) -> None:
        """Sends one message."""

    def finish(self, text: Encoded, taken: int) -> None:
        """Sends the rest of one whose frame was written to `direct`, which took so many bytes of it."""

    def close(self, code: CloseCode) -> None:
        """Says goodbye; the socket is gone a little later, whatever the client does."""

    def abort(self) -> None:
        """Drops the socket at once."""


class Feed(Protocol):
    """Where a connection that is behind gets its entries."""

    def want_page(self, connection: "Connection") -> None:
        """Asks for the page after `connection.sent`; `connection.page()` is called with it."""


class Connection:
    """Pushes in `seq` order, each entry once. Whatever it cannot take now it is fed from the store later.

    A new connection is behind until `begin()`: it may be found by pushes before its position is known.
    """

    __slots__ = (
        "acked",
        "asked_for",
        "background_from",
        "behind",
        "due",
        "early",
        "expires_at",
        "feed",
        "focus",
        "head",
        "heard",
        "is_full",
        "issued_at",
        "joined",
        "reading",
        "sent",
        "session_id",
        "slot",
        "token_id",
        "topics",
        "user_id",
        "wire",
        "written",
    )

    def __init__(
        self, user_id: str, wire: Wire, feed: Feed, *, expires_at: float, topics: tuple[str, ...] = ()
    ) -> None:
        self.user_id = user_id
        self.wire = wire
        self.feed = feed
        self.expires_at = expires_at  # of the user token, Unix seconds
        self.issued_at = 0.0  # of it, too; and what else it can be revoked by
        self.due = 0  # the second in which something is to be done about that; 0: not soon. See hub.live.expiry
        self.asked_for = 0.0  # the `expires_at` before which the client was asked for another token
        self.token_id = self.session_id = ""
        self.topics = topics  # those it may join
        self.early: list[Encoded] | None = []  # what it is told before it has begun, for afterwards
        self.joined: set[str] | None = None
        self.focus: frames.Focus | None = None  # None: the client does not say
        self.background_from: int | None = None  # what was acknowledged since nobody looks at it begins after this seq
        self.sent = 0  # seq of the last entry that was written
        self.acked = 0  # seq up to which the client acknowledged
        self.head = 0  # newest seq known to exist
        self.behind = True  # pushes are skipped: the store has them
        self.reading = True  # a page was asked for and has not come
        self.is_full = False  # the transport's buffer is
        self.slot = 0  # of the heartbeat's wheel
        self.heard = True  # anything came from the client since the last ping
        self.written: tuple[int, float] | None = None  # oldest entry not acknowledged yet, and when it was written

    def stamp(self, token: Stamp) -> None:
        """It lives by this token now, and ends when that is revoked."""
        self.issued_at, self.token_id, self.session_id = token.issued_at, token.token_id, token.session_id

    def begin(self, start: int, head: int) -> None:
        """The client has everything up to `start`; the inbox goes up to `head`."""
        self.sent = self.acked = start
        self.head = max(self.head, head)
        self.reading = False
        early, self.early = self.early, None
        for text in early or ():
            self.wire.write(text)
        self._catch_up()

    def tell(self, text: Encoded) -> None:
        """Something that is no entry: now, or after the welcome."""
        if not self.keeps(text):
            self.wire.write(text)

    def keeps(self, text: Encoded) -> bool:
        """Whether it is told after the welcome; else whoever has it may write it with others."""
        if self.early is None:
            return False
        self.early.append(text)
        return True

    def push(self, seq: int, now: float) -> bool:
        """A new entry of this user. True: it is the next one, and whoever has it writes it now."""
        self.head = max(self.head, seq)
        if self.behind or seq <= self.sent:
            return False
        if seq != self.sent + 1:
            self._catch_up()
            return False
        self.sent = seq
        if self.written is None:
            self.written = (seq, now)
        return True

    def page(self, page: Page) -> None:
        """The page that was asked for. What the transport has no room for is read again when it has drained."""
        self.reading = False
        self.head = max(self.head, page.head)
        for message, upto in frames.page_frames(self.sent, page):
            if self.is_full:
                break
            self.wire.write(encoded(message))
            self.sent = upto
        self._catch_up()

    def checked(self, head: int) -> None:
        """The inbox goes up to `head`: was the last push lost?"""
        self.head = max(self.head, head)
        if not self.behind and self.head > self.sent:
            self._catch_up()

    def pause(self) -> None:
        """The transport is full: from now on this connection is behind."""
        self.is_full = True
        self.behind = True

    def resume(self) -> None:
        """The transport has room again."""
        self.is_full = False
        if not self.reading:
            self._ask()

    def ack(self, seq: int, after: int | None) -> tuple[int, int]:
        """The range (after, upto] that a client's ack covers: never more than it was sent. A client may well say
        more in good faith: after a gap, or before it has heard that its history was reset."""
        upto = min(seq, self.sent)
        start = self.acked if after is None else after
        self.acked = max(self.acked, upto)
        if self.is_background and self.background_from is None:
            self.background_from = start
        return start, upto

    @property
    def is_background(self) -> bool:
        """Whether the client says that nobody looks at it."""
        return self.focus not in {None, "visible"}

    def look(self, focus: frames.Focus) -> tuple[int, int] | None:
        """The user looks at it, or no longer. Gives the range (after, upto] that was acknowledged while nobody looked,
        and is now before somebody's eyes."""
        self.focus = focus
        if self.is_background or self.background_from is None:
            return None
        after, self.background_from = self.background_from, None
        return after, self.acked

    def _catch_up(self) -> None:
        self.behind = self.is_full or self.head > self.sent
        if self.behind and not self.is_full:
            self._ask()

    def _ask(self) -> None:
        self.reading = True
        self.feed.want_page(self)
