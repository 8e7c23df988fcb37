"""`/openapi.json` says what the running hub does: every call, what it takes, what it answers, and every refusal."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route

from hub.app import create_app
from hub.settings import Settings
from tests.hub_process import Customer
from tests.openapi import COPY, Call, Document, committed

StartHub = Callable[..., AbstractAsyncContextManager[Customer]]
NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
# Of what went wrong beside what a caller sends; each has a test of its own, here or beside its call.
BY_ACCIDENT = {403, 409, 426, 429, 503}
STREAM = "/sse"


@pytest.fixture
def document() -> Document:
    return committed()


async def test_the_committed_copy_is_what_a_hub_serves(hub: Customer) -> None:
    served = await hub.http.get("/openapi.json", headers={"Authorization": ""})
    assert served.content == COPY.read_bytes(), "curl -s $URL/openapi.json > docs/openapi.json"


async def test_every_route_is_in_it_and_nothing_else(settings: Settings, document: Document) -> None:
    routes = [route for route in create_app(settings).routes if isinstance(route, Route)]
    there = {(route.path, method) for route in routes for method in (route.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {(call.path, call.method.upper()) for call in document.calls()} == there


def test_its_schemas_are_schemas_and_its_references_lead_somewhere(document: Document) -> None:
    for schema in document.content["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in set(_references(document.content)):
        place = document.content
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_call_has_a_name_of_its_own(document: Document) -> None:
    names = [call.told["operationId"] for call in document.calls()]
    assert sorted(names) == sorted(set(names))


async def test_every_call_is_answered_as_it_says_and_its_example_is_accepted(hub: Customer, document: Document) -> None:
    known = await _things(hub)
    calls = [call for call in document.calls() if call.path not in {STREAM, "/ws"}]
    for call in sorted(calls, key=lambda call: (call.method == "delete", -len(call.path))):
        if call.takes_a_body:
            document.validate(call.example, *_body_schema(call))
        answer = await hub.http.request(
            call.method,
            call.path.format(**known),
            params={"user_id": "ada"} if call.path.endswith("explain") and call.method == "get" else None,
            json=call.example if call.takes_a_body else None,
            headers=await _authorization(hub, call),
        )
        assert answer.status_code < 300, (call, answer.text)
        document.fits(answer)


async def test_answers_that_are_longer_fit_too(hub: Customer, document: Document) -> None:
    sends, body = "/api/v1/notifications", {"user_id": "ada", "title": "x", "dedupe": {"key": "k"}}
    first = await hub.http.post(sends, json=body)
    duplicate = await hub.http.post(sends, json=body)
    assert duplicate.json()["duplicates"][0]["user_id"] == "ada"
    waited = await hub.http.post(
        sends, params={"wait": "delivered", "timeout_s": 1}, json={"user_id": "a", "title": "x"}
    )
    assert waited.json()["users"][0]["state"] == "accepted"
    many = await hub.http.post(sends, json={"user_ids": [f"user-{n}" for n in range(1001)], "title": "x"})
    assert many.json()["planned"] == 1001
    mixed = await hub.http.post(f"{sends}/batch", json={"notifications": [{"user_id": "ada", "title": "x"}, {}]})
    assert mixed.status_code == 207
    tokens = await hub.http.post("/api/v1/tokens", json={"user_ids": ["ada"]})
    page = await hub.http.get("/api/v1/users/ada/inbox")
    assert page.json()["entries"]
    authorization = {"Authorization": f"Bearer {await hub.token('ada')}"}
    mine = "/api/v1/users/me/inbox"
    back = await hub.http.get(mine, params={"before": 100}, headers=authorization)
    forth = await hub.http.get(mine, params={"after": "0"}, headers=authorization)
    for answer in (first, duplicate, waited, many, mixed, tokens, page, back, forth):
        document.fits(answer)


async def test_every_refusal_that_a_caller_can_cause_is_told_and_no_other(hub: Customer, document: Document) -> None:
    for call in document.calls():
        seen = {answer.status_code async for answer in _refused(hub, call, document)}
        told = call.refusals - BY_ACCIDENT
        if call.path == "/ready":
            continue
        if call.path == "/ws":
            told -= {400}  # of a handshake for another protocol
        if call.path in {"/api/v1/webpush", "/api/v1/users/me/inbox"}:
            seen |= told & {404}  # when Web Push is off
        assert told <= seen, (call.path, call.method)


async def test_without_postgres_every_call_that_needs_it_says_so(start_hub: StartHub, document: Document) -> None:
    async with start_hub(database_url="postgresql://nobody@127.0.0.1:1/none") as hub:
        for call in document.calls():
            if _scheme(call) == "api_key":
                answer = await hub.http.request(call.method, _filled(call), json={})
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                document.fits(answer)


async def test_who_tries_too_many_keys_hears_so_from_every_call(start_hub: StartHub, document: Document) -> None:
    async with start_hub(address_rate=0.001) as hub:
        await hub.http.get("/api/v1/topics", headers={"Authorization": "Bearer hark_0_x"})
        for call in document.calls():
            if _scheme(call) == "api_key":
                bad = {"Authorization": "Bearer hark_0_x"}
                answer = await hub.http.request(call.method, _filled(call), json={}, headers=bad)
                assert answer.status_code == 429
                document.fits(answer)


async def test_pages_of_other_origins_are_refused_as_it_says(hub: Customer, document: Document) -> None:
    told = {call.path: call for call in document.calls() if 403 in call.refusals and _scheme(call) == "user_token"}
    assert set(told) == {STREAM, "/api/v1/users/me/inbox", "/api/v1/users/me/receipts"}
    for path, call in told.items():
        document.fits(await hub.http.request(call.method, path, headers={"Origin": "https://elsewhere.example"}))


async def test_streams_and_handshakes_are_answered_as_it_says(hub: Customer, document: Document) -> None:
    calls = {call.path: call.told["responses"] for call in document.calls()}
    async with hub.listening("ada") as page:
        media_type = page.answer.headers["content-type"].partition(";")[0]
        assert media_type in calls[STREAM][str(page.answer.status_code)]["content"]
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    handshake["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    hark_v1 = {"Sec-WebSocket-Protocol": "hark.v1"}
    async with hub.online("ada"):  # 101
        assert "101" in calls["/ws"]
    for status, more in ((400, {}), (403, hark_v1 | {"Origin": "https://elsewhere.example"})):
        refused = await hub.http.get("/ws", headers=handshake | more)
        assert refused.status_code == status
        document.fits(refused)


async def _refused(hub: Customer, call: Call, document: Document) -> Any:
    """Answers to requests with a mistake each, as far as the call can be called wrongly like that."""
    path, authorization = _filled(call), await _authorization(hub, call)
    requests: list[dict[str, Any]] = [{"headers": {"Authorization": ""}}] if _scheme(call) else []
    if call.takes_a_body:
        in_json = {"Content-Type": "application/json"}
        requests += [{"content": body, "headers": in_json} for body in (b"{", b"[]", b"0" * (4 * 1024 * 1024 + 1))]
        requests += [{"content": b"x", "headers": {"Content-Type": "text/plain"}}, {"json": call.example}]
    query, bad = call.parameters("query"), "\0"
    requests += [{"params": {name: bad}} for name in query if not (call.path == STREAM and name == "topics")]
    if call.path.endswith("inbox") or call.path == "/ws":
        requests += [{}]
    if _scheme(call) == "user_token":
        requests += [{"params": {"token": "x"}}]
    for request in requests:
        headers = authorization | request.pop("headers", {})
        answer = await hub.http.request(call.method, path, headers=headers, **request)
        if answer.status_code >= 400:
            document.fits(answer)
        yield answer
    if "{" in call.path:
        for name in ("\0",) if call.method in {"put", "post"} else ("\0", "nobody"):
            answer = await hub.http.request(
                call.method,
                _filled(call, name),
                params=dict.fromkeys((name for name in query if name == "user_id"), "ada"),
                json=call.example if call.takes_a_body else None,
                headers=authorization,
            )
            document.fits(answer)
            yield answer


def _filled(call: Call, value: str = NOBODY) -> str:
    quoted = value.replace("\0", "%00")
    return call.path.format(**dict.fromkeys(call.parameters("path"), quoted))


async def _things(hub: Customer) -> dict[str, str]:
    """One of each that a path may name."""
    await hub.http.put("/api/v1/topics/news")
    await hub.http.put("/api/v1/users/ada", json={})
    session_id = await hub.register_phone("ada", "android", "token")
    notification_id = await hub.send("ada", data={"order": 42})
    webhook = await hub.http.post("/api/v1/webhooks", json={"url": "https://shop.example/hark"})
    await hub.http.post("/api/v1/revocations", json={"session_id": "laptop"})
    [revocation] = (await hub.http.get("/api/v1/revocations")).json()["revocations"]
    return {
        "revocation_id": revocation["id"],
        "user_id": "ada",
        "topic": "news",
        "session_id": session_id,
        "notification_id": notification_id,
        "webhook_id": webhook.json()["id"],
        "file": "hark.js",
    }


def _scheme(call: Call) -> str | None:
    return next((name for security in call.told["security"] for name in security), None)


async def _authorization(hub: Customer, call: Call) -> dict[str, str]:
    return {"Authorization": f"Bearer {await hub.token('ada')}"} if _scheme(call) == "user_token" else {}


def _body_schema(call: Call) -> list[str]:
    return ["paths", call.path, call.method, "requestBody", "content", "application/json", "schema"]


def _references(place: object) -> list[str]:
    return [value for value in _values(json.loads(json.dumps(place)), "$ref") if isinstance(value, str)]


def _values(place: Any, name: str) -> list[Any]:
    match place:
        case dict():
            return [
                found for key, value in place.items() for found in ([value] if key == name else _values(value, name))
            ]
        case list():
            return [found for value in place for found in _values(value, name)]
        case _:
            return []
