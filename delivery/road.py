"""The road that pushes take over HTTP: one pooled client a provider, whose requests end by a deadline.

It follows no redirect, takes no proxy from the environment, keeps no cookie, unpacks nothing and reads only the
beginning of an answer: what is on the other end may be a stranger's. It repeats a request only where HTTP/2 promises
that the server had not begun with it (RFC 9113 section 8.7).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, RequestError, RequestTimeoutError
from pyreqwest.response import Response, ResponseBodyReader

from delivery.answer import Answer, Lost

# A provider answers in well under a second; ten leave room for a bad day without holding a worker's slot.
DEADLINE_S = 10.0

_BODY_BYTES = 4096  # enough for every reason a provider gives

# Where the client says how far it got. Its exceptions' classes do not tell: a ConnectError may come after the request.
_NOT_CONNECTED = "client error (Connect)"


class Road:
    """To be used inside one event loop."""

    def __init__(
        self, *, deadline_s: float = DEADLINE_S, http2_only: bool = False, extra_ca: bytes = b"", identity: bytes = b""
    ) -> None:
        """`http2_only` is for servers known to speak it: a burst then takes one connection, while a client that has to
        ask first opens dozens. `extra_ca` (PEM) is trusted beside the system's authorities; `identity` is a
        certificate with its private key (PEM), to show to the server. ValueError when they cannot be used, or when
        the system has no authorities.
        """
        self._client = _client(deadline_s, http2_only=http2_only, extra_ca=extra_ca, identity=identity)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer | Lost:
        """The answer, or what was lost by the deadline. ValueError for a malformed URL or header.

        A request whose caller was cancelled lives on until the deadline, so only the deadline bounds what runs.
        """
        # With a buffer the client would read ahead, and for a body that breaks off take back the status.
        request = self._client.post(url).headers(dict(headers)).body_bytes(body).streamed_read_buffer_limit(0)
        try:
            async with request.build_streamed() as response:
                return Answer(response.status, _headers(response), await _beginning(response.body_reader))
        except RequestError as error:
            return Lost(_how(error))

    async def aclose(self) -> None:
        """Close the connections; what is on its way is lost."""
        await self._client.close()


def _client(deadline_s: float, *, http2_only: bool, extra_ca: bytes, identity: bytes) -> Client:
    half = timedelta(seconds=deadline_s / 2)
    builder = (
        ClientBuilder()
        .user_agent("hark")
        .timeout(half * 2)
        # Half for getting a connection, so that a peer that is away can be told from one that is slow.
        .connect_timeout(half)
        .follow_redirects(enable=False)
        .referer(enable=False)
        .no_proxy()
        .gzip(enable=False)
        .deflate(enable=False)
        .brotli(enable=False)
        .zstd(enable=False)
        # A connection that died without a word is given up, and the next request gets another.
        .http2_keep_alive_interval(half)
        .http2_keep_alive_timeout(half)
    )
    builder = builder.http2_prior_knowledge() if http2_only else builder.http2(enable=True)
    try:
        if extra_ca:
            builder = builder.add_root_certificate_pem(extra_ca)
        if identity:
            builder = builder.identity_pem(identity)
        return builder.build()
    except ValueError as error:
        reason = _causes(error)[-1] if isinstance(error, BuilderError) else error
        raise ValueError(f"TLS cannot be used: {reason}") from None


def _headers(response: Response) -> dict[str, str]:
    try:
        return dict(response.headers)
    except ValueError:  # a value beyond ASCII, which the client does not give; nothing of ours is
        return {name: value for name in response.headers if (value := _header(response, name)) is not None}


def _header(response: Response, name: str) -> str | None:
    try:
        return response.get_header(name)
    except ValueError:
        return None


async def _beginning(reader: ResponseBodyReader) -> bytes:
    """The first bytes of the body; whatever goes wrong here, the status has been said and counts."""
    body = b""
    try:
        while len(body) < _BODY_BYTES and (chunk := await reader.read_chunk()) is not None:
            body += bytes(chunk)
    except RequestError:
        pass
    return body[:_BODY_BYTES]


def _how(error: RequestError) -> Literal["no_connection", "timeout", "connection_lost"]:
    if _NOT_CONNECTED in _causes(error):
        return "no_connection"
    return "timeout" if isinstance(error, RequestTimeoutError) else "connection_lost"


def _causes(error: BuilderError | RequestError) -> list[str]:
    """From the outermost to the innermost."""
    return [cause["message"] for cause in error.details["causes"] or [{"message": error.message}]]
