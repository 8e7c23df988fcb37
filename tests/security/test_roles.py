"""Each role calls what it is for and nothing else: role by route, of every route that `/openapi.json` tells of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from hub.api.application import Application
from hub.api.operation import RouteUnguarded, Security, public, secure
from hub.app import create_app
from hub.dev.stack import DEMO_SCOPES
from hub.roles import ROLES, SCOPES, Grant, Role, Scope
from hub.settings import Settings
from hub.store.postgres import Pool
from tests.hub_process import Customer
from tests.openapi import Call, Document, committed
from tests.security.keys import caller, server

NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
# What anybody may ask for who reaches the port, beside what devices do with a token of their own.
PUBLIC = {
    *("/health", "/ready", "/metrics", "/openapi.json", "/asyncapi.json", "/sdk/{file}", "/api/v1/webpush"),
    "/ws",  # the token is in the hello
}
DEVICES = {"/sse", "/api/v1/users/me/inbox", "/api/v1/users/me/receipts"}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_calls_what_it_is_for_and_nothing_else(hub: Customer, pool: Pool, role: Role) -> None:
    async with server(hub, pool, role) as http:
        await _calls_just(http, ROLES[role])


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_scope_opens_its_calls_and_no_others(hub: Customer, pool: Pool, scope: Scope) -> None:
    async with server(hub, pool, frozenset({scope})) as http:
        await _calls_just(http, {scope})


@pytest.mark.parametrize("grant", ["viewer", frozenset({"explain"}), frozenset()])
async def test_a_refusal_names_the_scope_and_changes_nothing(hub: Customer, pool: Pool, grant: Grant) -> None:
    async with server(hub, pool, grant) as http:
        for path in ("", "/batch"):
            refused = await http.post(f"/api/v1/notifications{path}", json={"user_id": "ada", "title": "x"})
            assert refused.status_code == 403
            assert refused.json()["detail"] == "this API key lacks the scope send"
            assert refused.headers["content-type"] == "application/problem+json"
            challenge = 'Bearer realm="hark", error="insufficient_scope", scope="send"'
            assert refused.headers["www-authenticate"] == challenge
            committed().fits(refused)
    assert await pool.fetchval("select count(*) from notifications") == 0


async def test_a_grant_that_is_not_known_opens_nothing(hub: Customer, pool: Pool) -> None:
    async with server(hub, pool, "admin") as http:
        await pool.execute("update api_keys set role = 'emperor' where name = 'server'")
        await _calls_just(http, set())


async def test_a_key_is_no_user_token_and_a_user_token_no_key(hub: Customer, pool: Pool) -> None:
    token = await hub.token("ada")
    async with caller(hub, token) as device:
        for call, _ in _guarded():
            assert (await _answer(device, call)).status_code == 401, call
        async with server(hub, pool, "admin") as http:
            for path in DEVICES - {"/api/v1/users/me/receipts"}:
                assert (await http.get(path)).status_code == 401
            assert (await http.post("/api/v1/users/me/receipts", json={"read": [1]})).status_code == 401


def test_every_call_needs_a_key_with_a_scope_or_is_one_of_few() -> None:
    needs = {call.path: call.told["security"] for call in committed().calls()}
    assert {path for path, security in needs.items() if not security} == PUBLIC
    assert {path for path, security in needs.items() if security == [{"user_token": []}]} == DEVICES
    assert {scope for _, scope in _guarded()} == set(SCOPES)


def test_calls_that_change_something_need_more_than_to_read() -> None:
    for call, scope in _guarded():
        if call.method != "get":
            assert scope != "read", call


def test_the_demos_key_may_do_what_the_demo_does() -> None:
    calls = (Path(__file__).parents[2] / "web_demo" / "hark.py").read_text()
    assert "webhooks" not in calls
    assert "topics" not in calls
    assert "dead-letters" not in calls
    assert set(DEMO_SCOPES) == set(SCOPES) - {"webhooks:write", "topics:write", "replay", "revoke"}


async def _endpoint(_: Request) -> Response:
    return Response()


def _told(security: Security) -> Any:
    async def endpoint(_: Request) -> Response:
        return Response()

    return secure(endpoint, security)


async def _socket(_: WebSocket) -> None:
    """Lets everybody in."""


@pytest.mark.parametrize(
    ("route", "why"),
    [
        (Route("/x", _endpoint), "/x: needs a guard, or to be public"),
        (Route("/x", _told(Security("api_key", ()))), "/x: its guard names no scope"),
        (Route("/x", _told(Security("api_key", (), "everything"))), "/x: its guard names no scope"),  # type: ignore[arg-type]
        (WebSocketRoute("/x", _socket), "/x: needs a guard, or to be public"),
        (Mount("/x", routes=[Route("/y", _endpoint)]), "/x: needs a guard, or to be public"),
        (Host("x", Starlette()), "Host.*: needs a guard, or to be public"),
    ],
)
async def test_a_hub_does_not_start_with_a_route_that_names_no_scope(
    settings: Settings, route: BaseRoute, why: str
) -> None:
    there = create_app(settings)
    with pytest.raises(RouteUnguarded, match=why):
        Application([*there.routes, route], set(), there.router.lifespan_context)


async def test_a_hub_starts_with_routes_that_do(settings: Settings) -> None:
    @public
    async def open_to_all(_: Request) -> Response:
        return Response()

    there = create_app(settings)
    routes = [*there.routes, Route("/x", open_to_all), Route("/y", _told(Security("api_key", (), "read")))]
    routes.append(Mount("/z", public(Starlette())))
    assert Application(routes, set(), there.router.lifespan_context).routes


async def _calls_just(http: httpx.AsyncClient, scopes: frozenset[Scope] | set[Scope]) -> None:
    """Each call with nothing in it: who is let in hears what else is wrong."""
    document = Document(committed().content)
    for call, scope in _guarded():
        answer = await _answer(http, call)
        if scope in scopes:
            assert answer.status_code not in {401, 403}, (call.method, call.path, answer.text)
        else:
            assert answer.status_code == 403, (call.method, call.path, answer.text)
            assert answer.json()["detail"] == f"this API key lacks the scope {scope}"
            document.fits(answer)


async def _answer(http: httpx.AsyncClient, call: Call) -> httpx.Response:
    path = call.path.format(**dict.fromkeys(call.parameters("path"), NOBODY))
    return await http.request(call.method, path, json={})


def _guarded() -> Iterator[tuple[Call, Scope]]:
    """Every call that needs an API key, and its scope."""
    for call in committed().calls():
        for needed in call.told["security"]:
            if "api_key" in needed:
                [scope] = needed["api_key"]
                yield call, scope
