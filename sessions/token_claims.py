"""The JSON inside a user token (RFC 7519), read so that it means one thing only. Pure.

What the head or the claims say in a way that two libraries could read differently is refused: a name that stands twice,
a number that is no integer, a text for a number, base64 that is not base64url.
"""

import base64
import binascii
import json
from typing import Annotated, Any, NewType

import msgspec
from msgspec import UNSET, Meta

Payload = NewType("Payload", bytes)  # claims whose signature was verified

_Name = Annotated[str, Meta(max_length=255)]
# The same as the API's id of a user. Postgres stores no NUL: one such hello would spoil the query of all beside it.
_UserId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*\Z")]

_Second = Annotated[int, Meta(ge=0, le=2**53)]  # no more than a double counts: the other times are doubles


class NotUnderstood(Exception):
    """The text says nothing that a token may say; the message is for the operator."""


class Head(msgspec.Struct, frozen=True):
    """A JWS header (RFC 7515 §4.1) as far as one is obeyed; what issuers add beside that is passed over."""

    alg: str
    typ: str = "JWT"
    kid: _Name | None = None


class _NeverObeyed(msgspec.Struct, frozen=True):
    """What some library somewhere has obeyed. A token that has any of it was made for that library."""

    crit: Any = UNSET  # "refuse me unless you understand …"
    b64: Any = UNSET  # RFC 7797: signed otherwise
    zip: Any = UNSET
    enc: Any = UNSET  # RFC 7516
    jwk: Any = UNSET  # "here is the key that I am signed with"
    x5c: Any = UNSET
    jku: Any = UNSET  # "go there for it"
    x5u: Any = UNSET


class Claims(msgspec.Struct, frozen=True):
    """What is obeyed; whatever else a token says is passed over. Times are Unix seconds."""

    sub: _UserId
    exp: _Second
    iat: float
    aud: str | list[str]
    iss: str = ""
    nbf: float = 0.0
    jti: _Name = ""
    sid: _Name = ""
    topics: tuple[str, ...] = ()

    def is_for(self, audience: str) -> bool:
        """Whether it was meant for us (RFC 7519 §4.1.3)."""
        return audience == self.aud if isinstance(self.aud, str) else audience in self.aud


_TYPES = frozenset(
    {"jwt", "at+jwt", "application/at+jwt"}
)  # RFC 7519 §5.1, RFC 9068; a logout token or a DPoP proof is no user token
_NAMES = tuple(f'"{name}"'.encode() for name in Claims.__struct_fields__)

_head_decoder = msgspec.json.Decoder(Head)
_never_decoder = msgspec.json.Decoder(_NeverObeyed)
_claims_decoder = msgspec.json.Decoder(Claims)


def read_head(text: str) -> Head:
    """The first part of a token. Raises NotUnderstood."""
    try:
        content = decoded(text)
        _refuse_twice(content)
        head = _head_decoder.decode(content)
        never = _never_decoder.decode(content)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise NotUnderstood(f"its head: {error}") from None
    if never != _NeverObeyed():
        raise NotUnderstood("its head: something that is never obeyed")
    if head.typ.lower() not in _TYPES:
        raise NotUnderstood(f"its head: of the type {head.typ!r}")
    return head


def read_claims(payload: Payload) -> Claims:
    """Raises NotUnderstood."""
    try:
        if _may_say_twice(payload):
            _refuse_twice(payload)
        return _claims_decoder.decode(payload)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise NotUnderstood(f"its claims: {error}") from None


def decoded(text: str) -> bytes:
    """Base64url without padding (RFC 7515 §2), strictly. Raises ValueError."""
    if "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _may_say_twice(payload: bytes) -> bool:
    """Whether a name that matters may stand there twice, perhaps in other letters (`\\u0073ub`): a quick look, because
    the long one costs more than everything else about a token."""
    return b"\\" in payload or any(payload.count(name) > 1 for name in _NAMES)


def _refuse_twice(content: bytes) -> None:
    json.loads(content, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found
