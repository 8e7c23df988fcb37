"""What the HTTP headers of a push say about the message (RFC 8030 section 5). Pure."""

import hashlib

from delivery import base64url
from delivery.message import Message, Priority
from delivery.webpush.push_services import Origin

# Four weeks, the least maximum among the services: Google's, which answers 400 to more. Mozilla's is 30 days.
MAX_TTL_S = 2_419_200

_TOPIC_LENGTH = 32  # RFC 8030 section 5.4

# RFC 8030 section 5.3. It knows nothing above high.
_URGENCY: dict[Priority, str] = {"low": "low", "normal": "normal", "high": "high", "critical": "high"}

_WINDOWS = ".notify.windows.com"


def ttl_s(message: Message) -> int:
    """Seconds for the TTL header (section 5.2), within what every service accepts."""
    return min(max(message.ttl_s, 0), MAX_TTL_S)


def headers(message: Message, origin: Origin) -> dict[str, str]:
    """The headers beside TTL, encryption and signature, for the push service at `origin`.

    The topic makes a second copy, or what has the same collapse key, replace the first, whether that waits at the
    service or is on a screen.
    """
    digest = hashlib.sha256(message.collapse_id.encode()).digest()
    said = {"urgency": _URGENCY[message.priority], "topic": base64url.encode(digest)[:_TOPIC_LENGTH]}
    if origin.host.endswith(_WINDOWS):
        # Microsoft's keeps messages unless told otherwise, and answers 400 to a TTL that contradicts it.
        said["x-wns-cache-policy"] = "cache" if ttl_s(message) else "no-cache"
    return said
