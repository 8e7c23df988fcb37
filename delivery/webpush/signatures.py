"""The Authorization headers of our pushes (RFC 8292), one for each push service, signed again in good time."""

from collections import OrderedDict
from datetime import datetime, timedelta

from delivery.webpush.vapid import VapidSigner

LIFE = timedelta(hours=12)  # section 2 allows a day; less, for clocks that are wrong
RENEW_AFTER = timedelta(hours=1)

# Vendors have a handful of services, but a subscription may name any host in some vendors' domains.
ORIGINS = 1_000


class Signatures:
    """Signing takes a third of the time of a push, and section 2 lets a token be used until it ends."""

    def __init__(self, signer: VapidSigner, subject: str) -> None:
        self._signer = signer
        self._subject = subject
        self._signed: OrderedDict[str, tuple[datetime, str]] = OrderedDict()

    def header(self, origin: str, now: datetime) -> str:
        """For a push to the service at `origin`, which is the token's audience."""
        signed_at, header = self._signed.get(origin, (None, ""))
        if signed_at is None or not timedelta(0) <= now - signed_at < RENEW_AFTER:
            header = self._sign(origin, now)
            self._signed[origin] = now, header
        self._signed.move_to_end(origin)
        if len(self._signed) > ORIGINS:
            self._signed.popitem(last=False)
        return header

    def _sign(self, origin: str, now: datetime) -> str:
        ends = int((now + LIFE).timestamp())
        header: str = self._signer.vapid.sign({"sub": self._subject, "aud": origin, "exp": ends})["Authorization"]
        return header
