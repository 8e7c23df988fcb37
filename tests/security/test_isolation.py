"""Nothing that is meant for one user reaches another, however alike their ids look and whatever is cut in between."""

import asyncio
import contextlib
import random
import unicodedata
from urllib.parse import quote

import httpx

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
    *(unicodedata.normalize(form, "\u00e9") for form in ("NFC", "NFD")),
    *(
        "*",
        "?",
        "[a-z]",
        "%",
        "_",
        "user:*",
        "hark:*",
        "hark:user:a",
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
ROUNDS = 12


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
    pages = [asyncio.ensure_future(_hears_only_its_own(hub, user, chance, ROUNDS)) for user in ALIKE]
    for number in range(ROUNDS):
        users = chance.sample(ALIKE, len(ALIKE))
        wanted = [{"user_id": user, "title": f"No. {number}", "data": {"for": user}} for user in users]
        answer = await hub.http.post("/api/v1/notifications/batch", json={"notifications": wanted})
        assert answer.json()["accepted"] == len(ALIKE)
    assert dict(zip(ALIKE, await asyncio.gather(*pages), strict=True)) == {user: [user] * ROUNDS for user in ALIKE}


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
