"""An id in a path is one segment, whatever is in it: it names its user or topic, and never another call."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import quote

import httpx

from hub.api.path import canonical
from hub.store.postgres import Pool
from tests.hub_process import Customer
from tests.security.keys import server
from tests.security.raw import head, raw
from tests.security.test_isolation import ALIKE

NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
DOTS = {".", ".."}  # clients take them for steps (RFC 3986 section 5.2.4), also encoded
IDS = [each for each in ALIKE if each not in DOTS and not each.isalnum()] + [
    "a/inbox",
    "/",
    "//",
    "a/",
    "/a",
    "%2F",
    "%252f",
]
# What a path may be that names nothing here: cut at a slash, not text, or with what no id has in it.
NOWHERE = [
    "/api/v1/users//inbox",
    "/api/v1/users/",
    "/api/v1/users/%2e%2e/%2e%2e/topics",
    "/api/v1/users/ada%2Finbox/inbox/",
    "/api/v1/users/%ff/inbox",
    "/api/v1/users/%c3%28/inbox",
    "/api/v1/users/%ed%a0%80/inbox",
    "/api/v1/users/%c0%af/inbox",
    "/api/v1/users/%00/inbox",
    "/api/v1/users/ada%0a/inbox",
    "/api/v1/users/" + "%f0%9f%98%80" * 129 + "/inbox",
    "/api/v1%2Ftopics",
    "/api/v1/topics/",
    "//api/v1/topics",
    "/api/v1/topics/%ff",
    "/api/v1/sessions/ada/%ff",
    "/sdk/..%2f..%2fpyproject.toml",
    "/sdk/%2e%2e/hark.js",
]
# Calls of one segment behind the collection, and ids that would be another call if they were split.
SCOPES = {
    ("DELETE", "/api/v1/sessions/{}"): "sessions:write",
    ("PUT", "/api/v1/users/{}"): "users:write",
    ("GET", "/api/v1/users/{}"): "read",
    ("PUT", "/api/v1/topics/{}"): "topics:write",
    ("DELETE", "/api/v1/topics/{}"): "topics:write",
}
LIKE_CALLS = ["ada/inbox", "me/inbox", "ada/live", "ada/members", f"ada/{NOBODY}", "../topics/news", "../notifications"]


async def test_whom_one_can_send_to_has_calls_of_their_own(hub: Customer) -> None:
    for user_id in IDS:
        one = quote(user_id, safe="")
        await hub.send(user_id, user_id)
        inbox = (await hub.http.get(f"/api/v1/users/{one}/inbox")).json()
        assert (inbox["user_id"], [entry["title"] for entry in inbox["entries"]]) == (user_id, [user_id])
        put = await hub.http.put(f"/api/v1/users/{one}", json={"phone": "+4915112345678"})
        assert put.json()["user_id"] == user_id
        assert (await hub.http.get(f"/api/v1/users/{one}")).json() == put.json()
        for number in range(2):
            await hub.register_phone(user_id, "ios", f"{number:064x}")
        sessions = (await hub.http.get(f"/api/v1/sessions/{one}")).json()["sessions"]
        assert [session["user_id"] for session in sessions] == [user_id] * 2
        deleted = await hub.http.delete(f"/api/v1/sessions/{one}/{sessions[0]['session_id']}")
        assert deleted.status_code == 204
        assert (await hub.http.delete(f"/api/v1/sessions/{one}")).json() == {"deleted": 1}


async def test_so_has_every_topic(hub: Customer) -> None:
    for topic in IDS:
        one = f"/api/v1/topics/{quote(topic, safe='')}"
        assert (await hub.http.put(one)).json()["topic"] == topic
        assert (await hub.http.patch(f"{one}/members", json={"add": ["ada"]})).json()["added"] == 1
        assert (await hub.http.get(f"{one}/members")).json()["members"][0]["user_id"] == "ada"
        assert (await hub.http.post(f"{one}/live", json={"data": 1})).json()["topic"] == topic
        assert (await hub.http.get(one)).json()["members"] == 1
        assert (await hub.http.delete(one)).status_code == 204
    assert (await hub.http.get("/api/v1/topics")).json()["topics"] == []


async def test_a_path_that_names_nothing_is_not_found(hub: Customer) -> None:
    assert {path: status for path in NOWHERE if (status := await _status(hub, "GET", path)) not in {404, 422}} == {}


async def test_dots_are_a_users_id_and_no_way_up(hub: Customer) -> None:
    for user_id in DOTS:
        await hub.send(user_id, user_id)
        for spelling in (user_id, user_id.replace(".", "%2e")):
            assert await _status(hub, "GET", f"/api/v1/users/{spelling}/inbox") == 200
    assert await _status(hub, "GET", "/api/v1/users/../topics") == 404
    assert await _status(hub, "GET", "/health/../metrics") == 404


async def test_an_id_that_looks_like_another_call_needs_the_scope_of_its_own(hub: Customer, pool: Pool) -> None:
    async with server(hub, pool, frozenset()) as http:
        for (method, path), scope in SCOPES.items():
            for user_id in LIKE_CALLS:
                refused = await http.request(method, path.format(quote(user_id, safe="")), json={})
                told = (refused.status_code, refused.json()["detail"])
                assert told == (403, f"this API key lacks the scope {scope}"), (method, path, user_id)


async def test_bytes_that_belong_in_no_path_end_the_request(hub: Customer) -> None:
    for odd in (b"\xff", "\u00e9".encode(), b"\x00", b"\x80/inbox", b"a b"):
        async with raw(hub) as client:
            client.say(b"GET /api/v1/users/" + odd + b" HTTP/1.1\r\nHost: hark\r\n\r\n")
            assert await client.status() in {400, 401}


async def test_the_audit_log_tells_of_the_id_itself(hub: Customer, pool: Pool) -> None:
    await hub.http.get("/api/v1/users/a%2Fb%20c/inbox")
    assert await pool.fetchval("select objects from audit where action = 'inbox.read'") == '{"user_id":"a/b c"}'


async def test_a_spelling_of_a_path_is_the_path(hub: Customer) -> None:
    assert await _status(hub, "GET", "/%61pi/v1/%74opics") == 200
    assert await _status(hub, "GET", "/%68ealth") == 200


async def test_nobody_is_sent_to_where_a_host_header_says(hub: Customer) -> None:
    for path in ("/api/v1/topics/", "/api/v1/users/ada/inbox/", "/health/"):
        answer = await hub.http.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers.get("location")) == (404, None)


async def test_but_to_the_demo_wherever_the_hub_is(
    start_hub: Callable[..., AbstractAsyncContextManager[Customer]],
) -> None:
    async with start_hub(demo_api_key="hark_x_y") as hub, httpx.AsyncClient(base_url=hub.url) as http:
        for path in ("/", "/demo"):
            answer = await http.get(path, headers={"Host": "evil.example"})
            assert (answer.status_code, answer.headers["location"]) == (307, "/demo/")
        assert (await http.get("/demo/")).status_code == 200


def test_a_path_has_one_spelling() -> None:
    assert canonical(b"/a%2fb/%41/c%252F/%zz/a:b") == "/a%2Fb/A/c%252F/%25zz/a%3Ab"


async def _status(hub: Customer, method: str, path: str) -> int:
    """Of a path that no client tidied up."""
    async with raw(hub) as client:
        client.say(
            head(f"{method} {path} HTTP/1.1", {"Host": "hark", "Authorization": hub.http.headers["Authorization"]})
        )
        return await client.status()
