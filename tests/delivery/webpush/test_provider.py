"""Through the real pywebpush and a real socket, to a push service that checks everything a real one does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from delivery.outcome import Accepted, Gone, Misconfigured, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from delivery.webpush import vapid
from delivery.webpush.provider import WebPush
from delivery.webpush.settings import WebPushSettings
from tests.browser import Browser, subscribe
from tests.delivery.sample import PLAIN, to

type_check: type[Provider] = WebPush  # mypy holds the provider to its contract here


async def test_a_push_is_accepted_and_read_by_the_browser(webpush: WebPush, browser: Browser) -> None:
    outcome = await webpush.send(PLAIN, to(browser.subscription))

    assert isinstance(outcome, Accepted)
    assert "/message/" in outcome.provider_id
    (heard,) = await browser.heard()
    assert heard.channel == "webpush"
    assert isinstance(heard.payload, dict)
    assert heard.payload["id"] == PLAIN.notification_id
    assert heard.payload["data"] == {"order": 42}
    assert datetime.now(UTC) - heard.at < timedelta(minutes=1)


async def test_ttl_urgency_and_topic_reach_the_service(webpush: WebPush, browser: Browser) -> None:
    await webpush.send(msgspec.structs.replace(PLAIN, priority="critical"), to(browser.subscription))

    (heard,) = await browser.heard()
    topic = heard.headers["topic"]
    assert heard.headers == {"ttl": "600", "urgency": "high", "topic": topic, "content-encoding": "aes128gcm"}
    assert len(topic) == 32


async def test_a_second_copy_replaces_the_first_on_the_screen(webpush: WebPush, browser: Browser) -> None:
    for _ in range(2):
        await webpush.send(PLAIN, to(browser.subscription))
    await webpush.send(msgspec.structs.replace(PLAIN, notification_id="another"), to(browser.subscription))

    assert len(await browser.heard()) == 3
    assert len(await browser.shows()) == 2


async def test_a_restricted_subscription_takes_our_key(http: httpx.AsyncClient, webpush: WebPush) -> None:
    browser = await subscribe(http, to=webpush.application_server_key)

    assert isinstance(await webpush.send(PLAIN, to(browser.subscription)), Accepted)


async def test_a_subscription_made_with_another_key_kills_no_token(http: httpx.AsyncClient, webpush: WebPush) -> None:
    browser = await subscribe(http, to=vapid.generate().application_server_key)

    outcome = await webpush.send(PLAIN, to(browser.subscription))

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == "key_mismatch"


async def test_once_our_key_is_proven_a_subscription_made_with_another_is_gone(
    http: httpx.AsyncClient, webpush: WebPush, browser: Browser
) -> None:
    await webpush.send(PLAIN, to(browser.subscription))
    foreign = await subscribe(http, to=vapid.generate().application_server_key)

    assert await webpush.send(PLAIN, to(foreign.subscription)) == Gone("key_mismatch")


async def test_an_unsubscribed_browser_is_gone(webpush: WebPush, browser: Browser) -> None:
    await browser.unsubscribe()

    assert await webpush.send(PLAIN, to(browser.subscription)) == Gone("http_410")


async def test_a_subscription_that_was_never_issued_is_gone(webpush: WebPush, browser: Browser) -> None:
    forged = browser.subscription.replace("/push/", "/push/not.issued.")

    assert await webpush.send(PLAIN, to(forged)) == Gone("http_404")


async def test_a_throttled_push_knows_how_long_to_wait(webpush: WebPush, browser: Browser) -> None:
    await browser.meets(status=429, retry_after_s=30)

    assert await webpush.send(PLAIN, to(browser.subscription)) == Throttled("http_429", 30.0)
    assert isinstance(await webpush.send(PLAIN, to(browser.subscription)), Accepted)


async def test_a_service_that_is_down_is_unavailable(webpush: WebPush, browser: Browser) -> None:
    await browser.meets(status=503)

    assert await webpush.send(PLAIN, to(browser.subscription)) == Unavailable("http_503")


async def test_an_answer_that_is_lost_may_have_accepted(webpush: WebPush, browser: Browser) -> None:
    await browser.meets(accident="reset")

    assert await webpush.send(PLAIN, to(browser.subscription)) == Unavailable("connection_lost", ambiguous=True)
    assert isinstance(await webpush.send(PLAIN, to(browser.subscription)), Accepted)
    assert (len(await browser.heard()), len(await browser.shows())) == (2, 1)


async def test_half_an_answer_counts_by_its_status(webpush: WebPush, browser: Browser) -> None:
    await browser.meets(status=503, retry_after_s=30, accident="half_body")
    await browser.meets(status=410, accident="half_body")

    assert await webpush.send(PLAIN, to(browser.subscription)) == Unavailable("http_503", 30.0)
    assert await webpush.send(PLAIN, to(browser.subscription)) == Gone("http_410")
    assert isinstance(await webpush.send(PLAIN, to(browser.subscription)), Accepted)


@pytest.fixture
async def hasty(webpush_settings: WebPushSettings) -> AsyncIterator[WebPush]:
    provider = WebPush(webpush_settings, deadline_s=0.3)
    yield provider
    await provider.aclose()


async def test_a_service_that_hangs_may_have_accepted(hasty: WebPush, browser: Browser) -> None:
    await browser.meets(hang_s=30)

    assert await hasty.send(PLAIN, to(browser.subscription)) == Unavailable("timeout", ambiguous=True)
    assert len(await browser.heard()) == 1


async def test_a_message_that_is_too_big_arrives_shrunk(webpush: WebPush, browser: Browser) -> None:
    big = msgspec.structs.replace(PLAIN, message="x" * 5000)  # fills the last byte

    assert isinstance(await webpush.send(big, to(browser.subscription)), Accepted)
    (heard,) = await browser.heard()
    assert isinstance(heard.payload, dict)
    assert heard.payload["truncated"] is True


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not json",
        "[]",
        '{"endpoint":"https://fcm.googleapis.com/x"}',
        '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"","auth":""}}',
        '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"AAAA","auth":"BBBB"}}',
        '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"é","auth":"A"}}',
        '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"' + "A" * 87 + '","auth":"' + "A" * 22 + '"}}',
        '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"B' + "A" * 86 + '","auth":"' + "A" * 22 + '"}}',
    ],
)
async def test_a_malformed_subscription_is_rejected_unsent(webpush: WebPush, address: str) -> None:
    outcome = await webpush.send(PLAIN, to(address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_subscription"


async def test_an_endpoint_inside_our_network_is_never_posted_to(webpush: WebPush, browser: Browser) -> None:
    elsewhere = browser.subscription.replace("127.0.0.1", "localhost")

    assert await webpush.send(PLAIN, to(elsewhere)) == Rejected("endpoint_not_allowed", "not a known push service")


async def test_an_endpoint_that_only_looks_like_one_is_rejected(webpush: WebPush, browser: Browser) -> None:
    nowhere = browser.subscription.replace(browser.endpoint, "https://xn--a.notify.windows.com/x")

    outcome = await webpush.send(PLAIN, to(nowhere))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "endpoint_not_allowed"


async def test_malformed_settings_are_told_at_the_start(webpush_settings: WebPushSettings) -> None:
    for change in ({"vapid_private_key": "x"}, {"vapid_subject": "ops"}, {"push_services": ("nowhere",)}):
        with pytest.raises(ValueError, match=r"key|subject|origin"):
            WebPush(msgspec.structs.replace(webpush_settings, **change))


def test_settings_are_printed_without_the_private_key(webpush_settings: WebPushSettings) -> None:
    assert webpush_settings.vapid_private_key not in repr(webpush_settings)
