"""What the HTTP headers of a push say about the message (RFC 8030 section 5). Pure."""

import hashlib

from delivery import base64url
from delivery.clearing import Clearing
from delivery.message import Message, Priority
from delivery.webpush.push_services import Origin

# Four weeks, the least maximum among the services: Google's, which answers 400 to more. Mozilla's is 30 days.
MAX_TTL_S = 2_419_200

_TOPIC_LENGTH = 32  # RFC 8030 section 5.4

# RFC 8030 section 5.3. It knows nothing above high.
_URGENCY: dict[Priority, str] = {"low": "low", "normal": "normal", "high": "high", "critical": "high"}

_WINDOWS = ".notify.windows.com"


def ttl_s(of: Message | Clearing) -> int:
    """Seconds for the TTL header (section 5.2), within what every service accepts."""
    return min(max(of.ttl_s, 0), MAX_TTL_S)


def headers(message: Message, origin: Origin) -> dict[str, str]:
    """The headers beside TTL, encryption and signature, for the push service at `origin`.

    The topic makes a second copy, or what has the same collapse key, replace the first, whether that waits at the
    service or is on a screen.
    """
    said = {"urgency": _URGENCY[message.priority], "topic": _topic(message.collapse_id)}
    return said | _of_windows(message, origin)


def clearing_headers(clearing: Clearing, origin: Origin) -> dict[str, str]:
    """The same. What clears one push has its topic: while that waits at the service, it need not be shown first."""
    said = {"urgency": "normal"}
    if len(clearing.past) == 1:
        said["topic"] = _topic(clearing.collapse_ids[0])
    return said | _of_windows(clearing, origin)


def _topic(collapse_id: str) -> str:
    return base64url.encode(hashlib.sha256(collapse_id.encode()).digest())[:_TOPIC_LENGTH]


def _of_windows(message: Message | Clearing, origin: Origin) -> dict[str, str]:
    if origin.host.endswith(_WINDOWS):
        # Microsoft's keeps messages unless told otherwise, and answers 400 to a TTL that contradicts it.
        return {"x-wns-cache-policy": "cache" if ttl_s(message) else "no-cache"}
    return {}
