"""The shop: its two people, and what it tells them of. Pure.

What a customer's back end does: it knows whom an event concerns, in what words, how urgently, and how they are to be
reached when they do not notice.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Who = Literal["demo-ada", "demo-grace"]

# Short, so that a spectator sees each step: a real reminder has hours in it.
REMINDER_LADDER = [
    {"channels": ["push"], "after_s": 2},
    {"channels": ["email"], "after_s": 6, "if": "unread"},
    {"channels": ["sms"], "after_s": 12, "if": "unread"},
]

_PARCEL = (
    ("Order {order} shipped", "Your brass bell is on its way."),
    ("Order {order} is out for delivery", "It is on the bike of the courier."),
    ("Order {order}: two stops away", "Ring-a-ling in ten minutes."),
    ("Order {order} was delivered", "It is with your neighbour on the first floor."),
)


class Person(msgspec.Struct, frozen=True):
    id: Who
    platform: Literal["ios", "android"]
    email: str
    phone: str


PEOPLE: dict[str, Person] = {
    "demo-ada": Person("demo-ada", "ios", "ada@example.com", "+15005550001"),
    "demo-grace": Person("demo-grace", "android", "grace@example.com", "+15005550002"),
}


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody did on the shop's page."""

    kind: Literal["message", "purchase", "shipped", "reminder"]
    by: Who
    order: Annotated[int, Meta(ge=1, le=999_999)] = 1
    text: Annotated[str, Meta(max_length=500)] = ""
    """Of a message."""
    step: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Of a parcel on its way."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a send, as Hark wants it."""

    user_id: Who
    title: str
    message: str
    data: dict[str, Any]
    priority: Literal["low", "normal", "high", "critical"] = "normal"
    collapse_key: str | None = None
    ladder: list[dict[str, Any]] | None = None


def draft(event: Event) -> Draft:
    """What the other one is told."""
    to: Who = "demo-grace" if event.by == "demo-ada" else "demo-ada"
    data = {"from": event.by, "kind": event.kind, "order": event.order}
    match event.kind:
        case "message":
            name = "Ada" if event.by == "demo-ada" else "Grace"
            return Draft(user_id=to, title=f"{name} wrote", message=event.text or "Hello?", data=data)
        case "purchase":
            words = f"Order {event.order} is paid", "1 brass bicycle bell, 24.00 €"
            return Draft(user_id=to, title=words[0], message=words[1], data=data, priority="high")
        case "shipped":
            title, message = _PARCEL[event.step % len(_PARCEL)]
            # Where the parcel was before is of no interest: the newest word takes the place of the others.
            key = f"parcel-{event.order}"
            return Draft(
                user_id=to, title=title.format(order=event.order), message=message, data=data, collapse_key=key
            )
        case "reminder":
            words = "Payment reminder", f"24.00 € for order {event.order} are due today."
            return Draft(
                user_id=to, title=words[0], message=words[1], data=data, priority="high", ladder=REMINDER_LADDER
            )
