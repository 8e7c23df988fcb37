"""One HTTP call to a neighbour, with its answer as a value or one of our failures."""

from typing import TypeVar

import httpx
import msgspec

from web_demo.failures import Away, Refused, Unexpected

Answer = TypeVar("Answer")

# The page's mistakes, worth showing as they are; any other refusal is ours.
_THE_PAGES_OWN = frozenset({400, 404, 413, 422, 429})


class _Problem(msgspec.Struct, frozen=True):
    """As much of an `application/problem+json` (RFC 9457) as is shown."""

    detail: str = ""


async def call(name: str, request: httpx.Request, http: httpx.AsyncClient, shape: type[Answer]) -> Answer:
    """Sends it to the neighbour called `name`. Raises Away, Unexpected, Refused."""
    try:
        response = await http.send(request)
    except httpx.TransportError as error:
        raise Away(f"{name} does not answer") from error
    if not response.is_success:
        raise _failure(name, response)
    try:
        return msgspec.json.decode(response.content or b"null", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unexpected(f"{name} answered something else than expected") from error


def _failure(name: str, response: httpx.Response) -> Exception:
    detail = _detail(response) or f"status {response.status_code}"
    if response.status_code == 503:
        return Away(f"{name} cannot right now: {detail}")
    if response.status_code in _THE_PAGES_OWN:
        return Refused(response.status_code, detail)
    return Unexpected(f"{name} answered: {detail}")


def _detail(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Problem).detail
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
