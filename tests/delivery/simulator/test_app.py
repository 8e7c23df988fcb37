"""The simulator over HTTP, as the demo, the tests of other packages and the curious use it."""

import httpx
import pytest

from delivery.outcome import Accepted, Gone
from delivery.webpush import vapid
from delivery.webpush.provider import WebPush
from tests.browser import Browser, subscribe
from tests.delivery.sample import PLAIN, to, trusting
from tests.simulator import running_simulator


async def test_a_device_gets_the_name_it_asked_for(http: httpx.AsyncClient, simulator_url: str) -> None:
    answer = await http.post("/devices", json={"device": "ada-phone"})

    assert answer.status_code == 201
    assert answer.json()["endpoint"] == f"{simulator_url}/push/ada-phone"
    assert answer.json()["expirationTime"] is None


async def test_a_device_without_a_name_is_a_new_one(http: httpx.AsyncClient) -> None:
    first, second = [await http.post("/devices") for _ in range(2)]

    assert first.json()["endpoint"] != second.json()["endpoint"]


@pytest.mark.parametrize(
    "body",
    [
        '{"device":"a b"}',
        '{"device":""}',
        '{"device":"a\\n"}',
        '{"device":7}',
        '{"applicationServerKey":"x"}',
        "nonsense",
        "[]",
    ],
)
async def test_a_device_that_cannot_be_is_told_why(http: httpx.AsyncClient, body: str) -> None:
    answer = await http.post("/devices", content=body)

    assert answer.status_code == 400
    assert answer.text.startswith("malformed")


async def test_a_push_that_is_refused_says_why(http: httpx.AsyncClient, browser: Browser) -> None:
    answer = await http.post(browser.endpoint, content=b"x", headers={"ttl": "1", "content-encoding": "aes128gcm"})

    assert (answer.status_code, answer.text) == (401, "Authorization header missing")
    assert answer.headers["www-authenticate"] == "vapid"


async def test_a_body_of_megabytes_is_refused(http: httpx.AsyncClient, browser: Browser) -> None:
    answer = await http.post(
        browser.endpoint, content=b"x" * 5_000_000, headers={"ttl": "1", "content-encoding": "aes128gcm"}
    )

    assert answer.status_code == 413


async def test_who_subscribes_again_is_reached_again(http: httpx.AsyncClient, webpush: WebPush) -> None:
    first = (await http.post("/devices", json={"device": "returning"})).text
    await Browser(http, first).unsubscribe()
    again = (await http.post("/devices", json={"device": "returning"})).text

    assert again == first
    assert isinstance(await webpush.send(PLAIN, to(again)), Accepted)


async def test_a_subscription_outlives_the_simulator(http: httpx.AsyncClient, simulator_url: str) -> None:
    keys = vapid.generate()
    old = await subscribe(http, to=keys.application_server_key)
    with running_simulator() as restarted:
        provider = WebPush(trusting(restarted.url, keys))
        outcome = await provider.send(PLAIN, to(old.subscription.replace(simulator_url, restarted.url)))
        await provider.aclose()

    assert isinstance(outcome, Accepted)


async def test_an_apps_device_token_is_the_same_each_time(http: httpx.AsyncClient) -> None:
    first, second, other = [
        (await http.post("/devices", json={"device": name, "platform": "ios"})).json()["device_token"]
        for name in ("ada", "ada", "bob")
    ]

    assert first == second != other
    assert len(bytes.fromhex(first)) == 32


async def test_a_browser_that_leaves_by_any_of_its_tokens_is_gone(
    http: httpx.AsyncClient, webpush: WebPush, browser: Browser
) -> None:
    assert (await http.delete("/devices", params={"token": browser.subscription})).status_code == 204

    assert await webpush.send(PLAIN, to(browser.subscription)) == Gone("http_410")


async def test_every_kind_of_token_shows_the_deliveries(
    http: httpx.AsyncClient, webpush: WebPush, browser: Browser
) -> None:
    await webpush.send(PLAIN, to(browser.subscription))

    for token in (browser.endpoint, browser.subscription, browser.endpoint.rpartition("/")[2]):
        (delivery,) = (await http.get("/deliveries", params={"token": token})).json()
        assert delivery["payload"]["message"] == PLAIN.message
    assert (await http.get("/deliveries", params={"token": "nobody"})).json() == []
    assert (await http.get("/deliveries")).status_code == 400


async def test_a_fault_ends_with_the_faults(http: httpx.AsyncClient, webpush: WebPush, browser: Browser) -> None:
    await browser.meets(status=500, times=0)
    during = [await webpush.send(PLAIN, to(browser.subscription)) for _ in range(3)]
    await http.delete("/faults")
    after = await webpush.send(PLAIN, to(browser.subscription))

    assert not any(isinstance(outcome, Accepted) for outcome in during)
    assert isinstance(after, Accepted)


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"device": "x", "status": 201},
        {"device": "x", "times": -1},
        {"device": "x", "accident": "goaway"},  # from a browser's push service
        {"device": "ab" * 32, "accident": "flood"},
        {"device": "+15005550006", "accident": "reset"},
        {"device": "+15005550006", "reason": "soon"},
        {"device": "ada@example.com", "accident": "half_body"},
        {"device": "ada@example.com", "status": 302},
        {"device": "ada@example.com", "status": 450, "at": "ehlo"},
        {"device": "x", "channel": "fcm", "status": 500},
        {"channel": "pigeon", "status": 500},
        {"channel": "fcm", "accident": "goaway"},
    ],
)
async def test_a_fault_that_makes_no_sense_is_told(http: httpx.AsyncClient, fault: dict[str, object]) -> None:
    assert (await http.post("/faults", json=fault)).status_code == 400


async def test_any_page_may_look(http: httpx.AsyncClient) -> None:
    answer = await http.get("/health", headers={"origin": "http://127.0.0.1:3000"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
