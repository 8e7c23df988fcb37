"""The only way Web Push leaves: one pooled aiohttp session behind the one method that pywebpush calls on it.

On a bare session pywebpush would follow redirects, to wherever a server points, past the check of the
endpoint, and read an answer of any length. Subclassing aiohttp's session is deprecated, hence an object
in its place.
"""

from collections.abc import Mapping

import aiohttp

from delivery.webpush.answer import Answer

_BODY_BYTES = 4096  # enough for every reason a push service gives

# HTTP/1.1 carries one request a connection, so this is also how many sends run at once.
_CONNECTIONS = 100


class Door:
    """Posts and reads a bounded answer. To be built inside the running loop that will use it."""

    def __init__(self, deadline_s: float) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
            # Push services want no cookies, and one user's must not be sent along with another's message.
            cookie_jar=aiohttp.DummyCookieJar(),
            # Half for getting a connection, so that a peer that is away can be told from one that is slow.
            timeout=aiohttp.ClientTimeout(total=deadline_s, connect=deadline_s / 2),
        )

    async def post(self, endpoint: str, *, data: bytes, headers: Mapping[str, str], **_: object) -> Answer:
        """Raises aiohttp.ClientError or TimeoutError when there is no answer within the deadline.

        pywebpush names a timeout too: always None, which aiohttp would take for none at all.
        """
        posted = self._session.post(endpoint, data=data, headers=headers, allow_redirects=False)
        async with posted as response:
            return Answer(
                status=response.status,
                # Windows' service explains itself in a header, and its body is empty.
                reason=response.headers.get("X-WNS-Error-Description") or response.reason or "",
                body=await _beginning(response),
                location=response.headers.get("Location", ""),
                retry_after=response.headers.get("Retry-After"),
            )

    async def aclose(self) -> None:
        await self._session.close()


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """The first bytes of the body as text; whatever goes wrong here, the status has been said and counts."""
    try:
        raw = await response.content.read(_BODY_BYTES)
    except (aiohttp.ClientError, TimeoutError):
        return ""
    return raw.decode(errors="replace")
