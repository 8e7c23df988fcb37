"""A delivery as a person sees it on a screen, whatever channel brought it. Pure.

What cannot be read is shown as it came: a simulated screen is there to look at what was sent.
"""

from datetime import datetime

import msgspec

from delivery.simulator.deliveries import Delivery


class Card(msgspec.Struct, frozen=True):
    """Plain text, as it was sent: whoever shows it sets it as text."""

    title: str
    text: str
    at: datetime


class _Text(msgspec.Struct, frozen=True):
    """The members in which the channels have their words."""

    title: str | None = None
    subject: str | None = None
    message: str | None = None
    body: str | None = None
    text: str | None = None


class _Aps(msgspec.Struct, frozen=True):
    alert: _Text | str | None = None


class _Apns(msgspec.Struct, frozen=True):
    aps: _Aps


class _Fcm(msgspec.Struct, frozen=True):
    notification: _Text | None = None


def card(delivery: Delivery) -> Card:
    words = _words(delivery)
    if words is None:
        return Card("", bytes(delivery.payload).decode(errors="replace"), delivery.at)
    if isinstance(words, str):
        return Card("", words, delivery.at)
    return Card(words.title or words.subject or "", words.message or words.body or words.text or "", delivery.at)


def _words(delivery: Delivery) -> _Text | str | None:
    try:
        match delivery.channel:
            case "apns":
                return msgspec.json.decode(delivery.payload, type=_Apns).aps.alert
            case "fcm":
                return msgspec.json.decode(delivery.payload, type=_Fcm).notification
            case _:
                return msgspec.json.decode(delivery.payload, type=_Text | str)
    except msgspec.DecodeError:
        return None
