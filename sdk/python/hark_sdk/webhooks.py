"""Whether a webhook is Hark's: signed with your endpoint's secret, and not an old one said again.

The rules are those of Standard Webhooks (https://www.standardwebhooks.com).
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

TOLERANCE_S = 300
PREFIX = "whsec_"
VERSION = "v1"


class WebhookError(Exception):
    """Do not believe this request."""


class HeaderMissing(WebhookError):
    """One of `webhook-id`, `webhook-timestamp` and `webhook-signature` is not there, or is not readable."""


class TimestampTooOld(WebhookError):
    """Sent more than five minutes ago: perhaps somebody else says it again."""


class TimestampTooNew(WebhookError):
    """Sent more than five minutes in the future: a clock is wrong."""


class SignatureMismatch(WebhookError):
    """No signature fits: another secret, or another body. Verify the bytes as they came, before you parse them."""


class SecretInvalid(WebhookError):
    """Yours is no secret of a webhook: `whsec_` and base64."""


class Webhook(msgspec.Struct, frozen=True):
    """A webhook that is Hark's. The same `id` may come twice: act on it once."""

    id: str
    sent_at: datetime
    body: bytes


def verify(body: bytes, headers: Mapping[str, str], secret: str, *, now: float | None = None) -> Webhook:
    """Gives the webhook back, or raises WebhookError. `headers` in any case; `now` is in Unix seconds."""
    key = _key(secret)
    found = {name.lower(): value for name, value in headers.items()}
    try:
        webhook_id, timestamp, signatures = (found[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise HeaderMissing(f"no header {error}") from None
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise HeaderMissing("webhook-timestamp: expected Unix seconds")
    sent_s = int(timestamp)
    _check_age(time.time() if now is None else now, sent_s)
    expected = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    # All are compared, so that the time it takes does not tell which one fitted.
    if not any([hmac.compare_digest(expected, signature) for signature in _decoded(signatures)]):  # noqa: C419
        raise SignatureMismatch("no signature fits this secret and body")
    return Webhook(webhook_id, datetime.fromtimestamp(sent_s, UTC), body)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise SecretInvalid(f"expected {PREFIX} and base64")
    return key


def _check_age(now: float, sent_s: int) -> None:
    if sent_s < now - TOLERANCE_S:
        raise TimestampTooOld(f"sent {now - sent_s:.0f} s ago")
    if sent_s > now + TOLERANCE_S:
        raise TimestampTooNew(f"sent in {sent_s - now:.0f} s")


def _decoded(signatures: str) -> Iterator[bytes]:
    """Of the version we know; a rotated secret and later versions come beside it."""
    for signature in signatures.split():
        version, _, text = signature.partition(",")
        if version == VERSION:
            try:
                yield base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                continue
