"""docs/mobile.md against the hub: every frame and every body that its listings say, and every field that they read."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from delivery.apns import payload as apns
from delivery.clearing import Clearing, Past
from delivery.fcm import payload as fcm
from delivery.message import Target
from hub.live.hub_frames import HubFrame, Kind
from tests.delivery.sample import PLAIN
from tests.device import device
from tests.hub_process import Customer
from tests.openapi import Document, committed

DOCUMENT = Path("docs/mobile.md").read_text()
PROTOCOL = Path("docs/protocol.md").read_text()
FRAMES = Document(msgspec.json.decode(Path("docs/asyncapi.json").read_bytes()))
LANGUAGES = ("swift", "kotlin")
RECEIPTS = "/api/v1/users/me/receipts"
LITERALS = {"swift": r'#"(\{.*?\})"#', "kotlin": r'"""(\{.*?\})"""'}
PLACES = {"swift": r"\\#\((\w+)\)", "kotlin": r"\$(\w+)"}
CASES = {"swift": r'case "(\w+)":', "kotlin": r'^ +"(\w+)" ->'}
FIELDS = {"swift": r'frame\["(\w+)"\]', "kotlin": r'frame\.\w+\("(\w+)"\)'}
PUSHED = {"swift": r'(hark\w*|clear)(?:\(.*?\))?\??\["(\w+)"\]', "kotlin": r'(hark|clear)\.\w+\("(\w+)"\)'}
# Nothing to do, or not before 4001; topics; and of event streams.
NOT_FOR_AN_INBOX = {"gap", "refresh_needed", "joined", "live", "close"}
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ANDROID = Target("fcm", "x", platform="android")
VALUES = {"token": "t", "cursor": "41-0a1b2c3d", "seq": "2", "after": "1"}


def listings(language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL))


def said(language: str, **values: str) -> list[dict[str, Any]]:
    """What the listings say, with these values in place of their variables."""
    texts = re.findall(LITERALS[language], listings(language))
    found = [re.sub(PLACES[language], lambda place: (VALUES | values)[place[1]], text) for text in texts]
    return [msgspec.json.decode(text) for text in found]


def frames(language: str, **values: str) -> list[dict[str, Any]]:
    return [one for one in said(language, **values) if "t" in one]


def bodies(language: str) -> list[dict[str, Any]]:
    return [one for one in said(language) if "t" not in one]


def samples(kind: str) -> list[Any]:
    return [msgspec.json.decode(text) for text in re.findall(rf"```json {kind}\n(.*?)```", DOCUMENT, re.DOTALL)]


def body_schema(path: str) -> tuple[str, ...]:
    return ("paths", path, "post", "requestBody", "content", "application/json", "schema")


def hold(frame: dict[str, Any]) -> None:
    """Raises unless a client may say this."""
    for reference in FRAMES.content["operations"]["hear"]["messages"]:
        name = reference["$ref"].rpartition("/")[2]
        if FRAMES.content["components"]["messages"][name]["name"] == frame["t"]:
            return FRAMES.validate(frame, "components", "messages", name, "payload")
    raise AssertionError(f"no client says {frame}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_frame_and_body_is_one_of_the_documents(language: str) -> None:
    for frame in frames(language):
        hold(frame)
    for body in bodies(language):
        committed().validate(body, *body_schema(RECEIPTS))


def test_every_body_between_the_listings_is_one_of_the_documents() -> None:
    told = [msgspec.json.decode(text) for text in re.findall(r'`(\{".*?\})`', DOCUMENT)]
    for body in told:
        committed().validate(body, *body_schema(RECEIPTS))
    assert {name for body in told for name in body} == {"seen", "read_through", "archive", "unarchive"}


def test_both_say_the_same() -> None:
    assert frames("swift") == frames("kotlin")
    assert bodies("swift") == bodies("kotlin")
    assert len(frames("swift")) == 4
    assert len(bodies("swift")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_frame_of_the_hub_is_heard_and_only_fields_that_there_are(language: str) -> None:
    told: dict[str, set[str]] = {}
    for frame in get_args(HubFrame):
        told.setdefault(frame.__struct_config__.tag, set()).update(frame.__struct_encode_fields__)
    _, *cases = re.split(CASES[language], listings(language), flags=re.MULTILINE)
    heard = dict(zip(cases[::2], cases[1::2], strict=True))
    assert set(heard) == set(told) - NOT_FOR_AN_INBOX
    for name, block in heard.items():
        assert set(re.findall(FIELDS[language], block)) <= told[name], name
    assert set(re.findall(FIELDS[language], heard["state"])) == told["state"] - {"head"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_that_the_hub_tells_of_is_named(language: str) -> None:
    [comment] = re.findall(
        r'^ +// ("seen".*)$', re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)[0], re.MULTILINE
    )
    assert set(re.findall(r'"(\w+)"', comment)) == set(get_args(Kind))


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_is_in_a_push_is_read_from_one(language: str) -> None:
    [push], [clear] = samples("push"), samples("clear")
    read = re.findall(PUSHED[language], listings(language))
    of_hark, of_clear = ({name for place, name in read if place.startswith(kind)} for kind in ("hark", "clear"))
    assert {"seq", "clear"} <= of_hark <= set(push) | set(clear)
    assert {"tags"} <= of_clear <= set(clear["clear"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_stop_where_the_protocol_says_stop(language: str) -> None:
    codes: list[str] = re.findall(r"^\| ([\d, ]+) \|.*\| stop", PROTOCOL, re.MULTILINE)
    stops = {int(code) for row in codes for code in row.split(", ")}
    [listed] = re.findall(r"(?:\[|setOf\()(1\d{3}(?:, \d{4})*)[\])]", listings(language))
    assert {int(code) for code in listed.split(", ")} == {code for code in stops if code < 4500}
    assert "code >= 4500" in listings(language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_hub_takes_what_they_say(hub: Customer, language: str) -> None:
    for title in ("one", "two"):
        await hub.send("ada", title)
    token = await hub.token("ada")
    hello, again, ack, pong = frames(language, token=token, cursor="0")
    async with device(hub.url) as phone:
        await phone.say(hello.pop("t"), **hello)
        assert (await phone.heard())["t"] == "welcome"
        assert len(await phone.heard_entries(2)) == 2
        for frame in (ack, again):
            await phone.say(frame.pop("t"), **frame)
            assert await phone.heard() == {"t": "ack_ok", "seq": 2}
        await phone.say(pong.pop("t"), **pong)
        for body in bodies(language):
            answer = await hub.http.post(RECEIPTS, json=body, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
        assert (await phone.heard())["state"] == "read"


async def test_the_whole_entry_of_a_push_and_the_list_are_where_it_says(hub: Customer) -> None:
    for title in ("one", "two", "three"):
        await hub.send("ada", title)
    headers = {"Authorization": f"Bearer {await hub.token('ada')}"}
    one, several = sorted(re.findall(r"GET (/api/v1/users/me/inbox\?before=43&limit=\d+)", DOCUMENT), key=len)
    answer = await hub.http.get(one.replace("43", "3"), headers=headers)  # of a push with the seq 2
    assert [entry["title"] for entry in answer.json()["entries"]] == ["two"]
    answer = await hub.http.get(several.replace("43", "4"), headers=headers)
    assert [entry["seq"] for entry in answer.json()["entries"]] == [3, 2, 1]


async def test_every_phone_is_registered(hub: Customer) -> None:
    phones = samples("session")
    assert [(one["platform"], one.get("provider")) for one in phones] == [
        ("ios", None),
        ("ios", "fcm"),
        ("android", None),
    ]
    for body in phones:
        committed().validate(body, *body_schema("/api/v1/sessions"))
        answer = await hub.http.post("/api/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        left = await hub.http.delete(f"/api/v1/sessions/ada/{answer.json()['session_id']}")
        assert left.status_code == 204


def test_pushes_are_as_they_say() -> None:
    [push] = samples("push")
    android = msgspec.json.decode(fcm.payload(PLAIN, ANDROID, NOW))["message"]["data"]["hark"]
    assert set(push) == set(msgspec.json.decode(apns.payload(PLAIN))["hark"])
    assert set(push) | {"unread"} == set(msgspec.json.decode(android))


def test_clearings_are_as_they_say() -> None:
    [sample] = samples("clear")
    clearing = Clearing("ada", [Past(42, sample["clear"]["tags"][0]), Past(41, "x"), Past(7, "y")], 2, 42, ttl_s=60)
    sent = msgspec.json.decode(apns.clearing_payload(clearing))["hark"]
    assert (sent["clear"]["seqs"], sent["unread"], sent["head"]) == (sample["clear"]["seqs"], 2, 42)
    assert sent["clear"]["tags"][0] == sample["clear"]["tags"][0]
    for target in (ANDROID, msgspec.structs.replace(ANDROID, platform="ios")):
        by_fcm = msgspec.json.decode(fcm.clearing_payload(clearing, target, NOW))["message"]
        assert sent == msgspec.json.decode(by_fcm["data"]["hark"])
