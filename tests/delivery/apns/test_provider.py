"""Through a real road, to a simulated APNs that checks what the real one does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from delivery.apns.provider import Apns
from delivery.apns.settings import ApnsSettings
from delivery.message import Target
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from delivery.simulator.papers import APNS_TOPIC
from tests.delivery import pem
from tests.delivery.sample import PLAIN
from tests.phone import Phone, install
from tests.simulator import Simulator

type_check: type[Provider] = Apns  # mypy holds the provider to its contract here

Build = Callable[..., Apns]


@pytest.fixture
async def phone(http: httpx.AsyncClient) -> Phone:
    return await install(http, platform="ios")


@pytest.fixture
async def build(apns_settings: ApnsSettings) -> AsyncIterator[Build]:
    """Providers with other settings or another deadline."""
    built: list[Apns] = []

    def build(*, deadline_s: float = 5, **changes: object) -> Apns:
        built.append(Apns(msgspec.structs.replace(apns_settings, **changes), deadline_s=deadline_s))
        return built[-1]

    yield build
    for each in built:
        await each.aclose()


async def send(provider: Apns, phone: Phone, **changes: object) -> Outcome:
    return await provider.send(msgspec.structs.replace(PLAIN, **changes), Target("apns", phone.token))


async def test_a_push_is_accepted_and_shown(apns: Apns, phone: Phone) -> None:
    outcome = await send(apns, phone)

    payload, headers = await phone.heard_one()
    assert outcome == Accepted(headers["apns-id"])
    assert payload["aps"]["alert"] == {"title": "Shipped", "body": "Your order is on its way"}
    assert payload["hark"]["data"] == {"order": 42}
    assert (headers["apns-topic"], headers["apns-push-type"]) == (APNS_TOPIC, "alert")
    assert len(await phone.shows()) == 1


async def test_a_second_copy_replaces_the_first_on_the_screen(apns: Apns, phone: Phone) -> None:
    ids = {(await send(apns, phone)) for _ in range(2)}
    await send(apns, phone, notification_id="another")

    assert len(ids) == 1
    assert len(await phone.heard()) == 3
    assert len(await phone.shows()) == 2


async def test_a_message_without_text_wakes_the_app_and_shows_nothing(apns: Apns, phone: Phone) -> None:
    assert isinstance(await send(apns, phone, title="", message="", priority="high"), Accepted)
    assert len(await phone.heard()) == 1
    assert await phone.shows() == []


async def test_a_message_that_is_too_big_arrives_shrunk(apns: Apns, phone: Phone) -> None:
    assert isinstance(await send(apns, phone, message="é" * 5000), Accepted)
    assert (await phone.heard_one())[0]["hark"]["truncated"] is True


async def test_whoever_deleted_the_app_is_gone_since_then(apns: Apns, phone: Phone) -> None:
    await phone.deletes_the_app()
    outcome = await send(apns, phone)

    assert isinstance(outcome, Gone)
    assert outcome.code == "Unregistered"
    assert outcome.since is not None
    assert datetime.now(UTC) - outcome.since < timedelta(minutes=1)


async def test_the_providers_date_of_death_is_kept(apns: Apns, phone: Phone) -> None:
    await phone.meets(status=410, since="2026-11-01T00:00:00Z")

    assert await send(apns, phone) == Gone("Unregistered", datetime(2026, 11, 1, tzinfo=UTC))


async def test_a_bad_token_is_gone_only_once_the_credentials_have_worked(
    build: Build, phone: Phone, http: httpx.AsyncClient
) -> None:
    apns, other = build(), await install(http, platform="ios")
    await phone.meets(reason="BadDeviceToken", times=2)
    before = await send(apns, phone)
    assert isinstance(await send(apns, other), Accepted)

    assert isinstance(before, Misconfigured)
    assert before.code == "BadDeviceToken"
    assert await send(apns, phone) == Gone("BadDeviceToken")


async def test_a_throttled_push_knows_how_long_to_wait(apns: Apns, phone: Phone) -> None:
    await phone.meets(status=429, retry_after_s=30)

    assert await send(apns, phone) == Throttled("TooManyRequests", 30.0)
    assert isinstance(await send(apns, phone), Accepted)


async def test_a_service_that_is_down_is_unavailable_and_then_back(apns: Apns, phone: Phone) -> None:
    await phone.meets(status=503, reason="Shutdown", times=2)
    outcomes = [await send(apns, phone) for _ in range(3)]

    assert outcomes[:2] == [Unavailable("Shutdown")] * 2
    assert isinstance(outcomes[2], Accepted)


async def test_an_answer_without_a_body_is_an_answer(apns: Apns, phone: Phone) -> None:
    await phone.meets(status=503, reason="")

    assert await send(apns, phone) == Unavailable("http_503")


async def test_a_service_that_hangs_may_have_accepted(build: Build, phone: Phone) -> None:
    await phone.meets(hang_s=30)

    assert await send(build(deadline_s=0.6), phone) == Unavailable("timeout", ambiguous=True)
    assert len(await phone.heard()) == 1


async def test_a_stream_that_is_reset_may_have_been_accepted(apns: Apns, phone: Phone) -> None:
    await phone.meets(accident="reset")

    assert await send(apns, phone) == Unavailable("connection_lost", ambiguous=True)
    assert len(await phone.heard()) == 1
    assert isinstance(await send(apns, phone), Accepted)


async def test_half_an_answer_counts_by_its_status(build: Build, phone: Phone) -> None:
    apns = build()
    await phone.meets(status=410, accident="half_body")

    assert await send(apns, phone) == Gone("http_410")
    assert isinstance(await send(apns, phone), Accepted)


async def test_a_server_that_goes_away_unbegun_costs_nothing(build: Build, phone: Phone) -> None:
    await phone.meets(accident="goaway")

    assert isinstance(await send(build(), phone), Accepted)
    assert len(await phone.heard()) == 1


async def test_what_a_server_had_not_begun_when_it_went_away_arrives_once(build: Build, phone: Phone) -> None:
    apns = build()
    await phone.meets(accident="goaway", every=20)
    outcomes = await asyncio.gather(*(send(apns, phone, notification_id=str(number)) for number in range(50)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(await phone.heard()) == 50


async def test_a_burst_is_carried_by_one_token_over_one_connection(build: Build, phone: Phone) -> None:
    apns = build()
    outcomes = await asyncio.gather(*(send(apns, phone, notification_id=str(number)) for number in range(200)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(await phone.heard()) == 200


async def test_a_certificate_needs_no_token(build: Build, simulator: Simulator, phone: Phone) -> None:
    apns = build(apns_key="", apns_topic="", apns_certificate=str(simulator.papers.apns_certificate))

    assert isinstance(await send(apns, phone), Accepted)
    assert (await phone.heard_one())[1]["apns-topic"] == APNS_TOPIC


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"apns_key": pem.OTHER_P8}, "InvalidProviderToken"),
        ({"apns_key_id": "OTHER12345"}, "InvalidProviderToken"),
        ({"apns_team_id": "OTHER12345"}, "InvalidProviderToken"),
    ],
)
async def test_wrong_credentials_kill_no_token(build: Build, phone: Phone, changes: dict[str, str], code: str) -> None:
    outcome = await send(build(**changes), phone)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == code


async def test_a_fresh_token_that_is_called_expired_is_our_clocks_fault(apns: Apns, phone: Phone) -> None:
    await phone.meets(reason="ExpiredProviderToken")
    outcome = await send(apns, phone)

    assert isinstance(outcome, Misconfigured)
    assert "clock" in outcome.detail


async def test_a_session_of_an_unknown_app_is_not_pushed_to_as_another(build: Build, phone: Phone) -> None:
    apns = build(apns_apps='{"shop":{"topic":"com.example.shop"}}')
    known, unknown = [await apns.send(PLAIN, Target("apns", phone.token, app)) for app in ("shop", "blog")]

    assert isinstance(known, Accepted)
    assert (await phone.heard_one())[1]["apns-topic"] == "com.example.shop"
    assert isinstance(unknown, Misconfigured)
    assert unknown.code == "unknown_app"


@pytest.mark.parametrize("address", ["", "abc", "g" * 64, "ab" * 4, "../../etc", "ab" * 201, "ab" * 16 + "?x=1"])
async def test_a_malformed_token_is_rejected_unsent(apns: Apns, address: str) -> None:
    outcome = await apns.send(PLAIN, Target("apns", address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_token"


async def test_a_server_that_is_away_was_surely_not_reached(build: Build, phone: Phone) -> None:
    apns = build(apns_url="https://127.0.0.1:9")

    assert await send(apns, phone) == Unavailable("no_connection", ambiguous=False)


async def test_malformed_settings_are_told_at_the_start(build: Build) -> None:
    with pytest.raises(ValueError, match="HARK_APNS_KEY"):
        build(apns_key="/nowhere")
