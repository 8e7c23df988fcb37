"""What a user has: addresses, and an inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hark_sdk.call import Call, decoded, given, path, query


class Chat(msgspec.Struct, frozen=True):
    """An address at a chat service that the operator named; `target` is empty where the service has a single place."""

    service: str
    target: str = ""


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail, SMS and chat messages reach a user; `gone` once a provider called the address dead."""

    user_id: str
    email: str | None
    phone: str | None
    chats: Sequence[Chat] = ()
    email_gone: bool
    phone_gone: bool
    updated_at: datetime


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A notification in the inbox."""

    seq: int
    id: str
    title: str
    message: str
    data: dict[str, Any]
    priority: str
    created_at: datetime
    cursor: str
    seen: bool = False
    read: bool = False
    archived: bool = False


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next` is the `before` of the next page, None on the last."""

    user_id: str
    head: int
    unread: int
    entries: Sequence[Entry]
    next: int | None


def put_user(
    user_id: str, *, email: str | None = None, phone: str | None = None, chats: Sequence[Chat] | None = None
) -> Call[Contacts]:
    """Says where mail, SMS and chat messages reach a user; what is left out, there is none of. `phone` is in E.164."""
    body = given(email=email, phone=phone, chats=chats)
    return Call(method="PUT", path=path("users", user_id), body=body, answer=decoded(Contacts))


def user(user_id: str) -> Call[Contacts]:
    """What was put."""
    return Call(method="GET", path=path("users", user_id), answer=decoded(Contacts))


def inbox(user_id: str, *, before: int | None = None, limit: int | None = None, archived: bool = False) -> Call[Inbox]:
    """A user's inbox, a page at a time: without what the user archived, or that alone."""
    return Call(
        method="GET",
        path=path("users", user_id, "inbox"),
        query=query(before=before, limit=limit, archived="true" if archived else None),
        answer=decoded(Inbox),
    )
