"""Through the real library and a real road, to a simulated FCM that checks what the real one does."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest

from delivery.fcm.provider import Fcm
from delivery.fcm.settings import FcmSettings
from delivery.message import Target
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from delivery.simulator.fcm_service import TOKEN_PATH
from tests.delivery import pem
from tests.delivery.sample import PLAIN
from tests.phone import Phone, install
from tests.simulator import Simulator

type_check: type[Provider] = Fcm  # mypy holds the provider to its contract here

Build = Callable[..., Fcm]


@pytest.fixture
async def phone(http: httpx.AsyncClient) -> Phone:
    return await install(http, platform="android")


@pytest.fixture
async def iphone(http: httpx.AsyncClient) -> Phone:
    return await install(http, platform="ios", provider="fcm")


@pytest.fixture
async def build(fcm_settings: FcmSettings) -> AsyncIterator[Build]:
    """Providers with other settings or another deadline."""
    built: list[Fcm] = []

    def build(*, deadline_s: float = 5, **changes: object) -> Fcm:
        built.append(Fcm(msgspec.structs.replace(fcm_settings, **changes), deadline_s=deadline_s))
        return built[-1]

    yield build
    for each in built:
        await each.aclose()


def account(simulator: Simulator, **changes: str) -> str:
    """The simulator's service account, with a mistake in it."""
    file = msgspec.json.decode(simulator.papers.fcm_account.read_bytes(), type=dict[str, str])
    return msgspec.json.encode(file | changes).decode()


async def send(provider: Fcm, phone: Phone, **changes: object) -> Outcome:
    return await provider.send(msgspec.structs.replace(PLAIN, **changes), phone.target)


async def test_a_push_is_accepted_and_shown(fcm: Fcm, phone: Phone) -> None:
    outcome = await send(fcm, phone)

    assert isinstance(outcome, Accepted)
    assert outcome.provider_id.startswith("projects/hark-simulator/messages/")
    assert await phone.text() == ("Shipped", "Your order is on its way")
    assert await phone.data() == {"order": 42}
    assert len(await phone.shows()) == 1
    assert phone.token not in str(await phone.heard())


async def test_a_second_copy_replaces_the_first_on_the_screen(fcm: Fcm, phone: Phone) -> None:
    for _ in range(2):
        await send(fcm, phone)
    await send(fcm, phone, notification_id="another")

    assert len(await phone.heard()) == 3
    assert len(await phone.shows()) == 2


async def test_an_iphone_shows_it_once_and_the_count(fcm: Fcm, iphone: Phone) -> None:
    for unread in (1, 2):
        assert isinstance(await send(fcm, iphone, unread=unread), Accepted)
    await send(fcm, iphone, notification_id="another", unread=3)

    assert [len(await iphone.heard()), len(await iphone.shows())] == [3, 2]
    assert await iphone.badge() == 3


async def test_an_iphones_long_message_arrives_shrunk(fcm: Fcm, iphone: Phone) -> None:
    assert isinstance(await send(fcm, iphone, message='"' * 5000, data=msgspec.Raw(b"{}")), Accepted)
    assert (await iphone.text())[1].endswith('"…')


async def test_a_message_without_text_wakes_the_app_and_shows_nothing(fcm: Fcm, phone: Phone) -> None:
    assert isinstance(await send(fcm, phone, title="", message=""), Accepted)
    assert len(await phone.heard()) == 1
    assert await phone.shows() == []


async def test_a_message_that_is_too_big_arrives_shrunk(fcm: Fcm, phone: Phone) -> None:
    assert isinstance(await send(fcm, phone, message="é" * 5000), Accepted)
    assert (await phone.text())[1].endswith("é…")


async def test_whoever_deleted_the_app_is_gone(fcm: Fcm, phone: Phone) -> None:
    await phone.deletes_the_app()

    assert await send(fcm, phone) == Gone("UNREGISTERED")


async def test_a_token_that_can_be_none_is_gone_and_a_payload_that_is_wrong_is_not(fcm: Fcm, phone: Phone) -> None:
    await phone.meets(reason="INVALID_ARGUMENT")

    assert isinstance(await send(fcm, phone), Rejected)
    assert await fcm.send(PLAIN, Target("fcm", "no token!")) == Rejected("bad_token", "not a registration token")
    assert await fcm.send(PLAIN, Target("fcm", "no;token")) == Gone("INVALID_ARGUMENT")


async def test_another_projects_token_is_gone_only_once_the_credentials_have_worked(
    build: Build, phone: Phone, http: httpx.AsyncClient
) -> None:
    fcm, other = build(), await install(http, platform="android")
    await phone.meets(reason="SENDER_ID_MISMATCH", times=2)
    before = await send(fcm, phone)
    assert isinstance(await send(fcm, other), Accepted)

    assert isinstance(before, Misconfigured)
    assert await send(fcm, phone) == Gone("SENDER_ID_MISMATCH")


async def test_a_throttled_push_knows_how_long_to_wait(fcm: Fcm, phone: Phone) -> None:
    await phone.meets(status=429, retry_after_s=30)

    assert await send(fcm, phone) == Throttled("QUOTA_EXCEEDED", 30.0)
    assert isinstance(await send(fcm, phone), Accepted)


async def test_a_service_that_is_down_is_asked_once(fcm: Fcm, phone: Phone) -> None:
    await phone.meets(status=503)

    assert await send(fcm, phone) == Unavailable("UNAVAILABLE")
    assert isinstance(await send(fcm, phone), Accepted)


async def test_a_service_that_hangs_may_have_accepted(build: Build, phone: Phone) -> None:
    fcm = build(deadline_s=1)
    await send(fcm, phone)  # the access token is there
    await phone.meets(hang_s=30)

    assert await send(fcm, phone) == Unavailable("timeout", ambiguous=True)
    assert len(await phone.heard()) == 2


async def test_an_answer_that_is_lost_may_have_accepted(fcm: Fcm, phone: Phone) -> None:
    await phone.meets(accident="reset")

    assert await send(fcm, phone) == Unavailable("connection_lost", ambiguous=True)
    assert isinstance(await send(fcm, phone), Accepted)
    assert (len(await phone.heard()), len(await phone.shows())) == (2, 1)


async def test_half_an_answer_counts_by_its_status(fcm: Fcm, phone: Phone) -> None:
    await phone.meets(status=503, retry_after_s=30, accident="half_body")
    await phone.meets(accident="half_body")

    assert await send(fcm, phone) == Unavailable("http_503", 30.0)
    assert await send(fcm, phone) == Accepted("")
    assert len(await phone.heard()) == 1


async def test_a_broken_connection_hangs_none_of_a_burst(build: Build, phone: Phone) -> None:
    fcm = build()
    await phone.meets(accident="reset", every=3, times=0)
    await phone.meets(status=500, accident="half_body", every=3, times=0)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(send(fcm, phone, notification_id=str(number)) for number in range(90)))

    lost, refused = Unavailable("connection_lost", ambiguous=True), Unavailable("http_500")
    assert (outcomes.count(lost), outcomes.count(refused)) == (30, 29)
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 31


async def test_a_burst_waits_for_one_access_token(build: Build, phone: Phone) -> None:
    fcm = build()
    outcomes = await asyncio.gather(*(send(fcm, phone, notification_id=str(number)) for number in range(100)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(await phone.heard()) == 100


async def test_an_access_token_that_was_taken_back_is_our_fault_when_fresh(
    build: Build, phone: Phone, http: httpx.AsyncClient
) -> None:
    fcm = build()
    await send(fcm, phone)
    await http.delete(TOKEN_PATH)
    outcome = await send(fcm, phone)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"private_key": pem.RSA}, "access_token_refused"),
        ({"client_email": "nobody@example.com"}, "access_token_refused"),
        ({"project_id": "another"}, "NOT_FOUND"),
    ],
)
async def test_wrong_credentials_kill_no_token(
    build: Build, simulator: Simulator, phone: Phone, changes: dict[str, str], code: str
) -> None:
    outcome = await send(build(fcm_credentials=account(simulator, **changes)), phone)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == code


async def test_a_token_endpoint_that_is_away_leaves_nothing_in_doubt(
    build: Build, simulator: Simulator, phone: Phone
) -> None:
    fcm = build(fcm_credentials=account(simulator, token_uri="http://127.0.0.1:9/token"))

    assert await send(fcm, phone) == Unavailable("no_access_token")


async def test_a_token_endpoint_that_hangs_holds_nobody_up_for_long(
    build: Build, simulator: Simulator, phone: Phone
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # whose system takes connections, and nobody answers
        deaf_url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        fcm = build(deadline_s=0.4, fcm_credentials=account(simulator, token_uri=deaf_url))
        outcomes = await asyncio.gather(*(send(fcm, phone) for _ in range(3)))

    assert outcomes == [Unavailable("no_access_token")] * 3


async def test_a_session_of_an_unknown_app_is_not_pushed_to_as_another(
    build: Build, simulator: Simulator, phone: Phone
) -> None:
    fcm = build(fcm_apps=msgspec.json.encode({"shop": str(simulator.papers.fcm_account)}).decode())
    known, unknown = [await fcm.send(PLAIN, Target("fcm", phone.token, app)) for app in ("shop", "blog")]

    assert isinstance(known, Accepted)
    assert isinstance(unknown, Misconfigured)
    assert unknown.code == "unknown_app"


@pytest.mark.parametrize("address", ["", "a b", "é", "x" * 4097, "a\nb"])
async def test_a_malformed_token_is_rejected_unsent(fcm: Fcm, address: str) -> None:
    outcome = await fcm.send(PLAIN, Target("fcm", address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_token"


async def test_malformed_settings_are_told_at_the_start(build: Build) -> None:
    with pytest.raises(ValueError, match="HARK_FCM_CREDENTIALS"):
        build(fcm_credentials="/nowhere")
