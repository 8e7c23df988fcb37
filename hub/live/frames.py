"""Frames of `hark.v1`: JSON text, one object each, `t` first. Pure; docs/protocol.md describes them for clients."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from hub.live import hub_frames
from hub.live.hub_frames import Kind
from hub.notification import Page, entry_json

SUBPROTOCOL = "hark.v1"
FRAME_BYTES = 64 * 1024  # of entries in one message: clients and proxies have limits, and a transport fills up

Seq: TypeAlias = Annotated[int, Meta(ge=1, le=2**53 - 1)]  # what a JavaScript number holds exactly
Topic: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Focus: TypeAlias = Literal["visible", "hidden", "idle"]
Seqs: TypeAlias = Annotated[list[Seq], Meta(min_length=1, max_length=1000)]


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="hello"):
    """Must be first. No cursor: from the newest entry on. "0": everything that is retained."""

    token: str
    cursor: str | None = None
    session_id: str | None = None
    focus: Focus | None = None


class Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="ack"):
    """Every entry up to `seq` was applied; beginning after `after`, or else after this connection's last ack. Counts
    as far as this connection was sent."""

    seq: Seq
    after: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="seen"):
    """The user saw these entries."""

    seqs: Seqs


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="read"):
    """The user read these entries, or everything up to `through`."""

    seqs: Seqs | None = None
    through: Seq | None = None


class Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="archive"):
    """The user put these entries away, which reads them."""

    seqs: Seqs


class Unarchive(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="unarchive"):
    """The user took these back out of the archive. They stay read."""

    seqs: Seqs


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="join"):
    """Hear an ephemeral topic that the user token allows."""

    topic: Topic


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="leave"):
    """Hear it no more."""

    topic: Topic


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="refresh"):
    """A new user token for the same user, before the old one expires."""

    token: str


class FocusOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="focus"):
    """Whether the user looks at this client. An ack from one that nobody looks at does not stop a push for long."""

    state: Focus


class Pong(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t", tag="pong"):
    """The answer to `ping`."""


ClientFrame: TypeAlias = Hello | Ack | Seen | Read | Archive | Unarchive | Join | Leave | Refresh | FocusOn | Pong


class BadFrame(Exception):
    """A text that is no frame of a client; the message says what was expected where."""


_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)


def parse(text: str | bytes) -> ClientFrame:
    """Raises BadFrame."""
    try:
        frame = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(str(error)) from None
    if isinstance(frame, Read) and (frame.seqs is None) == (frame.through is None):
        raise BadFrame("Expected either `seqs` or `through` - at `$`")
    return frame


_encode = msgspec.json.Encoder().encode


def welcome(*, user: str, head: int, unread: int, ping_s: float, cursor: str, archive_rev: int = 0) -> bytes:
    """The answer to hello. `cursor` is where this connection starts."""
    return _encode(hub_frames.Welcome(user, head, unread, cursor, ping_s, archive_rev))


def msg(entry: bytes) -> bytes:
    """One entry, given as its JSON object."""
    return b'{"t":"msg",' + entry[1:]


def msg_page(entries: Sequence[bytes]) -> bytes:
    """Several entries, oldest first."""
    return b'{"t":"msg","entries":[' + b",".join(entries) + b"]}"


def gap(first: int, last: int) -> bytes:
    """These entries are gone (expired or withdrawn): nobody has to ask for them again."""
    return _encode(hub_frames.Gap(first, last))


def reset(head: int) -> bytes:
    """The client's history is not this inbox's: forget it; everything that is retained follows."""
    return _encode(hub_frames.Reset(head))


def ack_ok(seq: int) -> bytes:
    """The ack up to `seq` is stored; until this arrives a client says it again after a reconnect."""
    return _encode(hub_frames.AckOk(seq))


def state(kind: Kind, seqs: Sequence[int], *, unread: int, head: int, archive_rev: int = 0) -> bytes:
    """These entries were seen, read, archived or taken back on some connection of this user, or are shown no more.
    `unread` counts the inbox up to `head`."""
    return _encode(hub_frames.StateChanged(kind, seqs, unread, head, archive_rev))


def joined(topic: str) -> bytes:
    """From here on every message of this topic is heard."""
    return _encode(hub_frames.Joined(topic))


def live(topic: str, data: bytes) -> bytes:
    """A message of an ephemeral topic; `data` is JSON."""
    return _encode(hub_frames.Live(topic, msgspec.Raw(data)))


def reconnect(*, after_ms: int) -> bytes:
    """This node stops: come back in so many milliseconds, to another one or its successor. Until then it goes on."""
    return _encode(hub_frames.Reconnect(after_ms))


def refresh_needed(*, expires_in_s: int) -> bytes:
    """The user token ends in so many seconds, and the connection with it: say `refresh` before."""
    return _encode(hub_frames.RefreshNeeded(expires_in_s))


def error(code: str, message: str) -> bytes:
    """What was wrong with the client's last frame."""
    return _encode(hub_frames.Error(code, message))


PING = _encode(hub_frames.Ping())


def page_frames(after: int, page: Page) -> Iterator[tuple[bytes, int]]:
    """The messages that bring a client from `after` over a page, each with the seq the client then has: entries in
    runs of at most FRAME_BYTES (or one entry), and a gap for each hole."""
    run: list[bytes] = []
    size = 0
    at = after
    for entry in page.entries:
        encoded = entry_json(entry)
        if run and (entry.seq != at + 1 or size + len(encoded) > FRAME_BYTES):
            yield msg_page(run), at
            run, size = [], 0
        if entry.seq != at + 1:
            yield gap(at + 1, entry.seq - 1), entry.seq - 1
        run.append(encoded)
        size += len(encoded)
        at = entry.seq
    if run:
        yield msg_page(run), at
    if not page.full and page.head > at:
        yield gap(at + 1, page.head), page.head
