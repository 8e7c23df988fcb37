"""Through a real road, to a simulated Twilio that checks what the real one does."""

import itertools
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest

from delivery.message import Target
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from delivery.sms.provider import Sms
from delivery.sms.settings import SmsSettings
from tests.browser import Heard
from tests.delivery.sample import PLAIN

type_check: type[Provider] = Sms  # mypy holds the provider to its contract here

Build = Callable[..., Sms]

_numbers = itertools.count(1)


class Handset:
    """A simulated phone from the outside, by its number."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.number = f"+1500556{next(_numbers):04}"

    async def got(self) -> list[Heard]:
        answer = await self._http.get("/deliveries", params={"token": self.number})
        return msgspec.json.decode(answer.content, type=list[Heard])

    async def leaves(self) -> None:
        (await self._http.delete("/devices", params={"token": self.number})).raise_for_status()

    async def meets(self, **fault: object) -> None:
        (await self._http.post("/faults", json={"device": self.number, **fault})).raise_for_status()


@pytest.fixture
def handset(http: httpx.AsyncClient) -> Handset:
    return Handset(http)


@pytest.fixture
async def build(sms_settings: SmsSettings) -> AsyncIterator[Build]:
    """Providers with other settings or another deadline."""
    built: list[Sms] = []

    def build(*, deadline_s: float = 5, **changes: object) -> Sms:
        built.append(Sms(msgspec.structs.replace(sms_settings, **changes), deadline_s=deadline_s))
        return built[-1]

    yield build
    for each in built:
        await each.aclose()


async def send(provider: Sms, handset: Handset, **changes: object) -> Outcome:
    return await provider.send(msgspec.structs.replace(PLAIN, **changes), Target("sms", handset.number))


async def test_a_text_is_accepted_and_arrives(sms: Sms, handset: Handset) -> None:
    outcome = await send(sms, handset)

    [text] = await handset.got()
    assert isinstance(outcome, Accepted)
    assert outcome.provider_id.startswith("SM")
    assert text.channel == "sms"
    assert text.payload == {
        "to": handset.number,
        "from": "+15005550006",
        "body": "Shipped\nYour order is on its way",
        "validity_period": 600,
    }


async def test_a_second_copy_is_a_second_text(sms: Sms, handset: Handset) -> None:
    for _ in range(2):
        await send(sms, handset)

    assert len(await handset.got()) == 2


async def test_a_plus_may_stand_in_the_url_as_it_is(sms: Sms, handset: Handset, http: httpx.AsyncClient) -> None:
    await send(sms, handset)

    assert len((await http.get(f"/deliveries?token={handset.number}")).json()) == 1


async def test_a_long_message_arrives_in_its_segments(build: Build, handset: Handset) -> None:
    await send(build(sms_segments=1), handset, message="é&=%+" * 200)

    [text] = await handset.got()
    assert isinstance(text.payload, dict)
    assert text.payload["body"] == "Shipped\n" + ("é&=%+" * 200)[:149] + "..."


async def test_a_messaging_service_may_choose_whom_it_is_from(build: Build, handset: Handset) -> None:
    service = "MG" + "0c" * 16
    await send(build(twilio_from="", twilio_messaging_service=service), handset)

    [text] = await handset.got()
    assert isinstance(text.payload, dict)
    assert text.payload["messaging_service_sid"] == service


async def test_a_number_that_is_no_phones_any_more_is_gone(sms: Sms, handset: Handset) -> None:
    await handset.leaves()

    assert await send(sms, handset) == Gone("21614")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"reason": "21610"}, Rejected("21610", "a fault that was asked for")),
        ({"reason": "21211"}, Gone("21211")),
        ({"status": 429, "retry_after_s": 30}, Throttled("20429", 30.0)),
        ({"reason": "21611", "retry_after_s": 60}, Throttled("21611", 60.0)),
        ({"status": 503}, Unavailable("20503")),
        ({"status": 500}, Unavailable("20500", ambiguous=True)),
        ({"status": 502, "reason": ""}, Unavailable("http_502", ambiguous=True)),
    ],
)
async def test_what_is_refused_has_its_outcome_and_does_not_arrive(
    sms: Sms, handset: Handset, fault: dict[str, object], outcome: Outcome
) -> None:
    await handset.meets(**fault)

    assert await send(sms, handset) == outcome
    assert await handset.got() == []


async def test_a_service_that_hangs_may_have_accepted(build: Build, handset: Handset) -> None:
    await handset.meets(hang_s=30)

    assert await send(build(deadline_s=1.5), handset) == Unavailable("timeout", ambiguous=True)
    assert len(await handset.got()) == 1


async def test_a_service_that_is_away_was_surely_not_reached(build: Build, handset: Handset) -> None:
    assert await send(build(twilio_url="http://127.0.0.1:9"), handset) == Unavailable("no_connection", ambiguous=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"twilio_auth_token": "wrong"},
        {"twilio_auth_token": "", "twilio_api_key": "SK" + "0" * 32, "twilio_api_secret": "wrong"},
    ],
)
async def test_wrong_credentials_are_our_fault(build: Build, handset: Handset, changes: dict[str, str]) -> None:
    assert await send(build(**changes), handset) == Misconfigured("20003", "Authenticate")


@pytest.mark.parametrize("address", ["", "015112345", "+1 500 555 0006", "+15005550006&To=+1900"])
async def test_a_malformed_number_is_rejected_unsent(sms: Sms, address: str) -> None:
    outcome = await sms.send(PLAIN, Target("sms", address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_number"


async def test_a_message_without_anything_to_read_is_rejected_unsent(sms: Sms, handset: Handset) -> None:
    outcome = await send(sms, handset, title="", message="")

    assert isinstance(outcome, Rejected)
    assert await handset.got() == []


async def test_malformed_settings_are_told_at_the_start(build: Build) -> None:
    with pytest.raises(ValueError, match="HARK_TWILIO_FROM"):
        build(twilio_from="")
