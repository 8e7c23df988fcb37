"""Web Push (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292) by pywebpush: the provider for browsers.

Requests take the road: pywebpush's own would follow redirects past the check of the endpoint, and read answers of any
length.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from pywebpush import WebPusher, WebPushException

from delivery.answer import Lost
from delivery.clearing import Clearing
from delivery.message import Message, Target
from delivery.outcome import Accepted, Outcome, Rejected
from delivery.road import DEADLINE_S, Road
from delivery.webpush import vapid
from delivery.webpush.answer import outcome_of
from delivery.webpush.headers import clearing_headers, headers, ttl_s
from delivery.webpush.payload import clearing_payload, payload
from delivery.webpush.push_services import Origin, endpoint_allowed, extra_origins, origin_of, takes_silent
from delivery.webpush.settings import WebPushSettings
from delivery.webpush.signatures import Signatures


class _Keys(msgspec.Struct, frozen=True):
    p256dh: str
    auth: str


class _Subscription(msgspec.Struct, frozen=True):
    """What `PushSubscription.toJSON()` gives; more fields may be there and mean nothing to us."""

    endpoint: str
    keys: _Keys


class WebPush:
    """The `Provider` of `webpush`. ValueError for malformed settings."""

    channel = "webpush"

    def __init__(self, settings: WebPushSettings, *, deadline_s: float = DEADLINE_S) -> None:
        self._signer = vapid.load(settings.vapid_private_key)
        vapid.check_subject(self._signer, settings.vapid_subject)
        self._signatures = Signatures(self._signer, settings.vapid_subject)
        self._own_services = extra_origins(settings.push_services)
        self._road = Road(deadline_s=deadline_s)
        self._proven: set[str] = set()  # push services that have accepted our signature

    @property
    def application_server_key(self) -> str:
        """What browsers must subscribe with, for our signature to be accepted."""
        return self._signer.application_server_key

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`."""

        def said(origin: Origin) -> dict[str, str]:
            return headers(message, origin) | {"ttl": str(ttl_s(message))}

        return await self._send(said, lambda: payload(message), target)

    async def clear(self, clearing: Clearing, target: Target) -> Outcome:
        """See `Clears.clear`; `Rejected` where a push that shows nothing could cost the subscription."""
        subscription = _subscription(target.address)
        origin = None if subscription is None else origin_of(subscription.endpoint)
        if origin is not None and not takes_silent(origin):
            return Rejected("silent", "this browser may end a subscription over pushes that show nothing")

        def said(origin: Origin) -> dict[str, str]:
            return clearing_headers(clearing, origin) | {"ttl": str(ttl_s(clearing))}

        return await self._send(said, lambda: clearing_payload(clearing), target)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        await self._road.aclose()

    async def _send(
        self, headers_of: Callable[[Origin], dict[str, str]], plaintext: Callable[[], bytes], target: Target
    ) -> Outcome:
        subscription = _subscription(target.address)
        if subscription is None:
            return Rejected("bad_subscription", "not the JSON text of a PushSubscription")
        origin = origin_of(subscription.endpoint)
        if origin is None or not endpoint_allowed(subscription.endpoint, self._own_services):
            return Rejected("endpoint_not_allowed", "not a known push service")
        body = _encrypted(plaintext(), subscription)
        if body is None:
            return Rejected("bad_subscription", "the keys of the subscription cannot be used")
        said = headers_of(origin) | self._signed(origin)
        try:
            answer = await self._road.post(subscription.endpoint, headers=said, body=body)
        except ValueError:  # such as a label in punycode that stands for nothing
            return Rejected("endpoint_not_allowed", "not an address that can be posted to")
        if isinstance(answer, Lost):
            return answer.outcome
        outcome = outcome_of(answer, datetime.now(UTC), proven=str(origin) in self._proven)
        if isinstance(outcome, Accepted):
            self._proven.add(str(origin))
        return outcome

    def _signed(self, origin: Origin) -> dict[str, str]:
        return {
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "authorization": self._signatures.header(str(origin), datetime.now(UTC)),
        }


def _encrypted(plaintext: bytes, subscription: _Subscription) -> bytes | None:
    """The body (RFC 8291), or None when the subscription's keys cannot be used."""
    try:
        body: bytes = WebPusher(msgspec.to_builtins(subscription)).encode(plaintext)["body"]
    except (WebPushException, ValueError, LookupError):
        # What reading the keys raises: no base64, too short, not a point on the curve.
        return None
    return body


def _subscription(address: str) -> _Subscription | None:
    try:
        return msgspec.json.decode(address, type=_Subscription)
    except (msgspec.DecodeError, RecursionError):
        return None
