"""One push as a strict FCM reads it (Firebase, "REST Resource: projects.messages"). Pure: it is given the time."""

import re
from datetime import datetime
from typing import Literal

import msgspec

from delivery.simulator.deliveries import Delivery

MAX_BODY_BYTES = 16_384  # of the request; the payload in it may have 4,096
MAX_PAYLOAD_BYTES = 4096

# Firebase's error codes with their HTTP status and Google's general one.
STATUSES = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "UNREGISTERED": (404, "NOT_FOUND"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "INTERNAL": (500, "INTERNAL"),
    "UNSPECIFIED_ERROR": (500, "UNKNOWN"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
}

_TOKEN = re.compile(r"[A-Za-z0-9:_-]{8,4096}")
_RESERVED = re.compile(r"from|message_type|google.*|gcm.*")


class Refusal(msgspec.Struct, frozen=True):
    """Why a push is not taken."""

    code: str
    """FCM's own, of STATUSES."""
    message: str
    field: str = ""
    """Which part of the request is wrong; FCM then names that in place of its own code."""


class _Notification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str = ""
    body: str = ""


class _AndroidNotification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tag: str = ""
    notification_count: int = 0


class _Android(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    collapse_key: str = ""
    priority: Literal["normal", "high"] = "normal"
    ttl: str = "2419200s"
    notification: _AndroidNotification | None = None


class _Apns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    headers: dict[str, str] = {}
    payload: dict[str, dict[str, object]] = {}


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str
    notification: _Notification | None = None
    data: dict[str, str] = {}
    android: _Android = _Android()
    apns: _Apns = _Apns()
    """For iPhones that FCM serves; an Android phone hears none of it."""


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: _Message


class Push(msgspec.Struct, frozen=True):
    """A push that is right, to a device that may be gone."""

    token: str
    delivery: Delivery
    tag: str | None
    shown: bool


def receive(body: bytes, now: datetime) -> Push | Refusal:
    """What the device gets, or why it gets nothing."""
    try:
        message = msgspec.json.decode(body, type=_Request).message
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Refusal("INVALID_ARGUMENT", f"Invalid JSON payload received. {error}", "message")
    if not _TOKEN.fullmatch(message.token):
        return Refusal("INVALID_ARGUMENT", "The registration token is not a valid FCM registration token")
    fault = _fault(message)
    if fault is not None:
        return fault
    return Push(message.token, Delivery("fcm", _without_token(body), {}, now), _tag(message), _shown(message))


def _fault(message: _Message) -> Refusal | None:
    reserved = next((key for key in message.data if _RESERVED.fullmatch(key)), None)
    if reserved is not None:
        return Refusal("INVALID_ARGUMENT", f"Invalid data payload key: {reserved}", "message.data")
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,9})?s", message.android.ttl):
        return Refusal("INVALID_ARGUMENT", f"Illegal duration format: {message.android.ttl}", "message.android.ttl")
    if _size(message) > MAX_PAYLOAD_BYTES:
        return Refusal("INVALID_ARGUMENT", "Android message is too big", "message")
    return None


def _size(message: _Message) -> int:
    said = dict(message.data)
    if message.notification is not None:
        said |= {"title": message.notification.title, "body": message.notification.body}
    return sum(len(key.encode()) + len(value.encode()) for key, value in said.items())


def _tag(message: _Message) -> str | None:
    notification = message.android.notification
    return notification.tag or None if notification is not None else None


def _shown(message: _Message) -> bool:
    return message.notification is not None


def _without_token(body: bytes) -> msgspec.Raw:
    """As it was sent, but for the device's secret."""
    message = msgspec.json.decode(body, type=dict[str, dict[str, msgspec.Raw]])["message"]
    return msgspec.Raw(msgspec.json.encode({name: part for name, part in message.items() if name != "token"}))
