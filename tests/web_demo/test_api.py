"""The demo's back end between its page, a real hub and a real push simulator."""

import httpx
import pytest

from tests.device import device
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.web_demo.page import page_of

ADA = "/api/users/demo-ada"
GRACE = "/api/users/demo-grace"


async def test_a_token_opens_the_socket_of_its_user(page: httpx.AsyncClient, hub: Customer) -> None:
    token = (await page.post(f"{ADA}/token")).json()["token"]

    async with device(hub.url, token) as ada:
        assert (await ada.heard())["user"] == "demo-ada"


async def test_what_is_sent_arrives_and_says_who_it_is_from(page: httpx.AsyncClient, hub: Customer) -> None:
    async with hub.online("demo-grace") as grace:
        draft = {"title": "Hello", "message": "Lunch?", "priority": "high", "sender": "demo-ada"}
        answer = await page.post(f"{GRACE}/notifications", json=draft)

        assert answer.status_code == 202
        entry = await grace.heard()
        assert entry["id"] == answer.json()["notification_id"]
        assert (entry["title"], entry["message"], entry["priority"]) == ("Hello", "Lunch?", "high")
        assert entry["data"] == {"from": "demo-ada"}


async def test_the_page_hears_how_far_it_came(page: httpx.AsyncClient, hub: Customer) -> None:
    async with hub.online("demo-grace") as grace:
        sent = (await page.post(f"{GRACE}/notifications", json={"title": "Hello"})).json()["notification_id"]
        assert (await page.get(f"/api/notifications/{sent}")).json()["delivered_at"] is None

        await grace.heard()
        await grace.say("ack", seq=1)
        await grace.heard()
        line = (await page.get(f"/api/notifications/{sent}")).json()
        assert line["state"] == "delivered"
        assert line["delivered_at"] > line["accepted_at"]


async def test_other_peoples_notifications_are_nothing_to_the_page(page: httpx.AsyncClient, hub: Customer) -> None:
    sent = await hub.send("somebody")

    answer = await page.get(f"/api/notifications/{sent}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such notification")


async def test_a_push_appears_on_the_phone(page: httpx.AsyncClient, engine: Engine) -> None:
    assert (await page.post(f"{ADA}/phone")).status_code == 204
    sent = (await page.post(f"{ADA}/notifications", json={"title": "Nobody home"})).json()["notification_id"]
    await engine.run()

    shown = (await page.get(f"{ADA}/phone?after=0")).json()
    assert [one["push"]["title"] for one in shown if one["push"]["id"] == sent] == ["Nobody home"]
    assert (await page.get(f"{ADA}/phone?after=1")).json() == []


async def test_a_user_has_one_phone_however_often_the_page_is_loaded(page: httpx.AsyncClient, hub: Customer) -> None:
    for _ in range(2):
        await page.post(f"{ADA}/phone")

    assert len((await hub.http.get("/api/v1/sessions/demo-ada")).json()["sessions"]) == 1


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

    await page.post(f"{ADA}/phone")
    sessions = (await hub.http.get("/api/v1/sessions/demo-ada")).json()["sessions"]
    assert sorted(session["app"] for session in sessions) == ["shop", "web_demo"]
    assert len(sessions) == 2


@pytest.mark.parametrize("path", ["/token", "/phone", "/notifications"])
async def test_it_speaks_for_the_demos_users_only(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.post(f"/api/users/somebody{path}", json={"title": "Hello"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 422),
        (b'{"title":"x","user_id":"somebody"}', 422),
        (b'{"title":"x","priority":"urgent"}', 422),
        (b'{"title":""}', 422),  # Hark says so
        (b'{"title":"' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_a_draft_that_cannot_be_sent_is_told_why(page: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await page.post(f"{ADA}/notifications", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


async def test_a_form_of_another_page_sends_nothing(page: httpx.AsyncClient) -> None:
    answer = await page.post(f"{ADA}/notifications", content=b'{"title":"x"}', headers={"content-type": "text/plain"})

    assert answer.status_code == 415


@pytest.mark.parametrize("after", ["-1", "x", "9" * 17])
async def test_after_is_a_seq(page: httpx.AsyncClient, after: str) -> None:
    assert (await page.get(f"{ADA}/phone", params={"after": after})).status_code == 422


async def test_without_hark_the_page_hears_that_it_is_away(lonely_page: httpx.AsyncClient) -> None:
    answer = await lonely_page.post(f"{ADA}/token")

    assert (answer.status_code, answer.json()) == (503, {"status": 503, "detail": "Hark does not answer"})


async def test_without_the_simulator_the_page_hears_that_it_is_away(lonely_page: httpx.AsyncClient) -> None:
    answer = await lonely_page.get(f"{ADA}/phone")

    assert (answer.status_code, answer.json()["detail"]) == (503, "The push simulator does not answer")


async def test_where_there_is_no_simulator_there_are_no_phones(hub: Customer) -> None:
    async with page_of(hark_url=hub.url, simulator_url="") as page:
        answer = await page.post(f"{ADA}/phone")

    assert answer.status_code == 404


async def test_a_wrong_api_key_is_not_the_pages_fault(hub: Customer) -> None:
    async with page_of(hark_url=hub.url, api_key="hark_wrong_key") as page:
        answer = await page.post(f"{ADA}/token")

    assert (answer.status_code, answer.json()["detail"]) == (502, "Hark answered: unknown or revoked API key")


async def test_another_programs_answer_is_not_taken_for_harks(simulator_url: str) -> None:
    async with page_of(hark_url=f"{simulator_url}/health?") as page:  # answers 200 and "ok" to a GET
        answer = await page.get("/api/notifications/x")

    assert (answer.status_code, answer.json()["detail"]) == (502, "Hark answered something else than expected")
