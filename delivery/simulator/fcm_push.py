"""One push as a strict FCM reads it (Firebase, "REST Resource: projects.messages"). Pure: it is given the time."""

import re
from datetime import datetime
from typing import Literal

import msgspec

from delivery.simulator.apns_push import value_fault
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

# Of real tokens only FCM knows which phone has them; of ours, everybody.
IPHONE = "ios-"

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


class _Aps(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    badge: int | None = None
    alert: _Notification | str | None = None
    sound: str = ""
    thread_id: str = ""
    interruption_level: Literal["passive", "active", "time-sensitive", "critical"] = "active"
    mutable_content: Literal[0, 1] = 0
    content_available: Literal[0, 1] = 0


class _ApnsPayload(msgspec.Struct, frozen=True):
    aps: _Aps = _Aps()


class _Apns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    headers: dict[str, str] = {}
    payload: _ApnsPayload = _ApnsPayload()


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str
    notification: _Notification | None = None
    data: dict[str, str] = {}
    android: _Android = _Android()
    apns: _Apns = _Apns()
    """For iPhones that FCM serves; an Android phone hears none of it, and they hear none of `android`."""


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: _Message


class Push(msgspec.Struct, frozen=True):
    """A push that is right, to a device that may be gone."""

    token: str
    delivery: Delivery
    tag: str | None
    """What it replaces on the screen, and would be replaced by."""
    shown: bool
    badge: int | None


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
    delivery = Delivery("fcm", _without_token(body), {}, now)
    if _is_iphone(message):
        aps = message.apns.payload.aps
        tag = message.apns.headers.get("apns-collapse-id")
        return Push(message.token, delivery, tag, shown=_shown(message) or aps.alert is not None, badge=aps.badge)
    return Push(message.token, delivery, _tag(message), shown=_shown(message), badge=None)


def _is_iphone(message: _Message) -> bool:
    return message.token.startswith(IPHONE)


def _fault(message: _Message) -> Refusal | None:
    reserved = next((key for key in message.data if _RESERVED.fullmatch(key)), None)
    if reserved is not None:
        return Refusal("INVALID_ARGUMENT", f"Invalid data payload key: {reserved}", "message.data")
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,9})?s", message.android.ttl):
        return Refusal("INVALID_ARGUMENT", f"Illegal duration format: {message.android.ttl}", "message.android.ttl")
    if _size(message) > MAX_PAYLOAD_BYTES:
        return Refusal("INVALID_ARGUMENT", "Android message is too big", "message")
    return _fault_of_apns(message) if _is_iphone(message) else None


def _fault_of_apns(message: _Message) -> Refusal | None:
    reason = value_fault(message.apns.headers)
    if reason is not None:
        return Refusal("INVALID_ARGUMENT", f"APNs would say {reason}", "message.apns.headers")
    if _size_for_apns(message) > MAX_PAYLOAD_BYTES:
        return Refusal("INVALID_ARGUMENT", "APNS message is too big", "message")
    return None


def _size(message: _Message) -> int:
    said = dict(message.data)
    if message.notification is not None:
        said |= {"title": message.notification.title, "body": message.notification.body}
    return sum(len(key.encode()) + len(value.encode()) for key, value in said.items())


def _size_for_apns(message: _Message) -> int:
    """Of the JSON that FCM makes of it: the app's data beside `aps`, and a few members of FCM's own."""
    aps = message.apns.payload.aps
    alert = message.notification if aps.alert is None else aps.alert
    own = {"gcm.message_id": "0" * 16, "google.c.fid": "0" * 22, "google.c.sender.id": "0" * 12, "google.c.a.e": "1"}
    return len(msgspec.json.encode({"aps": msgspec.structs.replace(aps, alert=alert), **message.data, **own}))


def _tag(message: _Message) -> str | None:
    notification = message.android.notification
    return notification.tag or None if notification is not None else None


def _shown(message: _Message) -> bool:
    return message.notification is not None


def _without_token(body: bytes) -> msgspec.Raw:
    """As it was sent, but for the device's secret."""
    message = msgspec.json.decode(body, type=dict[str, dict[str, msgspec.Raw]])["message"]
    return msgspec.Raw(msgspec.json.encode({name: part for name, part in message.items() if name != "token"}))
