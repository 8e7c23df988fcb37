"""What devices show, and what is to fail, as the page and the demo ask for it."""

import httpx
from msgspec.structs import replace

from delivery.fcm.provider import Fcm
from delivery.outcome import Accepted
from delivery.webpush.provider import WebPush
from tests.browser import Browser
from tests.delivery.sample import PLAIN, to
from tests.phone import install


async def test_a_screen_shows_the_newest_first(http: httpx.AsyncClient, webpush: WebPush, browser: Browser) -> None:
    for number in (1, 2):
        message = replace(PLAIN, notification_id=f"n{number}", title=f"No. {number}")
        await webpush.send(message, to(browser.subscription))
    [screen] = (await http.get("/screens", params={"token": browser.endpoint})).json()["devices"]

    assert [card["title"] for card in screen["shown"]] == ["No. 2", "No. 1"]
    assert screen["channel"] == "webpush"
    assert screen["received"] == 2


async def test_a_device_that_got_nothing_yet_is_shown_when_asked_for(http: httpx.AsyncClient) -> None:
    phone = await install(http, platform="ios")
    [screen] = (await http.get("/screens", params={"token": phone.token})).json()["devices"]

    assert (screen["channel"], screen["shown"], screen["received"]) == (None, [], 0)


async def test_a_device_is_called_as_it_was_asked_for(http: httpx.AsyncClient) -> None:
    token = (await http.post("/devices", json={"device": "ada-phone", "platform": "ios"})).json()["device_token"]
    [screen] = (await http.get("/screens", params={"token": token})).json()["devices"]

    assert screen["name"] == "ada-phone"


async def test_nothing_new_costs_nothing(http: httpx.AsyncClient, webpush: WebPush, browser: Browser) -> None:
    first = await http.get("/screens")
    again = await http.get("/screens", headers={"if-none-match": first.headers["etag"]})
    await webpush.send(PLAIN, to(browser.subscription))
    changed = await http.get("/screens", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.json()["devices"][0]["device"] == browser.endpoint.rpartition("/")[2]


async def test_a_screen_can_be_wiped(http: httpx.AsyncClient, webpush: WebPush, browser: Browser) -> None:
    await webpush.send(PLAIN, to(browser.subscription))
    await http.delete("/shown", params={"token": browser.endpoint})

    assert await browser.shows() == []
    assert len(await browser.heard()) == 1


async def test_a_fault_of_a_channel_meets_any_device_of_it(http: httpx.AsyncClient, fcm: Fcm) -> None:
    phone = await install(http, platform="android")
    await http.post("/faults", json={"channel": "fcm", "status": 503})
    [waiting] = (await http.get("/screens")).json()["faults"]
    outcomes = [await fcm.send(PLAIN, to(phone.token)) for _ in range(2)]

    assert waiting["fault"]["status"] == 503
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [False, True]
    assert (await http.get("/faults")).json() == []


async def test_one_fault_can_be_taken_back(http: httpx.AsyncClient) -> None:
    for status in (500, 503):
        await http.post("/faults", json={"device": "somebody", "status": status})
    first, _ = (await http.get("/faults")).json()
    await http.delete("/faults", params={"id": first["id"]})
    left = (await http.get("/faults")).json()
    await http.delete("/faults")

    assert [each["fault"]["status"] for each in left] == [503]
    assert (await http.delete("/faults", params={"id": "x"})).status_code == 400
