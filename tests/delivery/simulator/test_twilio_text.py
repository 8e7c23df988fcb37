from urllib.parse import urlencode

import pytest

from delivery.simulator.twilio_text import Refusal, Text, receive

SAID = {"To": "+4915112345678", "From": "HARK", "Body": "Shipped", "ValidityPeriod": "600"}


def received(**changes: str | None) -> Text | Refusal:
    return receive(urlencode({name: value for name, value in (SAID | changes).items() if value is not None}).encode())


def test_a_text_has_whom_it_is_from_and_to() -> None:
    assert received() == Text("+4915112345678", "Shipped", 600, "HARK")
    assert received(ValidityPeriod=None) == Text("+4915112345678", "Shipped", 36_000, "HARK")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": None}, 21211),
        ({"To": "4915112345678"}, 21211),
        ({"To": " 4915112345678"}, 21211),  # a plus that nobody escaped
        ({"From": None}, 21603),
        ({"From": None, "MessagingServiceSid": "MG1"}, 21603),
        ({"Body": None}, 21602),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "soon"}, 21624),
    ],
)
def test_what_is_wrong_has_twilios_code(changes: dict[str, str | None], code: int) -> None:
    refusal = received(**changes)

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.status) == (code, 400)
