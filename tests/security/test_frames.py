"""No frame ends the hub: whatever a client says, before its hello or behind it, others go on, and nothing is an error
of ours."""

import asyncio
import contextlib
import os
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from tests.device import Device, device
from tests.hub_process import Customer

FRAMES = int(os.environ.get("HARK_TEST_FRAMES", "2000"))  # more: HARK_TEST_FRAMES=1000000
KINDS = ["hello", "ack", "seen", "read", "pong", "join", "leave", "msg", "welcome", "error", "", "\0", "__proto__"]
FIELDS = ["seq", "seqs", "cursor", "token", "topic", "topics", "n", "t", "user_id", "upto"]
VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**53,
    2**64,
    10**40,
    1.5,
    "",
    "0",
    "\0",
    "\U0001f600",
    "x" * 9000,
    [],
    [[]],
    [1] * 999,
    {},
    {"a": {}},
]


def _frames(dice: random.Random) -> Iterator[str | bytes]:
    """Almost right, and not at all."""
    while True:
        frame = {"t": dice.choice(KINDS)} | {dice.choice(FIELDS): dice.choice(VALUES) for _ in range(dice.randrange(4))}
        text = msgspec.json.encode(frame)
        match dice.randrange(6):
            case 0:
                place = dice.randrange(len(text))
                text = text[:place] + dice.randbytes(dice.randrange(4)) + text[place + 1 :]
            case 1:
                yield text  # as a binary message
                continue
            case 2:
                text = text[: dice.randrange(len(text))]
        yield text.decode(errors="replace")


@pytest.mark.timeout(60 + FRAMES / 100)
@pytest.mark.parametrize("greeted", [False, True], ids=["before the hello", "behind it"])
async def test_whatever_is_said_is_answered_or_ends_that_connection(
    hub: Customer, caplog: pytest.LogCaptureFixture, *, greeted: bool
) -> None:
    frames = _frames(random.Random(26))
    left = FRAMES
    token = await hub.token("mallory")
    async with hub.online("ada") as other:
        hears = asyncio.create_task(other.heard())  # from now on: it answers pings on the way
        while left:
            async with device(hub.url, token if greeted else None) as client:
                left = await _said(client, frames, left)
        await hub.send("ada", "still there")
        assert (await hears)["title"] == "still there"
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def _said(client: Device, frames: Iterator[str | bytes], left: int) -> int:
    """Until the hub has enough, or nothing is left; gives how many are."""
    with contextlib.suppress(ConnectionClosed):
        for _ in range(min(left, 100)):
            await client.say_text(next(frames))
            left -= 1
    return left
