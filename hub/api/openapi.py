"""`/openapi.json`: the REST API as an OpenAPI 3.1 document, made of the routes and of the structs that they read and
answer. Made when it is first asked for."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.api.body import TopicName, UserId
from hub.api.operation import Operation, Security, of, operation, public
from hub.api.problem import MEDIA_TYPE, ProblemDetails
from hub.api.query import Parameter
from hub.api.shapes import Json, Shape, Shapes

VERSION = "1"  # of the API, as in its paths
PATH_SHAPES: Mapping[str, Shape] = {
    "notification_id": UUID,
    "session_id": UUID,
    "webhook_id": UUID,
    "revocation_id": UUID,
    "user_id": UserId,
    "topic": TopicName,
    "file": str,
}
INFO = {
    "title": "Hark",
    "version": VERSION,
    "summary": "Notifications that are stored before the 2xx, and acknowledged by a device or escalated.",
    "description": "Every answer of 400 and above is `application/problem+json` (RFC 9457); a refused request has"
    " changed nothing. A path that is not here is a 404, a method that is not here a 405, a fault of the hub a 500: in"
    " the same shape.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
SECURITY = {
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A server's API key, `hark_…`: `hark keys create`. Each call names the scope it needs.",
    },
    "user_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A device's user token, from `POST /api/v1/tokens`.",
    },
}
_WHOLE = {"type": "integer", "minimum": 0}
HEADERS = {
    "RateLimit-Limit": ("What the API key may send at once.", _WHOLE),
    "RateLimit-Remaining": ("What is left of it.", _WHOLE),
    "RateLimit-Reset": ("Seconds until all of it is there again.", _WHOLE),
    "Retry-After": ("Seconds after which to come again.", _WHOLE),
    "Idempotent-Replay": ("It was done before, under the same Idempotency-Key.", {"const": "true"}),
    "WWW-Authenticate": ("RFC 6750.", {"type": "string"}),
}
RATE_LIMIT = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# What a refusal of this status means, and the headers that may come with it.
REFUSALS: Mapping[int, tuple[str, Sequence[str]]] = {
    400: ("The body is no JSON, or the handshake none of `hark.v1`.", ()),
    401: ("No good API key or user token; `detail` says why.", ("WWW-Authenticate",)),
    403: (
        "The API key lacks the scope of the call, or the origin of the page, or a topic, is not allowed.",
        ("WWW-Authenticate",),
    ),
    404: ("There is no such thing.", ()),
    409: (
        "What is there already stands in the way, or a request with the same Idempotency-Key runs.",
        ("Retry-After",),
    ),
    413: ("The body is too large; refused before it is parsed.", ()),
    415: ("The Content-Type is not `application/json`.", ()),
    422: ("A field or parameter is wrong: `errors` says which, and what was expected.", ()),
    426: ("The request is no WebSocket handshake.", ()),
    429: ("Too much: nothing was accepted.", ("Retry-After", *RATE_LIMIT)),
    503: ("Not now: a part is away, or this node is full or stops.", ("Retry-After",)),
}


class OpenApi:
    """The document of these routes, its own among them. Those of the demo are not part of the API."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes
        self._body = cache(lambda: msgspec.json.format(msgspec.json.encode(document(self._routes))) + b"\n")

    def routes(self) -> Sequence[Route]:
        """Where the document lives."""
        return [Route("/openapi.json", self.read, methods=["GET"])]

    @public
    @operation("This document", answers={200: dict[str, Any]})
    async def read(self, _: Request) -> Response:
        """OpenAPI 3.1, the same for every hub of a version."""
        return Response(self._body(), media_type="application/json")


def document(routes: Iterable[BaseRoute]) -> Json:
    """The OpenAPI document. Raises LookupError for a route that does not say what it is."""
    calls = [(route, *_told(route)) for route in routes if isinstance(route, Route) and _public(route)]
    shapes = Shapes(
        [*PATH_SHAPES.values(), ProblemDetails, *(shape for _, told, _ in calls for shape in _shapes(told))]
    )
    paths: dict[str, Json] = {}
    for route, told, security in calls:
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(route.path, {})[method.lower()] = _operation(route, told, security, shapes)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": shapes.components,
            "responses": {str(status): _refusal(status, shapes) for status in REFUSALS},
            "headers": {name: {"description": what, "schema": shape} for name, (what, shape) in HEADERS.items()},
            "securitySchemes": SECURITY,
        },
    }


def _public(route: Route) -> bool:
    return route.path != "/"  # the way to the demo


def _told(route: Route) -> tuple[Operation, Security | None]:
    told, security = of(route.endpoint)
    if told is None:
        raise LookupError(f"{route.path}: its handler has no @operation")
    return told, security


def _shapes(told: Operation) -> Iterable[Shape]:
    for shape in (told.body, *told.answers.values(), *told.parts):
        if isinstance(shape, tuple):
            yield from shape
        elif shape is not None and not isinstance(shape, str):
            yield shape


def _operation(route: Route, told: Operation, security: Security | None, shapes: Shapes) -> Json:
    refusals = sorted({*told.refusals, *(security.refusals if security else ())})
    tag = route.endpoint.__module__.rpartition(".")[2]  # one file a resource
    parameters = [
        *(_path_parameter(name, shapes) for name in route.param_convertors),
        *(_parameter(one, "query") for one in told.query),
        *(_parameter(one, "header") for one in told.headers),
    ]
    made: Json = {
        "operationId": f"{tag}_{route.endpoint.__name__}",
        "tags": [tag],
        "summary": told.summary,
        "description": inspect.cleandoc(route.endpoint.__doc__ or ""),
        "security": [{security.scheme: [security.scope] if security.scope else []}] if security else [],
        "responses": {
            **{str(status): _answer(status, told, shapes) for status in told.answers},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in refusals},
        },
    }
    if parameters:
        made["parameters"] = parameters
    if told.body is not None:
        content: Json = {"schema": shapes.of(told.body)}
        if told.example is not None:
            content["example"] = told.example
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def _path_parameter(name: str, shapes: Shapes) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": shapes.of(PATH_SHAPES[name])}


def _parameter(one: Parameter, place: str) -> Json:
    return {
        "name": one.name,
        "in": place,
        "required": one.required,
        "description": one.description,
        "schema": one.schema,
    }


def _answer(status: int, told: Operation, shapes: Shapes) -> Json:
    shape = told.answers[status]
    made: Json = {"description": HTTPStatus(status).phrase}
    if told.answer_headers:
        made["headers"] = _headers(told.answer_headers)
    if isinstance(shape, str):
        made["content"] = {shape: {}}
    elif shape is not None:
        made["content"] = {"application/json": {"schema": shapes.of(shape)}}
    return made


def _refusal(status: int, shapes: Shapes) -> Json:
    description, headers = REFUSALS[status]
    made: Json = {"description": description, "content": {MEDIA_TYPE: {"schema": shapes.of(ProblemDetails)}}}
    if headers:
        made["headers"] = _headers(headers)
    return made


def _headers(names: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
