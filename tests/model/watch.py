"""What is written to one connection must be one unbroken run from where it starts."""

from typing import Any, TypeAlias

from hub.cursor import parse
from tests.model.postgres import Postgres

Frame: TypeAlias = dict[str, Any]


class Watch:
    """Reads what the hub writes, whether or not it ever arrives."""

    def __init__(self, postgres: Postgres, user: str) -> None:
        self._postgres = postgres
        self._user = user
        self._at: int | None = None  # before welcome

    def wrote(self, frame: Frame, *, is_full: bool) -> None:
        """The hub wrote this, to a transport that had room or not."""
        match frame["t"]:
            case "welcome":
                self._at = parse(frame["cursor"]).seq
            case "reset":
                self._at = 0
            case "msg":
                entries = frame.get("entries") or [frame]
                self._covered(entries[0]["seq"], entries[-1]["seq"], is_full=is_full)
                if [entry["seq"] for entry in entries] != list(range(entries[0]["seq"], entries[-1]["seq"] + 1)):
                    self._broken(f"unbroken: {self._user} is sent a page with holes")
            case "gap":
                self._covered(frame["from"], frame["to"], is_full=is_full)
                self._are_gone(frame["from"], frame["to"])

    def _covered(self, first: int, last: int, *, is_full: bool) -> None:
        if self._at is None or first != self._at + 1 or last < first:
            self._broken(f"unbroken: {self._user} is sent {first} to {last} after {self._at}")
        if is_full:
            self._broken(f"room: {self._user} is sent {first} to {last}, and has not read what was before")
        self._at = last

    def _are_gone(self, first: int, last: int) -> None:
        tables = self._postgres.tables
        for seq in range(first, last + 1):
            entry = tables.entries.get((self._user, seq))
            if (entry is not None and not entry.is_expired) or seq > tables.heads.get(self._user, 0):
                self._broken(f"unbroken: {self._user}'s {seq} is called gone, and is not")

    def _broken(self, what: str) -> None:
        self._postgres.ledger.broken(what)
