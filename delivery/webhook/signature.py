"""Signatures of Standard Webhooks 1.0: HMAC-SHA256, by every secret that is still good. No clock."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

SECRET_BYTES = 32  # the specification: 24 to 64


def new_secret() -> str:
    """As it is shown to who will verify with it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(event_id: str, body: bytes, signing: Sequence[str], now: datetime) -> dict[str, str]:
    """Of a request at `now` (UTC), one signature for each secret: a receiver that knows one of them is content."""
    signatures = [Webhook(secret).sign(event_id, now, body.decode()) for secret in signing]
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
