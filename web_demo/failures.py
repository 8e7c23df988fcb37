"""What can go wrong between the page and Hark, and the one place that turns it into HTTP: `{"status", "detail"}`."""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


class Failure(Exception):
    """Ends a request; the message is for a person who looks at the page."""

    status = 500


class Away(Failure):
    """A neighbour does not answer, or says that it cannot right now: worth another try."""

    status = 503


class Unexpected(Failure):
    """A neighbour answered what this back end cannot use: a wrong API key, an error, another program's answer."""

    status = 502


class Refused(Failure):
    """Hark, or this back end, does not accept what the page sent."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Answer(msgspec.Struct, frozen=True):
    status: int
    detail: str


def _respond(status: int, detail: str) -> Response:
    return Response(msgspec.json.encode(_Answer(status, detail)), status, media_type="application/json")


async def _failure(_: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)  # noqa: S101 - Starlette calls handlers by class
    return _respond(error.status, str(error))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return _respond(error.status_code, error.detail)


HANDLERS = {Failure: _failure, HTTPException: _http}
