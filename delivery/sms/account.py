"""Who we are to Twilio and whom texts are from: read from settings at the start, and checked there."""

import base64
import re

import msgspec

from delivery.sms.settings import SmsSettings

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_KEY = re.compile(r"SK[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
# E.164, a short code, or an alphanumeric sender ID, which has a letter in it.
_FROM = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
_ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")


class Account(msgspec.Struct, frozen=True):
    """What a request needs beside the text."""

    url: str
    authorization: str
    sender: tuple[str, str]
    """The form's field and its value."""

    def __repr__(self) -> str:
        return f"Account(url={self.url!r}, sender={self.sender!r})"


def account(settings: SmsSettings) -> Account:
    """ValueError says in one line which setting is wrong, and quotes none."""
    if not _ACCOUNT.fullmatch(settings.twilio_account_sid):
        raise ValueError("HARK_TWILIO_ACCOUNT_SID is not AC and 32 hexadecimal digits")
    origin = settings.twilio_url.rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("HARK_TWILIO_URL is not of the form https://host[:port]")
    name, secret = _credential(settings)
    return Account(
        url=f"{origin}/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages.json",
        authorization="Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode(),
        sender=_sender(settings),
    )


def _credential(settings: SmsSettings) -> tuple[str, str]:
    """Name and password of HTTP's basic authentication."""
    if bool(settings.twilio_auth_token) == bool(settings.twilio_api_key):
        raise ValueError("HARK_TWILIO_AUTH_TOKEN or HARK_TWILIO_API_KEY is needed, and not both")
    if settings.twilio_auth_token:
        return settings.twilio_account_sid, settings.twilio_auth_token
    if not _KEY.fullmatch(settings.twilio_api_key):
        raise ValueError("HARK_TWILIO_API_KEY is not SK and 32 hexadecimal digits")
    if not settings.twilio_api_secret:
        raise ValueError("HARK_TWILIO_API_SECRET is missing")
    return settings.twilio_api_key, settings.twilio_api_secret


def _sender(settings: SmsSettings) -> tuple[str, str]:
    if bool(settings.twilio_from) == bool(settings.twilio_messaging_service):
        raise ValueError("HARK_TWILIO_FROM or HARK_TWILIO_MESSAGING_SERVICE is needed, and not both")
    if settings.twilio_from:
        if not _FROM.fullmatch(settings.twilio_from):
            raise ValueError("HARK_TWILIO_FROM is no number such as +15005550006, short code or name of 11 letters")
        return "From", settings.twilio_from
    if not _SERVICE.fullmatch(settings.twilio_messaging_service):
        raise ValueError("HARK_TWILIO_MESSAGING_SERVICE is not MG and 32 hexadecimal digits")
    return "MessagingServiceSid", settings.twilio_messaging_service
