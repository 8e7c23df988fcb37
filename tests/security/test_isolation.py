"""Nothing that is meant for one user reaches another, however alike their ids look and whatever is cut in between."""

import asyncio
import contextlib
import gc
import itertools
import os
import random
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.browser import subscribe
from tests.device import device
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.mailbox import Mailbox

# Ids that would meet if somewhere one were trimmed, folded, normalized, matched as a pattern, split at a mark, read as
# a number, or cut at a length.
ALIKE = [
    *("1", "1 ", " 1", "01", "10", "1.0", "+1", "\uff11", "1\u00a0", "1\u200b"),
    *(
        "a",
        "A",
        "\uff41",
        "\u0430",
        "a:b",
        "a/b",
        "a b",
        "a+b",
        "a%20b",
        "a%2Fb",
        "a\\b",
        "a.b",
        "a,b",
        "a|b",
        "a#b",
        "a?b",
    ),
    *(unicodedata.normalize(form, text) for text in ("\u00e9", "\u1e69", "\uac00") for form in ("NFC", "NFD")),
    *(
        "*",
        "?",
        "[a-z]",
        "%",
        "_",
        "user:*",
        "hark:*",
        "hark:user:a",
        "hark:user:x",
        "x",
        "topic:a",
        "..",
        "../a",
        "{a}",
        "$1",
        "'",
        '"',
        "--",
    ),
    *("null", "None", "undefined", "true", "me", "-1", "0", "NaN", "nan"),
    *("x" * 128, "x" * 127, "\u00df", "ss", "SS", "\u0130", "i\u0307", "\u0131", "I", "\U0001f600", "\U0001f600\u200d"),
]
ROUNDS = int(os.environ.get("HARK_TEST_ROUNDS", "12"))
PAIRS = int(os.environ.get("HARK_TEST_PAIRS", "0"))  # more users, whose ids are made of two of these
QUESTIONS = int(os.environ.get("HARK_TEST_QUESTIONS", "240"))  # of which many are given up
USERS = [
    *ALIKE,
    *itertools.islice((f"{a}{b}" for a, b in itertools.product(ALIKE, repeat=2) if len(a + b) < 128), PAIRS),
]
USERS = list(dict.fromkeys(USERS))
BATCH = 100


async def _hears_only_its_own(hub: Customer, user: str, chance: random.Random, wanted: int) -> list[str]:
    """What a page of this user gets that loses its socket every few entries, and once in the middle of its hello."""
    heard: list[str] = []
    cursor, token = "0", await hub.token(user)
    while len(heard) < wanted:
        if chance.random() < 0.2:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(chance.random() * 0.01), device(hub.url, token, cursor=cursor):
                    await asyncio.sleep(1)
        async with device(hub.url, token, cursor=cursor) as page:
            for _ in range(chance.randint(1, 5)):
                if len(heard) == wanted:
                    break
                for entry in await page.heard_entries(1):
                    heard.append(entry["data"]["for"])
                    cursor = entry["cursor"]
                    await page.say("ack", seq=entry["seq"])
            page.vanish()
    return heard


async def test_users_whose_ids_look_alike_hear_only_their_own(hub: Customer) -> None:
    assert len(set(ALIKE)) == len(ALIKE)
    chance = random.Random(6)
    pages = [asyncio.ensure_future(_hears_only_its_own(hub, user, chance, ROUNDS)) for user in USERS]
    for number in range(ROUNDS):
        users = chance.sample(USERS, len(USERS))
        wanted = [{"user_id": user, "title": f"No. {number}", "data": {"for": user}} for user in users]
        await _send(hub, wanted)
    assert dict(zip(USERS, await asyncio.gather(*pages), strict=True)) == {user: [user] * ROUNDS for user in USERS}


async def _send(hub: Customer, notifications: list[dict[str, Any]]) -> None:
    for start in range(0, len(notifications), BATCH):
        some = notifications[start : start + BATCH]
        answer = await hub.http.post("/api/v1/notifications/batch", json={"notifications": some})
        assert answer.json()["accepted"] == len(some)


class _Asker:
    """Devices of many users that ask over the same few connections, and give up whenever it comes to them."""

    def __init__(self, http: httpx.AsyncClient, tokens: Mapping[str, str], chance: random.Random) -> None:
        self._http = http
        self._tokens = tokens
        self._chance = chance
        self.given_up = 0
        self.answered: list[tuple[str, set[str], int]] = []  # who asked, whose was answered, and how many are unread

    async def ask(self) -> None:
        """Once."""
        user = self._chance.choice(list(self._tokens))
        query = self._chance.choice(["after=0", "after=0&limit=1", "before=9007199254740991", "before=3"])
        patience_s = self._chance.choice([60.0, self._chance.random() * 0.03])
        headers = {"Authorization": f"Bearer {self._tokens[user]}"}
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._http.get(f"/api/v1/users/me/inbox?{query}", headers=headers)
        except TimeoutError:
            self.given_up += 1
            return
        page = answer.raise_for_status().json()
        self.answered.append((user, {entry["data"]["for"] for entry in page["entries"]}, page["unread"]))


# httpx forgets a connection that is given up in the very moment in which it opens.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .(function _SelectorTransport|socket.socket):pytest.PytestUnraisableExceptionWarning"
)
async def test_questions_that_are_given_up_leave_no_answer_to_others(hub: Customer) -> None:
    chance = random.Random(9)
    before = await _foreign(hub)
    # Of each a number of entries of its own: what is counted tells users apart, too.
    unread = {user: number % 7 + 1 for number, user in enumerate(USERS)}
    await _send(
        hub, [{"user_id": user, "title": "x", "data": {"for": user}} for user in USERS for _ in range(unread[user])]
    )
    tokens = {user: await hub.token(user) for user in USERS}
    async with httpx.AsyncClient(base_url=hub.url, limits=httpx.Limits(max_connections=40), timeout=60) as http:
        asker = _Asker(http, tokens, chance)
        for _ in range(QUESTIONS // 60):
            await asyncio.gather(*(asker.ask() for _ in range(60)))
    gc.collect()  # here, where the warning is expected
    assert asker.given_up > QUESTIONS // 20
    assert len(asker.answered) > QUESTIONS // 5
    assert [one for one in asker.answered if one[1:] != ({one[0]}, unread[one[0]])] == []
    assert await _foreign(hub) == before


async def _foreign(hub: Customer) -> str:
    text = (await hub.http.get("/metrics")).text
    return next(line for line in text.splitlines() if line.startswith("hark_foreign_total"))


async def test_their_pushes_and_mails_are_their_own(hub: Customer, engine: Engine, http: httpx.AsyncClient) -> None:
    browsers = {user: await subscribe(http) for user in ALIKE}
    boxes = {user: Mailbox(http) for user in ALIKE if user not in {"..", "me"}}
    for user, browser in browsers.items():
        await hub.register(user, browser.subscription)
    for user, box in boxes.items():
        (await hub.http.put(f"/api/v1/users/{quote(user, safe='')}", json={"email": box.address})).raise_for_status()
    await hub.send(ALIKE, "To all", ladder=[])
    for user in ALIKE:
        await hub.send(user, f"For {user!r}", ladder=[{"channels": ["push", "email"]}])
    await engine.run()

    for user, browser in browsers.items():
        assert [push.payload["title"] for push in await browser.heard() if isinstance(push.payload, dict)] == [
            f"For {user!r}"
        ]
    for user, box in boxes.items():
        assert (await box.got_one())[0]["subject"] == f"For {user!r}"


async def test_a_topic_is_no_user_of_its_name(hub: Customer) -> None:
    minted = await hub.http.post("/api/v1/tokens", json={"user_id": "grace", "topics": ["ada", "user:ada", "u:ada"]})
    async with hub.online("ada") as ada, device(hub.url, minted.json()["token"]) as grace:
        await grace.heard()
        for topic in ("ada", "user:ada", "u:ada"):
            await grace.say("join", topic=topic)
            assert (await grace.heard())["t"] == "joined"
            await hub.http.post(f"/api/v1/topics/{topic}/live", json={"data": "to who looks at the topic"})
            assert (await grace.heard())["t"] == "live"
        await hub.send("ada", "Hers")
        assert (await ada.heard())["title"] == "Hers"
        await hub.send("grace", "And his")
        assert (await grace.heard())["title"] == "And his"


async def test_marks_move_nobody_elses_entries(hub: Customer) -> None:
    sent = await hub.send(["ada", "grace"])
    async with hub.online("grace", cursor="0") as grace:
        assert [entry["seq"] for entry in await grace.heard_entries(1)] == [1]
        await grace.say("read", seqs=[1])
        assert (await grace.heard())["t"] == "state"
        await grace.say("ack", seq=1)
        assert (await grace.heard())["t"] == "ack_ok"
    assert {line["user_id"]: line["state"] for line in await hub.status(sent)} == {"ada": "accepted", "grace": "read"}


async def test_a_session_is_ended_only_in_its_own_users_name(hub: Customer, http: httpx.AsyncClient) -> None:
    session_id = await hub.register("ada", (await subscribe(http)).subscription)
    for user in ("grace", "ada ", "Ada", "ada/", "x/../ada"):
        refused = await hub.http.delete(f"/api/v1/sessions/{quote(user, safe='')}/{session_id}")
        assert refused.status_code == 404
        await hub.http.delete(f"/api/v1/sessions/{quote(user, safe='')}")
    assert [one["session_id"] for one in (await hub.http.get("/api/v1/sessions/ada")).json()["sessions"]] == [
        session_id
    ]
