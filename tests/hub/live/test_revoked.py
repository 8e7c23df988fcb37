"""What a node keeps in memory of revocations."""

import asyncio

import pytest

from hub.live import revoked
from hub.live.registry import Registry
from hub.live.revoked import Revoked
from hub.store.postgres import Pool
from sessions.revocations import Revocation, Revocations
from sessions.user_tokens import UserToken
from tests.sessions.test_revocations import NEVER

LONG_AGO = 1.0


async def test_what_has_expired_is_forgotten_also_while_others_are_revoked(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revoked, "FORGET_S", 0.2)
    revocations = Revocations()
    revocations.note([Revocation("token", "old", LONG_AGO, LONG_AGO)])
    node = Revoked(pool, Registry(), revocations)
    serving = asyncio.ensure_future(node.serve())
    while revocations.covers(UserToken("ada", NEVER, token_id="old")):
        node.soon()
        await asyncio.sleep(0.01)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
