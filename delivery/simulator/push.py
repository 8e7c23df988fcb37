"""One push as a strict push service reads it (RFC 8030 section 5). Pure: the time is an argument."""

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from delivery.simulator.deliveries import Delivery
from delivery.simulator.devices import Device
from delivery.simulator.refused import Refused
from delivery.simulator.vapid_check import check

MAX_BODY_BYTES = 4096  # RFC 8030 section 7.2: the least that a service must take, and no real one takes more

_TTL = re.compile(r"[0-9]{1,10}")
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
_URGENCIES = frozenset({"very-low", "low", "normal", "high"})
_KEPT = ("ttl", "urgency", "topic", "content-encoding")


def receive(
    device: Device, headers: Mapping[str, str], body: bytes, *, origin: str, now: datetime
) -> Delivery | Refused:
    """What the device gets, or why it gets nothing. `headers` are looked up in lower case."""
    fault = _header_fault(headers)
    if fault is not None:
        return Refused(400, fault)
    if len(body) > MAX_BODY_BYTES:
        return Refused(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
    refused = check(headers.get("authorization"), audience=origin, binding=device.binding, now=now)
    if refused is not None:
        return refused
    plaintext = device.decrypt(body)
    if plaintext is None:
        return Refused(400, "the body is not encrypted for this subscription")
    kept = {name: headers[name] for name in _KEPT if name in headers}
    return Delivery("webpush", _as_json(plaintext), kept, now)


def _header_fault(headers: Mapping[str, str]) -> str | None:
    if "ttl" not in headers:
        return "TTL header missing"
    if not _TTL.fullmatch(headers["ttl"]):
        return "TTL is not a number of seconds"
    if headers.get("urgency", "normal") not in _URGENCIES:
        return "Urgency is none of very-low, low, normal, high"
    if "topic" in headers and not _TOPIC.fullmatch(headers["topic"]):
        return "Topic is not up to 32 characters of base64url"
    if headers.get("content-encoding") != "aes128gcm":
        return "Content-Encoding is not aes128gcm"
    return None


def _as_json(plaintext: bytes) -> msgspec.Raw:
    try:
        msgspec.json.decode(plaintext)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.Raw(msgspec.json.encode(plaintext.decode(errors="replace")))
    return msgspec.Raw(plaintext)
