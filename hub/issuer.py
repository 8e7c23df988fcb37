"""The keys of an issuer of the operator's own: read from a file at the start, or fetched from the one URL that the
operator gave. No token says where keys are.

A fetch has no part in any hello. There is one at a time, and a pause between two however many tokens ask for one;
while the issuer is away, the keys it had are good.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import NoReturn

import httpx
import structlog

from delivery import secret_text
from hub import metrics
from hub.settings import SettingsError
from sessions.issuer_keys import IssuerKeys
from sessions.token_keys import NoKeys, TokenKey, read_keys
from sessions.user_tokens import UserTokenSettings

log = structlog.get_logger()

REFRESH_S = 600.0  # a key that the issuer takes back is good for so long
PAUSE_S = 10.0  # between two fetches: who invents key ids makes us ask no more often
DEADLINE_S = 5.0  # for all of a fetch
MOST_BYTES = 256 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Issuer:
    """Brings the keys. To be made inside the loop it will run in."""

    def __init__(
        self,
        settings: UserTokenSettings,
        *,
        pause_s: float = PAUSE_S,
        refresh_s: float = REFRESH_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Raises SettingsError."""
        self._url = settings.token_jwks_url
        self._pause_s = pause_s
        self._refresh_s = refresh_s
        self._deadline_s = deadline_s
        self._wanted = asyncio.Event()
        self._wanted.set()
        if self._url:
            _check_url(settings)
            self.keys = IssuerKeys(wanted=self._wanted.set)
        else:
            self.keys = IssuerKeys(_read(settings.token_keys) if settings.token_keys else ())

    async def serve(self) -> NoReturn:
        """Fetches until cancelled: at once, when a key is wanted, and every now and then."""
        if not self._url:
            await asyncio.get_running_loop().create_future()
        trusted = ssl.create_default_context()
        async with httpx.AsyncClient(verify=trusted, trust_env=False, timeout=self._deadline_s) as http:
            while True:
                try:
                    async with asyncio.timeout(self._refresh_s):
                        await self._wanted.wait()
                except TimeoutError:
                    pass
                self._wanted.clear()
                await self._fetch(http)
                await asyncio.sleep(self._pause_s)

    async def _fetch(self, http: httpx.AsyncClient) -> None:
        fetch = self.keys.begin()
        try:
            async with asyncio.timeout(self._deadline_s):
                keys = await _asked(http, self._url)
        except (httpx.HTTPError, NoKeys, TimeoutError) as error:
            metrics.issuer_fetches.labels("failed").inc()
            log.warning("issuer.no_keys", error=str(error) or type(error).__name__)
            return
        metrics.issuer_fetches.labels("fetched").inc()
        if self.keys.bring(fetch, keys):
            log.info("issuer.keys", keys=[f"{key.algorithm} {key.kid or ''}".rstrip() for key in keys])


async def _asked(http: httpx.AsyncClient, url: str) -> tuple[TokenKey, ...]:
    headers = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
    async with http.stream("GET", url, headers=headers, follow_redirects=False) as answer:
        if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
            raise NoKeys(f"expected 200 and plain JSON, not {answer.status_code}")
        return read_keys(await _whole(answer.aiter_raw()))


async def _whole(parts: AsyncIterator[bytes]) -> bytes:
    content = b""
    async for part in parts:
        content += part
        if len(content) > MOST_BYTES:
            raise NoKeys(f"more than {MOST_BYTES} bytes")
    return content


def _read(given: str) -> tuple[TokenKey, ...]:
    try:
        return read_keys(secret_text.read(given))
    except (NoKeys, ValueError) as error:
        raise SettingsError(f"HARK_TOKEN_KEYS: {error}") from None


def _check_url(settings: UserTokenSettings) -> None:
    try:
        url = httpx.URL(settings.token_jwks_url)
    except httpx.InvalidURL as error:
        raise SettingsError(f"HARK_TOKEN_JWKS_URL: {error}") from None
    to_itself = settings.token_jwks_http and url.scheme == "http" and url.host in LOOPBACK
    if not (url.host and (url.scheme == "https" or to_itself)):
        raise SettingsError("HARK_TOKEN_JWKS_URL: expected https://… (or HARK_TOKEN_JWKS_HTTP and this machine)")
    if url.userinfo or settings.token_keys:
        raise SettingsError("HARK_TOKEN_JWKS_URL: expected no user in it, and no HARK_TOKEN_KEYS beside it")
    if not settings.token_issuer:
        raise SettingsError("HARK_TOKEN_ISSUER is missing: who has a JWK set at a URL may sign for others, too")
