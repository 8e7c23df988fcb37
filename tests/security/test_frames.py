"""No frame ends the hub: whatever a client says, before its hello or behind it, others go on, and nothing is an error
of ours."""

import asyncio
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from hub.live.frames import BadFrame, Hello, parse
from tests.device import Device, device
from tests.hub_process import Customer

Start = Callable[..., AbstractAsyncContextManager[Customer]]
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


SEQS = [1, 2, 3, 2**31, 2**53 - 1]
TOPICS = ["a", "\0", "x" * 255, "\U0001f600", "orders/1", "__proto__"]


def _frame(dice: random.Random) -> dict[str, Any]:
    """One that is taken as it is, and has odd things in it."""
    several = [dice.choice(SEQS) for _ in range(dice.choice([1, 2, 1000]))]
    return dice.choice(
        [
            {"t": "ack", "seq": dice.choice(SEQS), "after": dice.choice([None, 0, *SEQS])},
            {"t": dice.choice(["seen", "read", "archive", "unarchive"]), "seqs": several},
            {"t": "read", "through": dice.choice(SEQS)},
            {"t": dice.choice(["join", "leave"]), "topic": dice.choice(TOPICS)},
            {"t": "focus", "state": dice.choice(["visible", "hidden", "idle"])},
            {"t": "pong"},
        ]
    )


def _frames(dice: random.Random, *, greeted: bool) -> Iterator[str | bytes]:
    """A dozen that are right, almost right, and not at all: one that is wrong is a connection's last."""
    while True:
        for _ in range(dice.randrange(25) if greeted else 0):
            yield msgspec.json.encode(_frame(dice)).decode()
        frame = {"t": dice.choice(KINDS)} | {dice.choice(FIELDS): dice.choice(VALUES) for _ in range(dice.randrange(4))}
        text = msgspec.json.encode(frame | _frame(dice) if dice.randrange(2) else frame)
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


@pytest.mark.timeout(60 + FRAMES / 20)
@pytest.mark.parametrize("greeted", [False, True], ids=["before the hello", "behind it"])
async def test_whatever_is_said_is_answered_or_ends_that_connection(
    start_hub: Start, caplog: pytest.LogCaptureFixture, *, greeted: bool
) -> None:
    frames = _frames(random.Random(26), greeted=greeted)
    left = FRAMES if greeted else FRAMES // 10
    async with start_hub(frames_per_s=10_000) as hub, hub.online("ada") as other:
        token = await hub.token("mallory")
        hears = asyncio.create_task(other.heard())  # from now on: it answers pings on the way
        while left > 0:
            async with device(hub.url, token if greeted else None) as client:
                left -= await _said(client, frames)
        await hub.send("ada", "still there")
        assert (await hears)["title"] == "still there"
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def _said(client: Device, frames: Iterator[str | bytes]) -> int:
    """Until the hub has enough; gives how many frames it read, or one less."""
    said = 0
    for text in frames:
        try:
            await client.say_text(text)
            is_last = isinstance(text, bytes) or isinstance(parse(text), Hello)
        except BadFrame:
            is_last = True
        except ConnectionClosed:
            break
        if is_last:
            await client.closed()
            break
        said += 1
    return said + 1
