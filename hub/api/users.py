"""`/api/v1/users`: what a user has, for the back end and for support."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from delivery.chat.address import SERVICE, TARGET
from hub.api.auth import KeyRing
from hub.api.body import MAX_SEQ, answer, parse, path_user
from hub.api.operation import operation
from hub.api.problem import not_found
from hub.api.query import ARCHIVED, IntParameter, page_limit
from hub.audit import Deed
from hub.notification import Entry
from hub.store import audit, inbox
from hub.store.postgres import Pool, transaction
from hub.vault import Vault
from sessions import contacts

PAGE_ENTRIES = 200
CHATS = 5

_LIMIT = page_limit(50, PAGE_ENTRIES)
_BEFORE = IntParameter(
    name="before", default=MAX_SEQ, low=1, high=MAX_SEQ, description="The entries whose `seq` is smaller."
)

# RFC 5321 §4.5.3.1: 64 and 255 bytes. What is behind it only the mail server knows.
Email = Annotated[
    str, Meta(min_length=3, max_length=320, pattern=r"^[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,255}\Z")
]
Phone = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}\Z", description="E.164, such as +4915112345678.")]


Service = Annotated[str, Meta(pattern=SERVICE, description="One of `HARK_CHAT_SERVICES`.")]
ChatTarget = Annotated[
    str, Meta(pattern=TARGET, description="The user's address there; empty where the service has a single place.")
]


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user's own address at a chat service; the service's URL is the operator's."""

    service: Service
    target: ChatTarget = ""


class ContactsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail, SMS and chat messages reach a user; what is left out, or null, there is none of."""

    email: Email | None = None
    phone: Phone | None = None
    chats: Annotated[list[ChatRequest], Meta(max_length=CHATS)] = []


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, newest first; `next` is the `before` of the next page, null on the last."""

    user_id: str
    head: int
    unread: int
    entries: Sequence[Entry]
    next: int | None


class UsersApi:
    """Contacts, inbox."""

    def __init__(self, pool: Pool, vault: Vault, keys: KeyRing) -> None:
        self._pool = pool
        self._vault = vault
        self._keys = keys

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/users/{user_id}", guard(self.put, "users:write"), methods=["PUT"]),
            Route("/api/v1/users/{user_id}", guard(self.find, "read", look="contacts.read"), methods=["GET"]),
            Route("/api/v1/users/{user_id}/inbox", guard(self.inbox, "read", look="inbox.read"), methods=["GET"]),
        ]

    @operation(
        "Say where mail, SMS and chat messages reach a user",
        body=ContactsRequest,
        example={
            "email": "ada@example.org",
            "phone": "+4915112345678",
            "chats": [{"service": "telegram", "target": "123456789"}],
        },
        answers={200: contacts.Contacts},
        refusals=[400, 404, 413, 415, 422],
    )
    async def put(self, request: Request, sender: str) -> Response:
        """Takes the place of what was known; an address that a provider had called dead is tried again."""
        user_id = path_user(request)
        wanted = await parse(request, ContactsRequest)
        kinds = [kind for kind in wanted.__struct_fields__ if getattr(wanted, kind)]
        chats = [contacts.Chat(chat.service, chat.target) for chat in wanted.chats]
        async with transaction(self._pool) as db:
            put = await contacts.put(db, self._vault, user_id, email=wanted.email, phone=wanted.phone, chats=chats)
            await audit.append(db, Deed(sender, "contacts.changed", {"user_id": user_id, "kinds": kinds}))
        return answer(put)

    @operation("Find a user's contacts", answers={200: contacts.Contacts}, refusals=[404])
    async def find(self, request: Request, _: str) -> Response:
        """What was put."""
        found = await contacts.find(self._pool, self._vault, path_user(request))
        if found is None:
            raise not_found("user")
        return answer(found)

    @operation("Look into an inbox", query=[_LIMIT, _BEFORE, ARCHIVED], answers={200: InboxPage}, refusals=[404, 422])
    async def inbox(self, request: Request, _: str) -> Response:
        """A page of entries, newest first; `next` is the `before` of the next page, null on the last."""
        user_id = path_user(request)
        limit = _LIMIT.read(request)
        before = _BEFORE.read(request)
        archived = ARCHIVED.read(request)
        [position] = await inbox.positions(self._pool, [(user_id, None)])
        entries = await inbox.history(self._pool, user_id, before=before, limit=limit, archived=archived)
        following = entries[-1].seq if len(entries) == limit else None
        return answer(
            InboxPage(user_id=user_id, head=position.head, unread=position.unread, entries=entries, next=following)
        )
