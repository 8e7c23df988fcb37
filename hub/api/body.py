"""Bytes in, frozen structs out: request bodies, query parameters, and the field types they share."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from hub import cursor as cursors
from hub.api import misfit
from hub.api.free_form import TOO_DEEP
from hub.api.problem import Fault, Problem, invalid
from hub.cursor import Cursor

BODY_BYTES = 64 * 1024
MAX_SEQ = 2**53 - 1  # what a JavaScript number holds exactly
USER_ID_LENGTH = 128
LIST_BYTES = 2 * 1024 * 1024  # for bodies that hold a list of up to 10,000 ids

Body = TypeVar("Body")

# \Z, because $ lets a newline follow. Postgres stores no NUL.
UserId: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=USER_ID_LENGTH,
        pattern=r"^[^\x00-\x1f\x7f]*\Z",
        description="Your own id of a user.",
    ),
]
Text: TypeAlias = Annotated[str, Meta(pattern=r"^[^\x00]*\Z")]
TopicName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*\Z", description="Your own name of a topic.")
]


async def parse(request: Request, shape: type[Body], *, limit: int = BODY_BYTES) -> Body:
    """Reads a JSON body. Raises Problem: 413 before anything is parsed, 415, 400 for what is no JSON, 422."""
    return decode(await read(request, limit=limit), shape)


def decode(body: bytes | msgspec.Raw, shape: type[Body], *, path: str = "$") -> Body:
    """JSON as a struct; `path` is where it stood. Raises Problem: 400 for what is no JSON, 422."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        at = path + where.rstrip("`")
        raise Problem(422, f"{what} - at `{at}`", faults=(Fault(at, what),)) from None
    except RecursionError:
        raise invalid(path, TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if (found := misfit.find(bytes(body))) is not None:
            raise invalid(path + found[0], found[1]) from None
        raise Problem(400, f"not JSON: {error}", faults=(Fault(path, "valid JSON"),)) from None


async def read(request: Request, *, limit: int = BODY_BYTES, with_ids: int = 0) -> bytes:
    """The bytes of a JSON body, at most `limit`, or `with_ids` when a list of `user_ids` begins within the limit.
    Raises Problem: 413 before the rest is read, 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "expected Content-Type: application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            if limit < with_ids and body.find(b'"user_ids"', 0, limit) >= 0:
                limit = with_ids
            if len(body) > limit:
                raise Problem(413, f"expected a body of at most {limit} bytes")
    return bytes(body)


def path_uuid(request: Request, name: str, what: str) -> UUID:
    """A UUID in the path; what is none is not found."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise Problem(404, f"no such {what}") from None


def path_user(request: Request) -> str:
    """The user in the path; whom nobody can send to has nothing here."""
    try:
        return msgspec.convert(request.path_params["user_id"], UserId)
    except msgspec.ValidationError:
        raise Problem(404, "no such user") from None


def query_int(request: Request, name: str, *, default: int, low: int, high: int) -> int:
    """An integer in the query string. Raises Problem outside [low, high]."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
        raise invalid(name, f"an integer from {low} to {high}")
    return int(text)


def query_name(request: Request, name: str, what: str) -> str:
    """An id or a name in the query string, empty when absent. Raises Problem for what Postgres cannot store."""
    text = request.query_params.get(name, "")
    if "\0" in text:
        raise invalid(name, what)
    return text


def parse_cursor(text: str, name: str) -> Cursor:
    """Where a client stands. Raises Problem for what no server of ours gave out."""
    try:
        return cursors.parse(text)
    except ValueError:
        raise invalid(name, '"0" or the cursor of an entry') from None


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")
