"""The demo's back end between its page, a real hub and a real push simulator."""

from typing import Any

import httpx
import pytest

from tests.device import device
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.web_demo.page import page_of

ADA = "/api/users/demo-ada"


def sending(**event: object) -> dict[str, Any]:
    return {"event": {"kind": "message", "by": "demo-ada"} | event, "key": "a-key"}


def shown(screens: dict[str, Any], user: str, kind: str) -> list[str]:
    """The titles on one screen, or the words of a text."""
    [screen] = [each for each in screens["screens"] if (each["user_id"], each["kind"]) == (user, kind)]
    return [card["title"] or card["text"] for card in screen["shown"]]


async def test_a_token_opens_the_socket_of_its_user(page: httpx.AsyncClient, hub: Customer) -> None:
    token = (await page.post(f"{ADA}/token")).json()["token"]

    async with device(hub.url, token) as ada:
        assert (await ada.heard())["user"] == "demo-ada"


async def test_what_is_sent_arrives_and_says_who_it_is_from(page: httpx.AsyncClient, hub: Customer) -> None:
    async with hub.online("demo-grace") as grace:
        answer = await page.post("/api/events", json=sending(kind="purchase", order=7))

        assert answer.status_code == 202
        entry = await grace.heard()
        assert entry["id"] == answer.json()["notification_id"]
        assert (entry["title"], entry["priority"]) == ("Order 7 is paid", "high")
        assert entry["data"] == {"from": "demo-ada", "kind": "purchase", "order": 7}


async def test_an_event_that_is_said_twice_happens_once(page: httpx.AsyncClient) -> None:
    first, again = [(await page.post("/api/events", json=sending(text="Hello"))).json() for _ in range(2)]
    other = (await page.post("/api/events", json=sending(text="Hello") | {"key": "another"})).json()

    assert first == again
    assert other["notification_id"] != first["notification_id"]


async def test_the_page_hears_how_far_it_came_and_why(page: httpx.AsyncClient, hub: Customer) -> None:
    async with hub.online("demo-grace") as grace:
        sent = (await page.post("/api/events", json=sending())).json()["notification_id"]
        assert (await page.get(f"/api/notifications/{sent}")).json()["status"]["delivered_at"] is None

        await grace.heard()
        await grace.say("ack", seq=1)
        await grace.heard()
        trace = (await page.get(f"/api/notifications/{sent}")).json()
        assert trace["status"]["state"] == "delivered"
        assert trace["status"]["delivered_at"] > trace["status"]["accepted_at"]
        assert "a device acknowledged it" in [line["what"] for line in trace["lines"]]


async def test_other_peoples_notifications_are_nothing_to_the_page(page: httpx.AsyncClient, hub: Customer) -> None:
    sent = await hub.send("somebody")

    answer = await page.get(f"/api/notifications/{sent}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such notification")


@pytest.mark.parametrize("by", ["demo-ada", "demo-grace"])
async def test_who_is_not_there_has_it_on_phone_and_browser(page: httpx.AsyncClient, engine: Engine, by: str) -> None:
    to = {"demo-ada": "demo-grace", "demo-grace": "demo-ada"}[by]
    assert (await page.post(f"/api/users/{to}/devices")).status_code == 204
    text = {"text": f"A message by {by}"}
    title = (await page.post("/api/events", json=sending(by=by, **text))).json()["title"]
    await engine.run()
    screens = (await page.get("/api/screens")).json()

    assert shown(screens, to, "phone")[0] == shown(screens, to, "browser")[0] == title


async def test_a_user_has_two_devices_however_often_the_page_is_loaded(page: httpx.AsyncClient, hub: Customer) -> None:
    for _ in range(2):
        assert (await page.post(f"{ADA}/devices")).status_code == 204

    sessions = (await hub.http.get("/api/v1/sessions/demo-ada")).json()["sessions"]
    assert sorted(session["provider"] for session in sessions) == ["apns", "webpush"]
    contacts = (await hub.http.get("/api/v1/users/demo-ada")).json()
    assert "ada@example.com" in str(contacts)
    assert "+15005550001" in str(contacts)


async def test_the_phone_of_an_earlier_simulator_is_unregistered(
    page: httpx.AsyncClient, hub: Customer, simulator_url: str
) -> None:
    async with httpx.AsyncClient(base_url=simulator_url) as simulator:
        old = (await simulator.post("/devices", json={"device": "earlier"})).json()
    registration = {"user_id": "demo-ada", "platform": "web", "device_token": old}
    await hub.http.post("/api/v1/sessions", json=registration | {"app": "web_demo"})
    await hub.http.post(
        "/api/v1/sessions",
        json=registration | {"device_token": {**old, "endpoint": f"{simulator_url}/push/shop"}, "app": "shop"},
    )

    await page.post(f"{ADA}/devices")
    sessions = (await hub.http.get("/api/v1/sessions/demo-ada")).json()["sessions"]
    assert sorted(session["app"] for session in sessions) == ["shop", "web_demo", "web_demo"]


@pytest.mark.parametrize("path", ["/token", "/devices"])
async def test_it_speaks_for_the_demos_users_only(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.post(f"/api/users/somebody{path}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 422),
        (b'{"event":{"kind":"message","by":"somebody"},"key":"a"}', 422),
        (b'{"event":{"kind":"message","by":"demo-ada","user_id":"somebody"},"key":"a"}', 422),
        (b'{"event":{"kind":"war","by":"demo-ada"},"key":"a"}', 422),
        (b'{"event":{"kind":"message","by":"demo-ada"},"key":"a b"}', 422),
        (b'{"event":{"kind":"message","by":"demo-ada"}}', 422),
        (b'{"x":' + b"[" * 9_000, 422),
        (b'{"title":"' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_an_event_that_cannot_be_is_told_why(page: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await page.post("/api/events", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


async def test_a_form_of_another_page_sends_nothing(page: httpx.AsyncClient) -> None:
    answer = await page.post("/api/events", content=b"{}", headers={"content-type": "text/plain"})

    assert answer.status_code == 415


async def test_without_hark_the_page_hears_that_it_is_away(lonely_page: httpx.AsyncClient) -> None:
    answer = await lonely_page.post(f"{ADA}/token")

    assert (answer.status_code, answer.json()) == (503, {"status": 503, "detail": "Hark does not answer"})


async def test_without_the_simulator_the_page_hears_that_it_is_away(lonely_page: httpx.AsyncClient) -> None:
    answer = await lonely_page.get("/api/screens")

    assert (answer.status_code, answer.json()["detail"]) == (503, "The push simulator does not answer")


async def test_where_there_is_no_simulator_there_are_no_phones(hub: Customer) -> None:
    async with page_of(hark_url=hub.url, simulator_url="") as page:
        answer = await page.post(f"{ADA}/devices")

    assert answer.status_code == 404


async def test_a_wrong_api_key_is_not_the_pages_fault(hub: Customer) -> None:
    async with page_of(hark_url=hub.url, api_key="hark_wrong_key") as page:
        answer = await page.post(f"{ADA}/token")

    assert (answer.status_code, answer.json()["detail"]) == (502, "Hark answered: unknown, revoked or expired API key")


async def test_another_programs_answer_is_not_taken_for_harks(simulator_url: str) -> None:
    async with page_of(hark_url=f"{simulator_url}/health?") as page:  # answers 200 and "ok" to a GET
        answer = await page.get("/api/notifications/x")

    assert (answer.status_code, answer.json()["detail"]) == (502, "Hark answered something else than expected")
