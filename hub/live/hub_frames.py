"""What the hub says, as `hub.live.frames` writes it: the shapes of its frames. Pure."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from hub.notification import Entry

Kind: TypeAlias = Literal["seen", "read", "archived", "unarchived", "withdrawn"]


class Welcome(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="welcome"):
    """The answer to hello. `head` is the newest `seq` of the inbox, `cursor` where this connection starts. When
    `archive_rev` is not the one that was heard last, something was archived or taken back meanwhile."""

    user: str
    head: int
    unread: int
    cursor: str
    ping_s: float
    archive_rev: int = 0


class Msg(Entry, frozen=True, kw_only=True, omit_defaults=True, tag_field="t", tag="msg"):
    """One entry."""


class MsgPage(msgspec.Struct, frozen=True, tag_field="t", tag="msg"):
    """Several entries, oldest first: history."""

    entries: Sequence[Entry]


class Gap(msgspec.Struct, frozen=True, tag_field="t", tag="gap", rename={"first": "from", "last": "to"}):
    """These entries are gone (expired or withdrawn). Nothing is missing."""

    first: int
    last: int


class Reset(msgspec.Struct, frozen=True, tag_field="t", tag="reset"):
    """The client's history is not this inbox's: forget it; everything that is retained follows."""

    head: int


class AckOk(msgspec.Struct, frozen=True, tag_field="t", tag="ack_ok"):
    """The ack up to `seq` is stored; until this arrives a client says it again after a reconnect."""

    seq: int


class StateChanged(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="t", tag="state"):
    """These entries were seen or read on some connection of this user, archived or taken back, or are shown no more.
    `unread` counts the inbox up to `head`; `archive_rev` comes with `archived` and `unarchived`."""

    state: Kind
    seqs: Sequence[int]
    unread: int
    head: int
    archive_rev: int = 0


class Joined(msgspec.Struct, frozen=True, tag_field="t", tag="joined"):
    """From here on every message of this topic is heard."""

    topic: str


class Live(msgspec.Struct, frozen=True, tag_field="t", tag="live"):
    """A message of an ephemeral topic: not stored, not acknowledged."""

    topic: str
    data: msgspec.Raw


class Reconnect(msgspec.Struct, frozen=True, tag_field="t", tag="reconnect"):
    """This node stops: come back in so many milliseconds, to another one or its successor. Until then it goes on."""

    after_ms: int


class RefreshNeeded(msgspec.Struct, frozen=True, tag_field="t", tag="refresh_needed"):
    """The user token ends in so many seconds, and the connection with it: say `refresh` with a new one before."""

    expires_in_s: int


class Ping(msgspec.Struct, frozen=True, tag_field="t", tag="ping"):
    """Answer with `pong` before the next one."""


class Error(msgspec.Struct, frozen=True, tag_field="t", tag="error"):
    """What was wrong with the client's last frame; the close follows, except after `forbidden`."""

    code: str
    message: str


class Closed(msgspec.Struct, frozen=True, tag_field="t", tag="close"):
    """The end of an event stream, with the code that a socket would be closed with."""

    code: int
    reason: str


HubFrame: TypeAlias = (
    Welcome
    | Msg
    | MsgPage
    | Gap
    | Reset
    | AckOk
    | StateChanged
    | Joined
    | Live
    | Reconnect
    | RefreshNeeded
    | Ping
    | Error
    | Closed
)
