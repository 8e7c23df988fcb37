"""A long poll that ends, without a hub around it."""

import asyncio
import time

import pytest

from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.poll import Poll
from hub.live.refusal import Refused


@pytest.mark.parametrize(("lives_s", "why"), [(-1.0, "has expired"), (60.0, "was revoked")])
async def test_who_may_hear_no_more_hears_nothing_that_came_in_the_same_moment(lives_s: float, why: str) -> None:
    poll = Poll()
    poll.connection = Connection("ada", poll, poll, expires_at=time.time() + lives_s)
    poll.connection.begin(0, 1)  # the inbox has an entry
    poll.close(CloseCode.EXPIRED)
    with pytest.raises(Refused, match=why):
        await poll.grows(poll.connection, beyond=0, until=asyncio.get_running_loop().time() + 60)
