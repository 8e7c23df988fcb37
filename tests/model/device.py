"""A device: one store, kept through everything, and one or two tabs on it. It does what docs/protocol.md asks."""

from collections.abc import Callable
from uuid import UUID

from hub.cursor import parse
from tests.model.ledger import Ledger
from tests.model.line import Line
from tests.model.watch import Frame


class Device:
    """The store: what was applied, with the cursor of the last of it."""

    def __init__(self, user: str, ledger: Ledger, *, cursor: str | None) -> None:
        self.user = user
        self.ledger = ledger
        self.cursor = cursor  # None: wants only what comes
        self.confirmed = 0  # Hark knows that everything up to here was applied
        self.applied: list[tuple[int, UUID]] = []
        self.heads: dict[int, int] = {}  # the last it was welcomed with, by history
        self.tabs: list[Tab] = []
        self.is_lazy = False  # acks when told to
        self.is_eager = False  # says lost acks again before it was welcomed

    @property
    def seq(self) -> int:
        """Of the last entry applied."""
        return 0 if self.cursor is None else parse(self.cursor).seq

    def apply(self, entry: Frame) -> None:
        """Each once."""
        seq, id_ = entry["seq"], UUID(entry["id"])
        if self.has(seq):
            return
        if self.applied and seq <= self.applied[-1][0]:
            self.ledger.broken(f"history: {self.user}'s device applies {seq} after {self.applied[-1][0]}")
        self.ledger.applied(self.user, seq, id_, sent_to=entry["title"])
        self.applied.append((seq, id_))
        self.cursor = entry["cursor"]

    def has(self, seq: int) -> bool:
        """Whether it was applied before."""
        return seq <= self.seq

    def note_head(self, head: int, *, before: dict[int, int]) -> None:
        """A welcome's; `before` are those it had heard when it said hello."""
        history = len(self.ledger.histories)
        if head < before.get(history, 0):
            self.ledger.broken(f"forward: {self.user}'s head was {before[history]}, and is {head}")
        self.heads[history] = head

    def confirm(self, upto: int) -> None:
        """Hark says that it knows."""
        self.confirmed = max(self.confirmed, upto)

    def lost_ack(self) -> Frame | None:
        """What Hark may not have heard, to be said again."""
        if self.seq <= self.confirmed:
            return None
        return {"t": "ack", "seq": self.seq, "after": self.confirmed}

    def forget(self, heard_by: "Tab") -> None:
        """Another history begins. What the other tabs are told belongs to the one before."""
        self.cursor = "0"
        self.confirmed = 0
        self.applied.clear()
        for tab in [tab for tab in self.tabs if tab is not heard_by]:
            tab.line.cut()

    def ack(self) -> None:
        """Says what it has."""
        for tab in self.tabs:
            tab.ack()


class Tab:
    """One connection of a device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.line: Line
        self.at: int | None = None  # this connection brought everything up to here; None before its welcome
        self._acked = 0
        self._said = device.cursor
        self._heads = dict(device.heads)
        device.tabs.append(self)

    def greet(self) -> None:
        """The line is open."""
        hello = {"t": "hello", "token": self.device.user}
        self.line.say(hello if self._said is None else {**hello, "cursor": self._said})
        if self.device.is_eager and (ack := self.device.lost_ack()):
            self.line.say(ack)

    def hear(self, frame: Frame) -> None:
        """The hub said something."""
        hearing: dict[str, Callable[[Frame], None]] = {
            "welcome": self._welcome,
            "msg": self._msg,
            "gap": self._gap,
            "reset": self._reset,
            "ack_ok": lambda frame: self.device.confirm(frame["seq"]),
            "ping": lambda _: self.line.say({"t": "pong"}),
        }
        if (hear := hearing.get(frame["t"])) is not None:
            hear(frame)

    def lost(self) -> None:
        """The line is gone."""
        if self in self.device.tabs:
            self.device.tabs.remove(self)

    def ack(self) -> None:
        """Everything that this connection brought."""
        if self.at is not None and self.at > self._acked:
            self._acked = self.at
            self.line.say({"t": "ack", "seq": self.at})

    def _welcome(self, frame: Frame) -> None:
        self.device.note_head(frame["head"], before=self._heads)
        if self._said is None:
            self.device.cursor = frame["cursor"]
            self.device.confirmed = self.device.seq
        elif frame["cursor"] != self._said:  # not our history: `reset` is next
            return
        self.at = self._acked = parse(frame["cursor"]).seq
        # Beyond its cursor it has only seen gaps, and nobody has compared those histories.
        self.device.confirmed = min(self.device.confirmed, self.device.seq)
        if ack := self.device.lost_ack():
            self.line.say(ack)

    def _reset(self, _: Frame) -> None:
        self.device.forget(self)
        self.at = self._acked = 0

    def _msg(self, frame: Frame) -> None:
        for entry in frame.get("entries") or [frame]:
            self._reach(entry["seq"], entry["seq"])
            self.device.apply(entry)
        self._ack_soon()

    def _gap(self, frame: Frame) -> None:
        self._reach(frame["from"], frame["to"])
        self._ack_soon()

    def _reach(self, first: int, last: int) -> None:
        if self.at is None or first != self.at + 1:
            self.device.ledger.broken(f"history: {self.device.user}'s device is at {self.at} and is given {first}")
        self.at = last

    def _ack_soon(self) -> None:
        if not self.device.is_lazy:
            self.ack()
