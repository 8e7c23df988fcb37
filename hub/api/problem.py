"""Errors as `application/problem+json` (RFC 9457): one shape for every refusal, with the path of what was wrong."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.store.postgres import TRY_AGAIN

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"


class Fault(msgspec.Struct, frozen=True):
    """One field that was wrong: where (JSONPath, or the parameter's name) and what was expected instead."""

    path: str
    expected: str


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer of 400 and above."""

    title: str
    status: int
    detail: str = ""
    errors: tuple[Fault, ...] = ()


class Problem(Exception):
    """Ends a request with an error."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, faults, headers


def invalid(path: str, expected: str) -> Problem:
    """A field or parameter that is well-formed and still not acceptable."""
    return Problem(422, f"{path}: expected {expected}", faults=(Fault(path, expected),))


def not_found(what: str) -> Problem:
    """There is no such thing, or it is not the caller's."""
    return Problem(404, f"no such {what}")


def respond(problem: Problem) -> Response:
    """The answer a problem becomes."""
    details = ProblemDetails(HTTPStatus(problem.status).phrase, problem.status, problem.detail, problem.faults)
    return Response(msgspec.json.encode(details), problem.status, problem.headers, MEDIA_TYPE)


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - Starlette calls handlers by class
    return respond(error)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return respond(Problem(error.status_code, error.detail, headers=error.headers))


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("api.store_unavailable", path=request.url.path, error=type(error).__name__)
    return respond(Problem(503, "the database is not available", headers={"Retry-After": RETRY_AFTER_S}))


async def _bug(_: Request, __: Exception) -> Response:
    return respond(Problem(500, "something went wrong here"))  # Starlette raises it on, into the log


HANDLERS = {
    Problem: _problem,
    HTTPException: _http,
    **dict.fromkeys(TRY_AGAIN, _unavailable),
    Exception: _bug,
}
