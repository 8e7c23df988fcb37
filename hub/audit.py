"""The audit log's rules: who did what to what, and the chain of hashes in which any change of the past shows."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

import msgspec

HEADS = "audit heads"  # what the key that signs them is for
CLI = "cli"  # who has a shell and the database's URL

# What changes rights, or where others' data goes; and looks into what is somebody else's. docs/security.md lists them.
Action: TypeAlias = Literal[
    "key.created",
    "key.revoked",
    "tokens.minted",
    "tokens.revoked",
    "revocation.undone",
    "session.registered",
    "session.deleted",
    "contacts.changed",
    "contacts.read",
    "inbox.read",
    "notification.explained",
    "notification.cancelled",
    "dead_letters.replayed",
    "topic.created",
    "topic.deleted",
    "topic.members_changed",
    "webhook.created",
    "webhook.changed",
    "webhook.rotated",
    "webhook.deleted",
]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTED = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})(?::([0-9a-f]{64}))?")


class Deed(msgspec.Struct, frozen=True):
    """What somebody did. `by`: the id of an API key, or CLI. `objects`: ids, names, counts; never secrets, contents or
    addresses."""

    by: str
    action: Action
    objects: Mapping[str, str | int | Sequence[str]]
    happened: bool = True  # False: there was none, or it was so before

    @property
    def outcome(self) -> Literal["done", "nothing"]:
        """In a word."""
        return "done" if self.happened else "nothing"


class Head(NamedTuple):
    """The newest row of a chain, or how its newest row once was."""

    n: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.n}:{self.hash.hex()}"


START = Head(0, bytes(32))  # of a chain without rows


class NotedHead(NamedTuple):
    """A head as it is kept elsewhere, `N:HASH` or `N:HASH:SIGNATURE`: who has the database, and the place where heads
    are kept, cannot sign another one."""

    head: Head
    signature: bytes | None

    def __str__(self) -> str:
        return f"{self.head}:{self.signature.hex()}" if self.signature is not None else str(self.head)

    def is_signed(self, key: bytes) -> bool:
        """Whether with this key."""
        return hmac.compare_digest(self.signature or b"", signed(self.head, key).signature or b"")


def signed(head: Head, key: bytes) -> NotedHead:
    """HMAC-SHA-256."""
    return NotedHead(head, hmac.digest(key, str(head).encode(), "sha256"))


class Row(NamedTuple):
    """A deed in the chain: the `n`-th; `objects` is JSON, to the byte."""

    n: int
    at: datetime
    by: str
    action: str
    objects: str
    outcome: str
    hash: bytes

    @property
    def head(self) -> Head:
        """This row as the end of the chain."""
        return Head(self.n, self.hash)


def parse_head(text: str) -> NotedHead:
    """Raises ValueError."""
    found = _NOTED.fullmatch(text)
    if found is None:
        raise ValueError("must be N:HASH or N:HASH:SIGNATURE, as `hark audit head` prints it")
    n, hash_, signature = found.groups()
    return NotedHead(Head(int(n), bytes.fromhex(hash_)), None if signature is None else bytes.fromhex(signature))


def linked(last: Head, at: datetime, deed: Deed) -> Row:
    """The deed as the row behind `last`."""
    objects = msgspec.json.encode(deed.objects, order="deterministic").decode()
    row = Row(last.n + 1, at, deed.by, deed.action, objects, deed.outcome, b"")
    return row._replace(hash=_hash(last.hash, row))


def _hash(previous: bytes, row: Row) -> bytes:
    """SHA-256 over the hash before and the row as a JSON array, its time in microseconds since 1970."""
    at = (row.at - _EPOCH) // _MICROSECOND
    content = msgspec.json.encode((row.n, at, row.by, row.action, row.objects, row.outcome))
    return hashlib.sha256(previous + content).digest()


class Chain:
    """Follows rows in the order of their numbers and says what does not fit. `heads` are those that somebody noted
    elsewhere: without one, whoever can write to the table can cut off its end, or calculate every hash anew."""

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self.last = START
        self._heads = sorted(set(heads))

    def look(self, row: Row) -> Iterator[str]:
        """What is wrong at this row, a sentence each."""
        expected = self.last.n + 1
        if row.n < expected:
            yield f"row {row.n} is there more than once"
        elif row.n > expected:
            yield f"rows are missing: {expected} to {row.n - 1}"
        elif _hash(self.last.hash, row) != row.hash:
            yield f"row {row.n} is not as it was written, or the row before it is not"
        for head in self._heads:
            if head.n == row.n and head.hash != row.hash:
                yield f"row {row.n} is another one than when the head {head} was noted"
        self.last = row.head

    def end(self) -> Iterator[str]:
        """What is wrong when no row follows."""
        for head in self._heads:
            if head.n > self.last.n:
                yield f"the rows behind {self.last.n} are missing: there were {head.n} when the head {head} was noted"
            elif head.n == 0 and head != START:
                yield f"no chain ever began with the head {head}"
