"""Bad input gets a clear answer: which field, what was expected; never a 500, and nothing half-stored."""

from typing import Any

import asyncpg
import pytest
from asyncpg import Record

from tests.hub_process import Customer

JSON = {"Content-Type": "application/json"}
USER = '"user_id":"ada"'


@pytest.mark.parametrize(
    ("body", "status", "path", "told"),
    [
        ("", 400, "$", "not JSON"),
        ("{", 400, "$", "not JSON"),
        (f'{{{USER},"title":"x","data":{{"a":{"[" * 10_000}{"]" * 10_000}}}}}', 422, "$", "at most 32 levels"),
        ('{"user_id":"ada","title":"\\ud800"}', 422, "$.title", "whole characters"),
        ("[]", 422, "$", "Expected `object`"),
        (f'{{{USER},"title":"x","colour":"red"}}', 422, "$", "unknown field `colour`"),
        (f"{{{USER}}}", 422, "$", "missing required field `title`"),
        (f'{{{USER},"title":5}}', 422, "$.title", "Expected `str`, got `int`"),
        (f'{{{USER},"title":""}}', 422, "$.title", "length >= 1"),
        (f'{{{USER},"title":"{"x" * 501}"}}', 422, "$.title", "length <= 500"),
        (f'{{{USER},"title":"a\\u0000b"}}', 422, "$.title", "regex"),
        (f'{{{USER},"title":"x","priority":"urgent"}}', 422, "$.priority", "Invalid enum value 'urgent'"),
        (f'{{{USER},"title":"x","data":[]}}', 422, "$.data", "expected a JSON object"),
        (f'{{{USER},"title":"x","data":null}}', 422, "$.data", "expected a JSON object"),
        (f'{{{USER},"title":"x","data":{{"a":"\\u0000"}}}}', 422, "$.data", "no \\u0000"),
        (f'{{{USER},"title":"x","data":{{"a":[NaN]}}}}', 422, "$.data.a[0]", "no NaN"),
        (f'{{{USER},"title":"x","data":{{"a":1e999}}}}', 422, "$.data", "numbers"),
        (f'{{{USER},"title":"x","data":{{"a":"\\udc00"}}}}', 422, "$.data.a", "whole characters"),
        ('{"title":"x"}', 422, "$", "one of user_id, user_ids and topic"),
        (f'{{{USER},"user_ids":["b"],"title":"x"}}', 422, "$", "one of user_id, user_ids and topic"),
        ('{"user_ids":[],"title":"x"}', 422, "$.user_ids", "length >= 1"),
        ('{"user_ids":["a",""],"title":"x"}', 422, "$.user_ids[1]", "length >= 1"),
        ('{"user_id":"a\\nb","title":"x"}', 422, "$.user_id", "regex"),
        ('{"user_id":"a\\n","title":"x"}', 422, "$.user_id", "regex"),
        (f'{{"user_id":"{"a" * 129}","title":"x"}}', 422, "$.user_id", "length <= 128"),
    ],
)
async def test_a_bad_notification_is_refused_whole(
    hub: Customer, pool: "asyncpg.Pool[Record]", body: str, status: int, path: str, told: str
) -> None:
    answer = await hub.http.post("/api/v1/notifications", content=body, headers=JSON)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["errors"][0]["path"] == path
    assert told in problem["detail"]
    assert await pool.fetchval("select count(*) from notifications") == 0
    assert await pool.fetchval("select count(*) from inboxes") == 0


async def test_a_body_that_is_too_large_is_refused_before_it_is_parsed(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/notifications", content=b"{" * (64 * 1024 + 1), headers=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (413, "expected a body of at most 65536 bytes")


async def test_a_backslash_before_u0000_is_text(hub: Customer) -> None:
    async with hub.online("ada") as page:
        await hub.send("ada", data={"path": "C:\\u0000"})
        assert (await page.heard())["data"] == {"path": "C:\\u0000"}


async def test_a_body_that_is_not_json_by_its_name_is_refused(hub: Customer) -> None:
    answer = await hub.http.post("/api/v1/notifications", content="title=x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Basic abc", "Bearer nonsense", "Bearer hark_0_x", "Bearer hark_\u00e9_x"]
)
async def test_without_a_good_key_nothing_is_told(hub: Customer, authorization: str | None) -> None:
    headers: dict[str, Any] = {"Authorization": (authorization or "").encode("latin-1")}
    for path in ("/api/v1/notifications/0", "/api/v1/sessions/ada"):
        answer = await hub.http.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/notifications/01a1fb24-36c5-7a27-8d1f-8ffd5652fad8", 404),
        ("GET", "/api/v1/notifications/not-an-id", 404),
        ("GET", "/api/v1/notifications/01a1fb24-36c5-7a27-8d1f-8ffd5652fad8/status", 404),
        ("GET", "/api/v1/notifications/01a1fb24-36c5-7a27-8d1f-8ffd5652fad8/status?limit=0", 422),
        ("GET", "/api/v1/notifications/01a1fb24-36c5-7a27-8d1f-8ffd5652fad8/status?limit=x", 422),
        ("GET", "/api/v1/notifications/01a1fb24-36c5-7a27-8d1f-8ffd5652fad8/status?after=%00", 422),
        ("DELETE", "/api/v1/sessions/ada/not-an-id", 404),
        ("GET", "/api/v1/nothing", 404),
        ("PATCH", "/api/v1/sessions", 405),
        ("GET", "/ws", 426),
        ("GET", "/api/v1/sessions/a%00b", 404),
    ],
)
async def test_what_is_not_there_is_said_in_the_same_shape(hub: Customer, method: str, path: str, status: int) -> None:
    answer = await hub.http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
