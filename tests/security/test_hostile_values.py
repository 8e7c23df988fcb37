"""Values that are JSON, or look like it, and no text or number: in every field of every call, and in frames. Each is
refused with the field's name, before Postgres or a parser of ours can stumble over it."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from hub.live.close_codes import CloseCode
from tests.device import device
from tests.hub_process import Customer
from tests.openapi import Call, committed

BODIES = {f"{call.method} {call.path}": call for call in committed().calls() if call.takes_a_body}
NOT_TEXTS = {"NUL": r'"\u0000"', "half a character": r'"\ud800"', "the other half": r'"x\udfff"', "NaN": "NaN"}
NOT_NUMBERS = {"NaN": "NaN", "Infinity": "-Infinity", "too large": "1e999", "long": "9" * 5_000}
JSON = {"Content-Type": "application/json"}
HERE = b'"here"'
READ_OTHERWISE = {"endpoint", "p256dh", "auth", "install_secret"}  # as a URL, as base64url, as a digest


def places(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each text and number in it, with its path."""
    match value:
        case dict():
            for name, one in value.items():
                yield from places(one, f"{path}.{name}")
        case list():
            for number, one in enumerate(value):
                yield from places(one, f"{path}[{number}]")
        case str() | int():
            yield path, value


def with_here(value: Any, path: str, at: str) -> Any:
    """It, with something else at one path."""
    match value:
        case _ if path == at:
            return "here"
        case dict():
            return {name: with_here(one, f"{path}.{name}", at) for name, one in value.items()}
        case list():
            return [with_here(one, f"{path}[{number}]", at) for number, one in enumerate(value)]
        case _:
            return value


async def asked(hub: Customer, call: Call, **more: Any) -> httpx.Response:
    ids = dict.fromkeys(("webhook_id", "notification_id", "session_id"), UUID(int=1))
    path = call.path.format(user_id="ada", topic="ada", file="hark.js", **ids)
    by_key = any("api_key" in needed for needed in call.told["security"])
    headers = JSON if by_key else JSON | {"Authorization": f"Bearer {await hub.token('ada')}"}
    return await hub.http.request(call.method, path, headers=headers, **more)


async def test_a_field_that_is_no_text_or_number_is_named(hub: Customer) -> None:
    for call in BODIES.values():
        for at, value in places(call.example, "$"):
            for bad in (NOT_TEXTS if isinstance(value, str) else NOT_NUMBERS).values():
                body = msgspec.json.encode(with_here(call.example, "$", at)).replace(HERE, bad.encode())
                told = (await asked(hub, call, content=body)).json()
                if "notifications" in told:  # of a batch, one by one
                    [told] = [one for one in told["notifications"] if one["status"] != 202]
                assert told["status"] == 422, (body, told)
                path = told["errors"][0]["path"]
                assert path != "$", (body, told)
                assert at.startswith(path), (body, told)


async def test_no_parameter_takes_a_nul(hub: Customer) -> None:
    for call in committed().calls():
        for name in call.parameters("query"):
            answer = await asked(hub, call, params={name: "\0"})
            assert answer.status_code in {403, 404, 422}, (call.path, name)


@pytest.mark.parametrize("name", BODIES)
def test_no_text_of_a_body_takes_a_nul(name: str) -> None:
    """Those that the examples leave out, too."""
    content = BODIES[name].told["requestBody"]["content"]["application/json"]
    for path, schema in schemas(content["schema"], "$"):
        if schema.get("type") == "string" and not {"enum", "const", "format"} & schema.keys():
            assert READ_OTHERWISE & set(path.split("/")) or not re.search(schema.get("pattern", ""), "x\0y"), path


def schemas(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Of all that a value of this one is made of."""
    match schema:
        case {"$ref": reference}:
            name = reference.rpartition("/")[2]
            if f"/{name}/" not in f"{path}/":
                yield from schemas(committed().content["components"]["schemas"][name], f"{path}/{name}")
        case dict():
            yield path, schema
            for key, one in schema.items():
                if key != "examples":
                    yield from schemas(one, f"{path}/{key}")
        case list():
            for one in schema:
                yield from schemas(one, path)


FRAMES = {
    "NUL in a topic": (r'{"t":"join","topic":"\u0000"}', "forbidden"),
    "half a character": (r'{"t":"join","topic":"\ud800"}', "protocol"),
    "NaN": ('{"t":"ack","seq":NaN}', "protocol"),
    "too large": ('{"t":"ack","seq":1e999}', "protocol"),
    "long": ('{"t":"ack","seq":' + "9" * 60_000 + "}", "protocol"),
    "depth in front of what it is": ('{"x":' + "[" * 20_000 + "]" * 20_000 + ',"t":"pong"}', "protocol"),
    "depth behind it": ('{"t":"ack","seq":' + '{"a":' * 8_000 + "0" + "}" * 8_000 + "}", "protocol"),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_a_frame_of_such_values_is_refused_and_no_error_of_ours(
    hub: Customer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    frame, code = FRAMES[name]
    async with hub.online("ada") as page:
        await page.say_text(frame)
        assert (await page.heard())["code"] == code
        if code == "protocol":
            assert await page.closed() == CloseCode.PROTOCOL
    async with device(hub.url) as stranger:
        await stranger.say_text(frame)
        assert await stranger.closed() == CloseCode.PROTOCOL
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def test_a_subscription_in_a_text_is_read_as_carefully(hub: Customer) -> None:
    for text in ('{"x":' + "[" * 4_000, '{"endpoint":"\\ud800"}', '{"endpoint":NaN}'):
        body = {"user_id": "ada", "platform": "web", "device_token": text}
        answer = await hub.http.post("/api/v1/sessions", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"].startswith("$.device_token")
