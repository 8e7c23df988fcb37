"""The OAuth access token with which all requests of one service account authenticate.

google-auth knows how to get one, but only by blocking, so that happens in a thread: for the first token while its
senders wait, later in good time before the old one ends.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from google.auth.credentials import TokenState
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request

from delivery.answer import storable
from delivery.fcm.credentials import ServiceAccount
from delivery.outcome import Misconfigured, Unavailable

# Refused sooner than this, a token was never good.
LEAST_AGE = timedelta(minutes=1)

Failure = Misconfigured | Unavailable


class AccessToken:
    """To be used inside one event loop, and closed."""

    def __init__(self, account: ServiceAccount, deadline_s: float) -> None:
        """`deadline_s` is a fetch's; a push that needs one waits for a quarter of it, and the next one finds it."""
        self._credentials = account.credentials()
        self._request = partial(Request(), timeout=deadline_s)
        self._patience_s = deadline_s / 4
        self._fetching: asyncio.Task[Failure | None] | None = None
        self._fetched_at: datetime | None = None

    async def header(self, now: datetime) -> str | Failure:
        """The value of the Authorization header, or why there is none yet."""
        state = self._credentials.token_state
        if state is not TokenState.FRESH:
            fetching = self._fetch(now)
            if state is TokenState.INVALID and (failure := await self._patiently(fetching)) is not None:
                return failure
        return f"Bearer {self._credentials.token}"

    def refused(self, header: str, now: datetime) -> bool:
        """FCM does not take `header`; whether there is or will be another one to try at once."""
        if header != f"Bearer {self._credentials.token}":  # fetched anew since that request
            return True
        if self._fetched_at is not None and now - self._fetched_at < LEAST_AGE:
            return False
        self._credentials.token = None
        return True

    async def aclose(self) -> None:
        """A fetch that runs is left to its thread, which ends by the deadline."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _fetch(self, now: datetime) -> "asyncio.Task[Failure | None]":
        """The one fetch for all who ask meanwhile."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch_once(now))
        return self._fetching

    async def _fetch_once(self, now: datetime) -> Failure | None:
        try:
            await asyncio.to_thread(self._credentials.refresh, self._request)
        except GoogleAuthError as error:
            return _failure(error)
        self._fetched_at = now
        return None

    async def _patiently(self, fetching: "asyncio.Task[Failure | None]") -> Failure | None:
        # Shielded: who gives up, or is cancelled, must not end it for the others.
        try:
            async with asyncio.timeout(self._patience_s):
                return await asyncio.shield(fetching)
        except TimeoutError:
            return Unavailable("no_access_token")


def _failure(error: GoogleAuthError) -> Failure:
    if isinstance(error, RefreshError) and not error.retryable:
        return Misconfigured("access_token_refused", storable(str(error.args[0])))
    return Unavailable("no_access_token")
