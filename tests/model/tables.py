"""The tables, in memory: what each SQL statement of the hub and its worker reads and changes. Every method is one
statement, and all of it happens at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hub.store import accept, attempts, due, inbox, revocations
from hub.vault import Vault
from sessions import contacts
from sessions import store as sessions
from tests.encryption import KEYS
from tests.model.ledger import Ledger

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
VAULT = Vault(KEYS)
LEFT_S = 86_400  # until an entry expires, unless it has


class Row:
    """Of an answer: like asyncpg's, it gives its values in order and each by its name."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields
        self.keys = fields.keys

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fields.values())


@dataclass(slots=True)
class EntryRow:
    """A row of `entries`. Times are seconds of the loop."""

    user: str
    seq: int
    id: UUID
    title: str  # names those it was sent to
    message: str
    created_at: float
    due_at: float | None
    is_acked: bool = False
    is_expired: bool = False  # told to nobody any more
    step: int = 1
    fence: int = 0


@dataclass(slots=True)
class AttemptRow:
    """A row of `attempts`."""

    number: int
    outcome: str | None = None
    retry_at: float | None = None


@dataclass(slots=True)
class Tables:
    """One history of the database."""

    ledger: Ledger
    clock: Callable[[], float]
    heads: dict[str, int] = field(default_factory=dict)
    entries: dict[tuple[str, int], EntryRow] = field(default_factory=dict)
    attempts: dict[tuple[str, int, UUID], list[AttemptRow]] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """A backup."""
        return replace(
            self,
            heads=dict(self.heads),
            entries={key: replace(entry) for key, entry in self.entries.items()},
            attempts={key: [replace(attempt) for attempt in rows] for key, rows in self.attempts.items()},
        )

    def statements(self) -> dict[str, Callable[..., list[Row]]]:
        """What each statement does, by its text."""
        return {
            accept._STORE: self.store,
            inbox._POSITIONS: self.positions,
            inbox._PAGES: self.pages,
            inbox._HEADS: self.heads_of,
            revocations._SINCE: self.revoked_since,
            inbox._ACK: self.ack,
            due._CLAIM: self.claim,
            due._LAST_ATTEMPTS: self.last_attempts,
            due._HURRY: self.hurry,
            attempts._BEGIN: self.begin_attempts,
            attempts._END: self.end_attempts,
            attempts._MOVE: self.move,
            sessions._REACHABLE: self.reachable,
            contacts._REACHABLE: self.addresses,
        }

    def store(self, *args: Any) -> list[Row]:
        """Heads and entries in one commit; the caller holds the locks of the inboxes."""
        return [self._insert(user, self.heads.get(user, 0) + 1, id_, args) for id_, user in addressed(args)]

    def store_as(self, seqs: Sequence[int], *args: Any) -> list[Row]:
        """The same, with seqs that were taken before: what a plain sequence would do."""
        return [self._insert(user, seq, id_, args) for seq, (id_, user) in zip(seqs, addressed(args), strict=True)]

    def _insert(self, user: str, seq: int, id_: UUID, args: Sequence[Any]) -> Row:
        ids = args[2]
        dues = args[8] * len(ids) if len(args[8]) == 1 else args[8]  # given once when it is the same for all
        titles, messages, due_in_s = (dict(zip(ids, values, strict=True)) for values in (args[3], args[4], dues))
        now = self.clock()
        self.heads[user] = max(seq, self.heads.get(user, 0))
        due_at = now + due_in_s[id_]
        self.entries[user, seq] = EntryRow(user, seq, id_, titles[id_], messages[id_], now, due_at)
        self.ledger.stored(user, seq, id_)
        return Row(user_id=user, seq=seq, notification_id=id_, created_at=EPOCH + timedelta(seconds=now))

    def positions(self, users: Sequence[str], seqs: Sequence[int | None]) -> list[Row]:
        """Expired entries are there as long as their row is. Nobody reads, so all is unread."""
        found = []
        for user, seq in zip(users, seqs, strict=True):
            head = self.heads.get(user, 0)
            entry = self.entries.get((user, head if seq is None else seq))
            standing = {"head": head, "unread": head, "notification_id": entry and entry.id, "archive_rev": 0}
            found.append(Row(whose=user, **standing))
        return found

    def pages(self, users: Sequence[str], afters: Sequence[int], limit: int) -> list[Row]:
        """Heads and entries of one snapshot."""
        rows = []
        for place, (user, after) in enumerate(zip(users, afters, strict=True), start=1):
            head = self.heads.get(user, 0)
            found = [entry for entry in self.of(user) if entry.seq > after and not entry.is_expired][:limit]
            nothing = Row(place=place, whose=user, head=head, seq=None)
            rows += [_page_row(place, head, entry) for entry in found] or [nothing]
        return rows

    def of(self, user: str) -> list[EntryRow]:
        """The user's entries, oldest first."""
        return sorted((e for e in self.entries.values() if e.user == user), key=lambda entry: entry.seq)

    def heads_of(self, users: Sequence[str]) -> list[Row]:
        """Of those that have an inbox; and that nothing was revoked."""
        nobody = Row(user_id=None, head=0)
        return [*(Row(user_id=user, head=self.heads[user]) for user in users if user in self.heads), nobody]

    def revoked_since(self, revision: int) -> list[Row]:
        """Nothing."""
        return [Row(head=revision, kind=None)]

    def ack(self, users: Sequence[str], afters: Sequence[int], uptos: Sequence[int], *_: Any) -> list[Row]:
        """Ranges (after, upto]. Every device is looked at."""
        rows = []
        for user, after, upto in zip(users, afters, uptos, strict=True):
            for entry in self.of(user):
                if after < entry.seq <= upto and not entry.is_acked:
                    self.acknowledge(entry)
                    rows.append(Row(seq=entry.seq))
        return rows

    def acknowledge(self, entry: EntryRow) -> None:
        """Its ladder stops."""
        entry.is_acked, entry.due_at = True, None
        self.ledger.acked(entry)

    def claim(self, limit: int, lease: timedelta) -> list[Row]:
        """Those that are due, longest first."""
        now = self.clock()
        ready = [e for e in self.entries.values() if e.due_at is not None and e.due_at <= now]
        claimed = sorted(ready, key=lambda entry: entry.due_at or 0.0)[:limit]
        for entry in claimed:
            self.lend(entry, until=now + lease.total_seconds())
        return [_claim_row(entry, unread=self.heads[entry.user], now=now) for entry in claimed]

    def lend(self, entry: EntryRow, *, until: float) -> None:
        """To one worker."""
        self.ledger.claimed(entry)
        entry.due_at = until
        entry.fence += 1

    def last_attempts(self, users: Sequence[str], seqs: Sequence[int], _: Sequence[int]) -> list[Row]:
        """The newest at each session."""
        claimed = set(zip(users, seqs, strict=True))
        now = self.clock()
        return [
            Row(
                user_id=user,
                seq=seq,
                session_id=session_id,
                number=rows[-1].number,
                counted=len(rows),
                outcome=rows[-1].outcome,
                retry_in_s=None if rows[-1].retry_at is None else max(0.0, rows[-1].retry_at - now),
            )
            for (user, seq, session_id), rows in self.attempts.items()
            if (user, seq) in claimed
        ]

    def begin_attempts(self, *columns: Any) -> list[Row]:
        """Those that no ack stopped, and nobody else has."""
        return [row for line in zip(*columns, strict=True) for row in self.begin_attempt(*line)]

    def begin_attempt(self, user: str, seq: int, fence: int, session_id: UUID, number: int, _channel: str) -> list[Row]:
        """One of them."""
        entry = self.entries.get((user, seq))
        rows = self.attempts.setdefault((user, seq, session_id), [])
        if entry is None or entry.fence != fence or entry.due_at is None or any(row.number == number for row in rows):
            return []
        self.ledger.attempted(entry)
        rows.append(AttemptRow(number))
        return [Row(user_id=user, seq=seq, session_id=session_id)]

    def end_attempts(self, *columns: Any) -> list[Row]:
        """What the provider answered."""
        for line in zip(*columns, strict=True):
            user, seq, _fence, session_id, number, outcome, _code, _provider_id, retry_in_s = line
            for row in self.attempts.get((user, seq, session_id), ()):
                if row.number == number and row.outcome is None:
                    row.outcome = outcome
                    row.retry_at = None if retry_in_s is None else self.clock() + retry_in_s
        return []

    def move(self, *columns: Any) -> list[Row]:
        """Where the ladder says, unless an ack came meanwhile."""
        for user, seq, fence, step, due_in_s, _pushed, _failure in zip(*columns, strict=True):
            entry = self.entries.get((user, seq))
            if entry is not None and entry.fence == fence:
                entry.step = step
                if entry.due_at is not None:
                    entry.due_at = None if due_in_s is None else self.clock() + due_in_s
        return []

    def hurry(self, users: Sequence[str], seqs: Sequence[int]) -> list[Row]:
        """Due now, unless acknowledged or claimed."""
        for user, seq in zip(users, seqs, strict=True):
            entry = self.entries.get((user, seq))
            if entry is not None and entry.due_at is not None and entry.fence == 0:
                entry.due_at = self.clock()
        return []

    def reachable(self, users: Sequence[str]) -> list[Row]:
        """Everybody has one phone to push to."""
        return [_session_row(user) for user in sorted(users)]

    def addresses(self, *_: Any) -> list[Row]:
        """And no address for mail."""
        return []


def addressed(store_args: Sequence[Any]) -> list[tuple[UUID, str]]:
    """What `store` is to store: a notification and a user an entry."""
    return list(zip(*store_args[:2], strict=True))


def session_of(user: str) -> UUID:
    """The one device that gets pushes."""
    return UUID(int=int.from_bytes(user.encode()))


def _session_row(user: str) -> Row:
    digest = sessions.digest_of(VAULT, user)
    token = VAULT.seal(f"{user}'s address", *sessions.place_of(user, digest))
    return Row(
        id=session_of(user), user_id=user, provider="webpush", app="", token=token, token_digest=digest, platform="web"
    )


def _page_row(place: int, head: int, entry: EntryRow) -> Row:
    created_at = EPOCH + timedelta(seconds=entry.created_at)
    content = {"title": entry.title, "message": entry.message, "data": b"{}", "priority": "normal"}
    marks = {"seen_at": None, "read_at": None, "archived_at": None}
    return Row(
        place=place, whose=entry.user, head=head, seq=entry.seq, id=entry.id, **content, created_at=created_at, **marks
    )


def _claim_row(entry: EntryRow, *, unread: int, now: float) -> Row:
    return Row(
        user_id=entry.user,
        seq=entry.seq,
        notification_id=entry.id,
        step=entry.step,
        fence=entry.fence,
        left_s=0 if entry.is_expired else LEFT_S,
        title=entry.title,
        message=entry.message,
        data="{}",
        priority="normal",
        collapse_key=None,
        ladder=None,
        push_text=None,
        unread=unread,
        cancelled=False,
        age_s=now - entry.created_at,
        acked=entry.is_acked,
        background=False,
        seen=False,
        read=False,
        reached=False,
    )
