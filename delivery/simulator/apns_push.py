"""One push as a strict APNs reads it (Apple, "Sending notification requests to APNs"). Pure: it is given the time."""

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from delivery.simulator.deliveries import Delivery
from delivery.simulator.http2 import Request

MAX_PAYLOAD_BYTES = 4096

# Apple's table of response error strings, by its status.
STATUSES = {
    400: (
        "BadCollapseId", "BadDeviceToken", "BadExpirationDate", "BadMessageId", "BadPriority", "BadTopic",
        "DeviceTokenNotForTopic", "DuplicateHeaders", "IdleTimeout", "InvalidPushType", "MissingDeviceToken",
        "MissingTopic", "PayloadEmpty", "TopicDisallowed",
    ),
    403: (
        "InvalidProviderToken", "BadCertificate", "BadCertificateEnvironment", "BadEnvironmentKeyIdInToken",
        "ExpiredProviderToken", "Forbidden", "MissingProviderToken", "UnrelatedKeyIdInToken",
    ),
    404: ("BadPath",),
    405: ("MethodNotAllowed",),
    410: ("Unregistered", "ExpiredToken"),
    413: ("PayloadTooLarge",),
    429: ("TooManyRequests", "TooManyProviderTokenUpdates"),
    500: ("InternalServerError",),
    503: ("ServiceUnavailable", "Shutdown"),
}  # fmt: skip
STATUS_OF = {reason: status for status, reasons in STATUSES.items() for reason in reasons}

_PATH = "/3/device/"
_TOKEN = re.compile(r"(?:[0-9a-fA-F]{2}){32,200}")
_HEADERS = {
    "apns-id": (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "BadMessageId"),
    "apns-priority": (re.compile(r"1|5|10"), "BadPriority"),
    "apns-expiration": (re.compile(r"[0-9]{1,15}"), "BadExpirationDate"),
    "apns-collapse-id": (re.compile(r".{1,64}"), "BadCollapseId"),
    "apns-topic": (re.compile(r"[A-Za-z0-9._-]+"), "BadTopic"),
    "apns-push-type": (re.compile(r"alert|background"), "InvalidPushType"),  # those that Hark's devices know
}


class Reason(msgspec.Struct, frozen=True):
    """Why a push is not taken, in Apple's word."""

    reason: str


class _Aps(msgspec.Struct, frozen=True):
    badge: int | None = None


class _Payload(msgspec.Struct, frozen=True):
    aps: _Aps


def device_token(request: Request) -> str | Reason:
    """The device a push is for."""
    if request.method != "POST":
        return Reason("MethodNotAllowed")
    if not request.path.startswith(_PATH):
        return Reason("BadPath")
    token = request.path.removeprefix(_PATH)
    if not token:
        return Reason("MissingDeviceToken")
    return token if is_device_token(token) else Reason("BadDeviceToken")


def is_device_token(text: str) -> bool:
    """Whether it can be one; every device that can be is there, until it leaves."""
    return _TOKEN.fullmatch(text) is not None


def receive(request: Request, now: datetime) -> Delivery | Reason:
    """What the device gets, or why it gets nothing."""
    fault = _header_fault(request.headers)
    if fault is not None:
        return Reason(fault)
    if len(request.body) > MAX_PAYLOAD_BYTES:
        return Reason("PayloadTooLarge")
    if not _has_aps(request.body):
        return Reason("PayloadEmpty")
    kept = {name: value for name, value in request.headers.items() if name.startswith("apns-")}
    return Delivery("apns", msgspec.Raw(request.body), kept, now)


def badge(payload: bytes | msgspec.Raw) -> int | None:
    """The number on the app's icon, if the push sets it."""
    try:
        return msgspec.json.decode(payload, type=_Payload).aps.badge
    except msgspec.DecodeError:
        return None


def value_fault(said: Mapping[str, str]) -> str | None:
    """Which of the headers that are there has a wrong value, in Apple's word."""
    for name, (form, reason) in _HEADERS.items():
        if name in said and not form.fullmatch(said[name]):
            return reason
    if said.get("apns-push-type") == "background" and said.get("apns-priority") != "5":
        return "BadPriority"
    return None


def _header_fault(said: Mapping[str, str]) -> str | None:
    if "apns-topic" not in said:
        return "MissingTopic"
    if "apns-push-type" not in said:
        return "InvalidPushType"
    return value_fault(said)


def _has_aps(body: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(body, type=dict[str, object]).get("aps"), dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
