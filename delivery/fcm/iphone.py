"""What FCM hands on to APNs for an iPhone (Firebase, "REST Resource: projects.messages", ApnsConfig). Pure.

The alert's words are not in it: FCM takes them from `notification`.
"""

from datetime import datetime

import msgspec
from firebase_admin import messaging

from delivery.apple import BACKGROUND_PRIORITY, expiration, interruption, is_alert, push_priority, sound, thread_id
from delivery.clearing import Clearing
from delivery.collapse import collapse_tag
from delivery.cut import Shown
from delivery.message import Message

# APNs takes 4,096 bytes of JSON. In it FCM writes members of its own: message, sender and installation (some 150).
LIMIT_BYTES = 4096 - 256


def config(message: Message, now: datetime) -> messaging.APNSConfig:
    """The headers and the `aps` that APNs would get from us."""
    headers = {
        "apns-push-type": "alert" if is_alert(message) else "background",
        "apns-priority": push_priority(message),
        # Else FCM would keep it for 30 days.
        "apns-expiration": expiration(message.ttl_s, now),
        "apns-collapse-id": collapse_tag(message),
    }
    aps = _alert(message) if is_alert(message) else _background(message.unread)
    return messaging.APNSConfig(headers, messaging.APNSPayload(aps))


def clearing_config(clearing: Clearing, now: datetime) -> messaging.APNSConfig:
    """Data alone would wait until the app is opened."""
    headers = {
        "apns-push-type": "background",
        "apns-priority": BACKGROUND_PRIORITY,
        "apns-expiration": expiration(clearing.ttl_s, now),
    }
    return messaging.APNSConfig(headers, messaging.APNSPayload(_background(clearing.unread)))


def counted(message: Message, shown: Shown, hark: bytes) -> bytes:
    """About what APNs is given: JSON, with the app's part as a string in it."""
    alert = {"title": shown.title, "body": shown.message}
    aps = {
        "alert": alert,
        "badge": message.unread,
        "sound": "default",
        "thread-id": thread_id(message.user_id),
        "interruption-level": interruption(message),
        "mutable-content": 1,
    }
    return msgspec.json.encode({"aps": aps, "hark": hark.decode()})


def _alert(message: Message) -> messaging.Aps:
    level = interruption(message)
    return messaging.Aps(
        badge=message.unread,
        sound=sound(message) or None,
        thread_id=thread_id(message.user_id),
        mutable_content=True,  # an app's extension may fetch what was left out, and acknowledge
        custom_data={} if level == "active" else {"interruption-level": level},
    )


def _background(unread: int) -> messaging.Aps:
    return messaging.Aps(badge=unread, content_available=True)
