"""The Python client of Hark's REST API: `Hark` and `AsyncHark`, and the errors they raise."""

from hark_sdk.client import AsyncHark, Hark
from hark_sdk.errors import (
    BadRequest,
    Busy,
    Forbidden,
    HarkError,
    Invalid,
    NoAnswer,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
)
from hark_sdk.notification import Dedupe, Notification, Step
from hark_sdk.retry import Retries
from hark_sdk.users import Chat

__all__ = [
    "AsyncHark",
    "BadRequest",
    "Busy",
    "Chat",
    "Dedupe",
    "Forbidden",
    "Hark",
    "HarkError",
    "Invalid",
    "NoAnswer",
    "NotFound",
    "Notification",
    "RateLimited",
    "Refused",
    "Retries",
    "Step",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
]
