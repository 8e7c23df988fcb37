import base64

import msgspec
import pytest

from delivery.sms.account import account
from delivery.sms.settings import SmsSettings

SID = "AC" + "0a" * 16
SETTINGS = SmsSettings(twilio_account_sid=SID, twilio_auth_token="secret-token", twilio_from="+15005550006")
KEY = {"twilio_auth_token": "", "twilio_api_key": "SK" + "0b" * 16, "twilio_api_secret": "secret-key"}
SERVICE = {"twilio_from": "", "twilio_messaging_service": "MG" + "0c" * 16}


def of(**changes: object) -> SmsSettings:
    return msgspec.structs.replace(SETTINGS, **changes)


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_an_account_is_where_and_who_and_from_whom() -> None:
    found = account(SETTINGS)

    assert found.url == f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages.json"
    assert found.authorization == basic(SID, "secret-token")
    assert found.sender == ("From", "+15005550006")


def test_a_key_stands_in_for_the_token_and_a_service_for_the_number() -> None:
    found = account(of(**KEY, **SERVICE))

    assert found.authorization == basic("SK" + "0b" * 16, "secret-key")
    assert found.sender == ("MessagingServiceSid", "MG" + "0c" * 16)


@pytest.mark.parametrize("sender", ["+15005550006", "12345", "HARK", "Hark Shop 1"])
def test_a_sender_is_a_number_a_code_or_a_name(sender: str) -> None:
    assert account(of(twilio_from=sender)).sender == ("From", sender)


@pytest.mark.parametrize(
    "url", ["https://api.dublin.ie1.twilio.com", "https://twilio.example:8443/", "http://127.0.0.1:8090"]
)
def test_another_region_or_a_stand_in_is_another_url(url: str) -> None:
    assert account(of(twilio_url=url)).url.startswith(url.rstrip("/") + "/2010-04-01/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"twilio_account_sid": "AC1"}, "HARK_TWILIO_ACCOUNT_SID is not AC and 32"),
        ({"twilio_account_sid": "AC../../../x" + "0" * 22}, "HARK_TWILIO_ACCOUNT_SID is not AC and 32"),
        ({"twilio_auth_token": ""}, "HARK_TWILIO_AUTH_TOKEN or HARK_TWILIO_API_KEY is needed"),
        ({**KEY, "twilio_auth_token": "secret-token"}, "and not both"),
        ({**KEY, "twilio_api_key": "secret-key"}, "HARK_TWILIO_API_KEY is not SK and 32"),
        ({**KEY, "twilio_api_secret": ""}, "HARK_TWILIO_API_SECRET is missing"),
        ({"twilio_from": ""}, "HARK_TWILIO_FROM or HARK_TWILIO_MESSAGING_SERVICE is needed"),
        ({**SERVICE, "twilio_from": "HARK"}, "and not both"),
        ({"twilio_from": "A name too long"}, "HARK_TWILIO_FROM is no number"),
        ({"twilio_from": "+1 500"}, "HARK_TWILIO_FROM is no number"),
        ({"twilio_from": "12"}, "HARK_TWILIO_FROM is no number"),
        ({**SERVICE, "twilio_messaging_service": "MG1"}, "HARK_TWILIO_MESSAGING_SERVICE is not MG and 32"),
        ({"twilio_url": "http://api.twilio.com"}, "HARK_TWILIO_URL is not of the form"),
        ({"twilio_url": "http://localhost.example.com"}, "HARK_TWILIO_URL is not of the form"),
        ({"twilio_url": "https://api.twilio.com/x"}, "HARK_TWILIO_URL is not of the form"),
    ],
)
def test_settings_that_nobody_could_use_are_told_without_secrets(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as wrong:
        account(of(**changes))

    assert "secret-" not in str(wrong.value)


def test_nothing_is_printed_with_secrets() -> None:
    assert "secret-" not in repr(of(**KEY))
    assert "secret-" not in repr(SETTINGS)
    assert "Basic" not in repr(account(SETTINGS))


def test_sms_is_there_when_there_is_an_account() -> None:
    assert SETTINGS.configured
    assert not SmsSettings().configured
