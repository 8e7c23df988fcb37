"""Clearings over the real protocols: what was on a screen is gone from it, and nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple

import httpx
import msgspec
import pytest

from delivery.apns.provider import Apns
from delivery.clearing import Clearing, Past
from delivery.fcm.provider import Fcm
from delivery.message import Message, Target
from delivery.outcome import Accepted, Outcome, Rejected
from delivery.webpush.provider import WebPush
from tests.browser import Heard, subscribe
from tests.delivery.sample import PLAIN
from tests.phone import install

KEYED = msgspec.structs.replace(PLAIN, notification_id="keyed", seq=8, cursor="8-keyed", collapse_key="order-42")


class Screen(NamedTuple):
    """A device and the provider that reaches it."""

    send: Callable[[Message, Target], Awaitable[Outcome]]
    clear: Callable[[Clearing, Target], Awaitable[Outcome]]
    target: Target
    heard: Callable[[], Awaitable[list[Heard]]]
    shows: Callable[[], Awaitable[list[Heard]]]

    async def is_told(self, *past: Past, unread: int = 3, head: int = 9) -> Outcome:
        return await self.clear(Clearing("ada", past, unread, head, 600), self.target)


@pytest.fixture(params=["ios", "ios with Firebase", "android", "web"])
async def screen(
    request: pytest.FixtureRequest, http: httpx.AsyncClient, apns: Apns, fcm: Fcm, webpush: WebPush
) -> Screen:
    if request.param == "web":
        browser = await subscribe(http)
        target = Target("webpush", browser.subscription)
        return Screen(webpush.send, webpush.clear, target, browser.heard, browser.shows)
    if request.param == "ios with Firebase":
        phone = await install(http, platform="ios", provider="fcm")
    else:
        phone = await install(http, platform=request.param)
    provider = apns if request.param == "ios" else fcm
    return Screen(provider.send, provider.clear, phone.target, phone.heard, phone.shows)


def seqs(shown: list[Heard]) -> list[int]:
    return sorted(hark(one)["seq"] for one in shown)


def hark(one: Heard) -> dict[str, Any]:
    payload: Any = one.payload
    match one.channel:
        case "apns":
            part = payload["hark"]
        case "fcm":
            part = msgspec.json.decode(payload["data"]["hark"])
        case _:
            part = payload
    found: dict[str, Any] = part
    return found


async def test_what_is_named_goes_and_the_rest_stays(screen: Screen) -> None:
    for message in (PLAIN, KEYED):
        await screen.send(message, screen.target)
    assert isinstance(await screen.is_told(Past(PLAIN.seq, PLAIN.notification_id)), Accepted)

    assert seqs(await screen.shows()) == [KEYED.seq]
    assert len(await screen.heard()) == 3


async def test_what_has_a_collapse_key_goes_too(screen: Screen) -> None:
    for message in (PLAIN, KEYED):
        await screen.send(message, screen.target)
    await screen.is_told(Past(KEYED.seq, KEYED.notification_id, KEYED.collapse_key))

    assert seqs(await screen.shows()) == [PLAIN.seq]


async def test_a_device_that_shows_nothing_is_told_in_vain(screen: Screen) -> None:
    assert isinstance(await screen.is_told(Past(1, "unknown"), unread=0), Accepted)
    [told] = await screen.heard()

    assert await screen.shows() == []
    assert (hark(told)["unread"], hark(told)["head"]) == (0, 9)


async def test_an_iphone_is_told_by_a_background_push_with_the_badge(http: httpx.AsyncClient, apns: Apns) -> None:
    phone = await install(http, platform="ios")
    await apns.clear(Clearing("ada", [Past(7, "a")], 2, 9, 600), phone.target)
    payload, headers = await phone.heard_one()

    assert payload["aps"] == {"badge": 2, "content-available": 1}
    assert payload["hark"]["clear"] == {"tags": ["a"], "seqs": [[7, 7]]}
    assert (headers["apns-push-type"], headers["apns-priority"]) == ("background", "5")


async def test_an_android_phone_is_told_by_data_alone(http: httpx.AsyncClient, fcm: Fcm) -> None:
    phone = await install(http, platform="android")
    await fcm.clear(Clearing("ada", [Past(7, "a")], 2, 9, 600), phone.target)
    payload, _ = await phone.heard_one()

    assert "notification" not in payload
    assert payload["android"]["priority"] == "normal"
    assert "apns" not in payload


@pytest.mark.parametrize("provider", ["apns", "fcm"])
async def test_an_iphones_badge_is_the_true_count(
    http: httpx.AsyncClient, apns: Apns, fcm: Fcm, provider: Literal["apns", "fcm"]
) -> None:
    phone = await install(http, platform="ios", provider="fcm" if provider == "fcm" else None)
    by: Apns | Fcm = fcm if provider == "fcm" else apns
    badges = [await phone.badge()]
    await by.send(PLAIN, phone.target)
    badges.append(await phone.badge())
    await by.clear(Clearing("ada", [Past(PLAIN.seq, PLAIN.notification_id)], 0, 9, 600), phone.target)
    badges.append(await phone.badge())

    assert badges == [None, PLAIN.unread, 0]


@pytest.mark.parametrize("host", ["web.push.apple.com", "updates.push.services.mozilla.com"])
async def test_a_browser_that_counts_silent_pushes_gets_none(webpush: WebPush, host: str) -> None:
    address = msgspec.json.encode({"endpoint": f"https://{host}/x", "keys": {"p256dh": "", "auth": ""}}).decode()
    outcome = await webpush.clear(Clearing("ada", [Past(7, "a")], 2, 9, 600), Target("webpush", address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "silent"
