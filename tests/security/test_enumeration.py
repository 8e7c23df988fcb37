"""Whoever tries ids learns nothing from refusals: what is unknown, another's or no id at all is refused alike."""

from typing import Any, NamedTuple

import httpx

from hub.store.postgres import Pool
from tests.hub_process import Customer
from tests.openapi import committed
from tests.security.keys import server

NOBODY = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
NO_ID = "x%2Fy%20z"
MEMBERS = {"add": ["ada"]}
# Of users nothing is known before somebody sends to them: these calls answer for anybody alike, or make what they name.
FOR_ANYBODY = {
    ("get", "/api/v1/sessions/{user_id}"),
    ("delete", "/api/v1/sessions/{user_id}"),
    ("get", "/api/v1/users/{user_id}/inbox"),
    ("put", "/api/v1/users/{user_id}"),
    ("put", "/api/v1/topics/{topic}"),
    ("post", "/api/v1/topics/{topic}/live"),
}


class There(NamedTuple):
    """What there is, by its parameter in a path."""

    notification_id: str
    session_id: str
    webhook_id: str
    revocation_id: str
    user_id: str = "ada"
    topic: str = "news"


async def made(hub: Customer) -> There:
    sent = await hub.send("ada")
    session_id = await hub.register_phone("ada", "ios", "0a" * 32)
    webhook = await hub.add_webhook("https://shop.example/hark")
    await hub.http.put("/api/v1/users/ada", json={"phone": "+4915112345678"})
    await hub.http.put("/api/v1/topics/news")
    await hub.http.post("/api/v1/revocations", json={"user_id": "grace"})
    [revocation] = (await hub.http.get("/api/v1/revocations")).json()["revocations"]
    return There(sent, session_id, webhook["id"], revocation["id"])


def calls() -> list[tuple[str, str, list[str]]]:
    """Method, path and parameters of every call with a key that names something."""
    return [
        (call.method, call.path, list(names))
        for call in committed().calls()
        if (names := call.parameters("path")) and any("api_key" in needed for needed in call.told["security"])
    ]


async def ask(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body: dict[str, Any] = MEMBERS if path.endswith("/members") else {}
    query = {"user_id": "ada"} if path.endswith("/explain") else {}
    return await http.request(method, path, json=body if method != "get" else None, params=query)


def told(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("content-type", ""), answer.text


async def test_what_is_unknown_and_what_is_no_id_are_not_found_alike(hub: Customer) -> None:
    there = (await made(hub))._asdict()
    for method, path, names in calls():
        if (method, path) in FOR_ANYBODY:
            continue
        answers = set()
        for name in names:
            for guess in (NOBODY, NOBODY.upper(), NO_ID):
                answers.add(told(await ask(hub.http, method, path.format(**there | {name: guess}))))
        assert len(answers) == 1, (method, path, answers)
        [(status, media_type, body)] = answers
        assert (status, media_type) == (404, "application/problem+json"), (method, path, body)
        assert not [word for word in (*there.values(), NOBODY) if word in body]


async def test_what_is_anothers_is_not_found_like_what_is_unknown(hub: Customer) -> None:
    there = await made(hub)
    sent = await hub.send("grace")
    for known, unknown in [
        (("delete", f"/api/v1/sessions/grace/{there.session_id}"), ("delete", f"/api/v1/sessions/grace/{NOBODY}")),
        (("delete", f"/api/v1/sessions/nobody/{there.session_id}"), ("delete", f"/api/v1/sessions/nobody/{NOBODY}")),
        (("get", f"/api/v1/notifications/{sent}/explain"), ("get", f"/api/v1/notifications/{NOBODY}/explain")),
    ]:
        assert told(await ask(hub.http, *known)) == told(await ask(hub.http, *unknown))


async def test_calls_for_anybody_tell_a_stranger_from_nobody_not(hub: Customer) -> None:
    await hub.http.put("/api/v1/users/ada", json={})  # known, and has nothing
    for method, path in FOR_ANYBODY - {("put", "/api/v1/topics/{topic}"), ("post", "/api/v1/topics/{topic}/live")}:
        known, unknown = [await ask(hub.http, method, path.format(user_id=user)) for user in ("ada", "bob")]
        assert known.status_code == unknown.status_code == 200
        assert known.json().keys() == unknown.json().keys()


async def test_who_may_not_ask_hears_the_same_whether_it_is_there_or_not(hub: Customer, pool: Pool) -> None:
    there = (await made(hub))._asdict()
    async with server(hub, pool, frozenset()) as scopeless, httpx.AsyncClient(base_url=hub.url) as stranger:
        for http, status in ((scopeless, 403), (stranger, 401)):
            for method, path, names in calls():
                guesses = (there, *(there | {name: guess} for name in names for guess in (NOBODY, NO_ID)))
                answers = {told(await ask(http, method, path.format(**guess))) for guess in guesses}
                assert [answer[0] for answer in answers] == [status], (method, path, answers)


async def test_a_device_hears_the_same_of_anothers_entries_and_of_none(hub: Customer) -> None:
    await hub.send("ada")
    for _ in range(3):
        await hub.send("grace")
    device = {"Authorization": f"Bearer {await hub.token('ada')}"}
    answers = [
        await hub.http.post("/api/v1/users/me/receipts", json={"read": [seq]}, headers=device) for seq in (3, 999)
    ]
    assert len({told(answer) for answer in answers}) == 1
    inbox = "/api/v1/users/me/inbox"
    told_of = {told(await hub.http.get(inbox, headers=device, params={"user_id": user})) for user in ("grace", "bob")}
    assert len(told_of) == 1
