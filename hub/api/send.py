"""`POST /api/v1/notifications`, `/batch`, and `DELETE`: sending, and taking back."""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.announce import Announcer
from hub.api.auth import KeyRing
from hub.api.body import LIST_BYTES, answer, decode, path_uuid, read
from hub.api.openapi import RATE_LIMIT
from hub.api.operation import operation
from hub.api.problem import Problem, invalid, not_found
from hub.api.query import IntParameter, TextParameter
from hub.api.rate import RateGate
from hub.api.send_answer import (
    BatchAnswer,
    BatchLine,
    SendAnswer,
    SettledAnswer,
    WithdrawnAnswer,
    answer_of,
    line_of,
    settled_answer_of,
)
from hub.api.send_request import Drafting, SendRequest
from hub.api.status import StatusAnswer, statuses
from hub.audit import Deed
from hub.draft import Acceptance, Draft, IdempotencyKey
from hub.send import Sender
from hub.store import audit, withdrawals
from hub.store.postgres import Pool, transaction
from hub.waits import Waits

BATCH_BYTES = 4 * 1024 * 1024
NOTIFICATIONS = 1000  # in one batch
WAIT_USERS = 100
WAIT_S = 60
WITHDRAWN_AT_ONCE = 1000
COMMITS = 6  # of withdrawn entries in one request

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_WAIT = TextParameter(name="wait", values=["delivered"], description="Answer when every user has it, or nobody can.")
_TIMEOUT_S = IntParameter(name="timeout_s", default=10, low=1, high=WAIT_S, description="For how long `wait` does.")
_KEY = TextParameter(
    name="Idempotency-Key",
    pattern=f"^{_IDEMPOTENCY_KEY.pattern}$",
    description="Your own name of this request: said again within a day it is answered as the first time.",
)


class BatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several notifications, each with an answer of its own."""

    notifications: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=NOTIFICATIONS)]


class SendApi:
    """Send one, send many, cancel."""

    def __init__(
        self,
        pool: Pool,
        keys: KeyRing,
        gate: RateGate,
        sender: Sender,
        drafting: Drafting,
        waits: Waits,
        announcer: Announcer,
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._gate = gate
        self._sender = sender
        self._drafting = drafting
        self._waits = waits
        self._announcer = announcer
        self._in_flight: set[tuple[str, str]] = set()  # (sender, idempotency key)

    def routes(self) -> Sequence[Route]:
        """Where each call lives."""
        guard = self._keys.guard
        return [
            Route("/api/v1/notifications", guard(self.send, "send"), methods=["POST"]),
            Route("/api/v1/notifications/batch", guard(self.send_batch, "send"), methods=["POST"]),
            Route("/api/v1/notifications/{notification_id}", guard(self.cancel, "send"), methods=["DELETE"]),
        ]

    @operation(
        "Send a notification",
        query=[_WAIT, _TIMEOUT_S],
        headers=[_KEY],
        body=SendRequest,
        example={
            "user_id": "ada",
            "title": "Order shipped",
            "message": "It arrives on Thursday.",
            "data": {"order": 42},
            "priority": "high",
            "expires_in_s": 86400,
            "collapse_key": "order-42",
            "ladder": [{"channels": ["push"], "after_s": 5}, {"channels": ["email"], "after_s": 600, "if": "unread"}],
        },
        answers={200: SettledAnswer, 202: (SendAnswer, SettledAnswer)},
        answer_headers=(*RATE_LIMIT, "Idempotent-Replay"),
        refusals=[400, 409, 413, 415, 422],
    )
    async def send(self, request: Request, sender: str) -> Response:
        """202 once the notification is committed for every user. With `wait=delivered`, 200 as soon as every user has
        it or nobody will bring it, or 202 with what is known after `timeout_s`."""
        timeout_s = _wait(request)
        body = await read(request, with_ids=LIST_BYTES)
        wanted = decode(body, SendRequest)
        with self._only_one(request, sender) as key:
            idempotency = IdempotencyKey(key, _fingerprint(request, body)) if key is not None else None
            draft = await self._drafting.draft(wanted, sender=sender, idempotency=idempotency)
            if timeout_s and (draft.audience is not None or len(draft.user_ids) > WAIT_USERS):
                raise invalid("wait", f"an audience of at most {WAIT_USERS} users")
            limits = await self._gate.charge_send(sender, [draft])
            accepted = await self._sender.send(draft)
        if timeout_s:
            return await self._when_settled(accepted, timeout_s, limits)
        return _answered(answer_of(accepted), 202, limits, replayed=accepted.replayed)

    @operation(
        "Send many different notifications",
        headers=[_KEY],
        body=BatchRequest,
        example={
            "notifications": [{"user_id": "ada", "title": "Order shipped"}, {"user_ids": ["grace"], "title": "Sale"}]
        },
        answers={202: BatchAnswer, 207: BatchAnswer},
        parts=[BatchLine],
        answer_headers=(*RATE_LIMIT, "Idempotent-Replay"),
        refusals=[400, 409, 413, 415, 422],
    )
    async def send_batch(self, request: Request, sender: str) -> Response:
        """202 when all are committed, 207 when some were refused; `notifications` has an answer for each, in order."""
        body = await read(request, limit=BATCH_BYTES)
        wanted = decode(body, BatchRequest)
        with self._only_one(request, sender) as key:
            fingerprint = _fingerprint(request, body) if key is not None else b""
            drafts = [
                await self._draft_or_problem(
                    raw, number, sender, None if key is None else IdempotencyKey(f"{key}#{number}", fingerprint)
                )
                for number, raw in enumerate(wanted.notifications)
            ]
            good = [draft for draft in drafts if isinstance(draft, Draft)]
            limits = await self._gate.charge_send(sender, good)
            decided = iter(await self._sender.send_all(good))
        answers = [next(decided) if isinstance(draft, Draft) else draft for draft in drafts]
        accepted = sum(isinstance(one, Acceptance) for one in answers)
        told = BatchAnswer(accepted, len(answers) - accepted, [line_of(one) for one in answers])
        replayed = all(isinstance(one, Acceptance) and one.replayed for one in answers)
        return _answered(told, 202 if accepted == len(answers) else 207, limits, replayed=replayed)

    @operation("Take a notification back", answers={200: WithdrawnAnswer, 202: WithdrawnAnswer}, refusals=[404])
    async def cancel(self, request: Request, sender: str) -> Response:
        """Withdraws it for everybody: what is shown goes, what was not sent is not sent. Again is no error. 202 when
        there are more than 6,000 entries: nothing more is sent, and the worker withdraws the rest within seconds."""
        notification_id = path_uuid(request, "notification_id", "notification")
        async with transaction(self._pool) as db:
            there = await withdrawals.cancel(db, notification_id)
            told = {"notification_id": str(notification_id)}
            await audit.append(db, Deed(sender, "notification.cancelled", told, there))
        if not there:
            raise not_found("notification")
        count = 0
        for _ in range(COMMITS):
            some = await withdrawals.cancelled(self._pool, notification_id, limit=WITHDRAWN_AT_ONCE)
            if some is None:
                return answer(WithdrawnAnswer(notification_id, count))
            count += sum(len(one.seqs) for one in some)
            await self._announcer.withdrawn(some)
        return answer(WithdrawnAnswer(notification_id, count), 202)

    async def _draft_or_problem(
        self, raw: msgspec.Raw, number: int, sender: str, idempotency: IdempotencyKey | None
    ) -> Draft | Problem:
        path = f"$.notifications[{number}]"
        try:
            wanted = decode(raw, SendRequest, path=path)
            return await self._drafting.draft(wanted, sender=sender, idempotency=idempotency, path=path)
        except Problem as problem:
            return problem

    @contextlib.contextmanager
    def _only_one(self, request: Request, sender: str) -> Iterator[str | None]:
        """The request's idempotency key, if it has one. Raises Problem 409 while another request with it runs here;
        one that runs on another node is waited for."""
        key = request.headers.get("idempotency-key")
        if key is None:
            yield None
            return
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise invalid("Idempotency-Key", "1 to 255 visible ASCII characters")
        if (sender, key) in self._in_flight:
            raise Problem(409, "a request with this Idempotency-Key is running", headers={"Retry-After": "1"})
        self._in_flight.add((sender, key))
        try:
            yield key
        finally:
            self._in_flight.discard((sender, key))

    async def _when_settled(self, accepted: Acceptance, timeout_s: int, limits: dict[str, str]) -> Response:
        settled = True
        if accepted.accepted:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._waits.settled(accepted.notification_id)
            except TimeoutError:
                settled = False
        users = await self._users(accepted.notification_id) if accepted.accepted else []
        told = settled_answer_of(accepted, users)
        return _answered(told, 200 if settled else 202, limits, replayed=accepted.replayed)

    async def _users(self, notification_id: UUID) -> list[StatusAnswer]:
        return await statuses(self._pool, notification_id, after_user="", limit=WAIT_USERS)


def _wait(request: Request) -> int:
    """For how many seconds the sender waits; 0: not at all."""
    if not request.scope["query_string"]:  # most have none, and reading it costs a few microseconds
        return 0
    wanted = request.query_params.get(_WAIT.name)
    if wanted is not None and wanted not in _WAIT.values:
        raise invalid(_WAIT.name, _WAIT.values[0])
    timeout_s = _TIMEOUT_S.read(request)
    return timeout_s if wanted else 0


def _fingerprint(request: Request, body: bytes) -> bytes:
    return hashlib.sha256(str(request.scope["path"]).encode() + b"\0" + body).digest()


def _answered(told: SendAnswer | BatchAnswer, status: int, headers: dict[str, str], *, replayed: bool) -> Response:
    return answer(told, status, headers | {"Idempotent-Replay": "true"} if replayed else headers)
