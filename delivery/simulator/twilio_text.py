"""One text as Twilio reads the request for it (Twilio, "Messages resource"). Pure: the time is an argument."""

import re
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from delivery.simulator.deliveries import Delivery
from delivery.simulator.phone_number import phone_number

MAX_BODY_LENGTH = 1600

_SERVICE = re.compile(r"MG[0-9a-f]{32}", re.IGNORECASE)
_VALIDITY = re.compile(r"[1-9][0-9]{0,4}")
_MAX_VALIDITY_S = 36_000


class Refusal(msgspec.Struct, frozen=True):
    """In Twilio's words."""

    code: int
    message: str
    status: int = 400


class Text(msgspec.Struct, frozen=True, rename={"sender": "from"}, omit_defaults=True):
    to: str
    body: str
    validity_period: int
    sender: str | None = None
    messaging_service_sid: str | None = None


def receive(form: bytes) -> Text | Refusal:
    """What the phone gets, or why it gets nothing."""
    said = dict(parse_qsl(form.decode(errors="replace")))
    to, sender, service = said.get("To", ""), said.get("From"), said.get("MessagingServiceSid")
    if phone_number(to) != to:
        return Refusal(21211, f"The 'To' number {to} is not a valid phone number.")
    if sender is None and (service is None or not _SERVICE.fullmatch(service)):
        return Refusal(21603, "A 'From' phone number is required.")
    if not said.get("Body"):
        return Refusal(21602, "Message body is required.")
    if len(said["Body"]) > MAX_BODY_LENGTH:
        return Refusal(21617, f"The concatenated message body exceeds the {MAX_BODY_LENGTH} character limit.")
    validity = said.get("ValidityPeriod", str(_MAX_VALIDITY_S))
    if not _VALIDITY.fullmatch(validity) or int(validity) > _MAX_VALIDITY_S:
        return Refusal(21624, "Invalid validity period value.")
    return Text(to, said["Body"], int(validity), sender, service)


def delivery(text: Text, now: datetime) -> Delivery:
    return Delivery("sms", msgspec.Raw(msgspec.json.encode(text)), {}, now)
