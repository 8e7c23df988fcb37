"""What travels over the bus to a user's nodes: hints that something is in Postgres, enough to show it at once. Pure."""

import struct
from typing import NamedTuple, TypeAlias

USER = "user:"
TOPIC = "topic:"
# Channels of all nodes: something was revoked; what, is in Postgres.
REVOKED = "revoked"  # user tokens
KEY_REVOKED = "key-revoked"  # an API key

_ENTRY_HEAD = struct.Struct("!cQd")  # kind, seq, Unix seconds when it was published
_ENTRY = b"e"
_STATE = b"s"


class EntryHint(NamedTuple):
    """A new entry; `json` is its JSON object."""

    seq: int
    published_at: float
    json: bytes


class StateHint(NamedTuple):
    """Entries changed state; `message` is the frame for every connection of the user."""

    message: bytes


Hint: TypeAlias = EntryHint | StateHint


def user_channel(user_id: str) -> str:
    """Where a user's hints travel."""
    return USER + user_id


def topic_channel(topic: str) -> str:
    """Where an ephemeral topic's messages travel, as they are: the frame for every connection that joined."""
    return TOPIC + topic


def pack(hint: Hint) -> bytes:
    """The bytes of a hint."""
    if isinstance(hint, StateHint):
        return _STATE + hint.message
    return _ENTRY_HEAD.pack(_ENTRY, hint.seq, hint.published_at) + hint.json


def unpack(payload: bytes) -> Hint | None:
    """The hint, or None for what another version may have sent."""
    if payload[:1] == _STATE:
        return StateHint(payload[1:])
    if payload[:1] != _ENTRY or len(payload) < _ENTRY_HEAD.size:
        return None
    _, seq, published_at = _ENTRY_HEAD.unpack_from(payload)
    return EntryHint(seq, published_at, payload[_ENTRY_HEAD.size :])
