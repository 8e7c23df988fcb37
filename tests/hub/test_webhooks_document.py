"""docs/webhooks.md against the code: its tables row by row, and its samples as they stand there."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import asyncpg
import msgspec
import pytest
from asyncpg import Record

from delivery.answer import Answer
from delivery.outbound.failed import Failed, Why
from delivery.outbound.networks import DENIED
from delivery.webhook.event import EVENT_TYPES
from delivery.webhook.schedule import DELAYS_S, Again, NotWanted, Told, after
from delivery.webhook.settings import WebhookSettings
from delivery.webhook.signature import headers, new_secret
from hub.store import inbox, webhooks
from hub.store.inbox import Ack
from hub.store.webhooks import Reason
from jobs.sweep import EVENTS_KEPT
from jobs.webhooks import AT_ONCE, PATIENCE
from tests.browser import Browser
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.receiver import Receiver
from tests.sdk.node import NODE, needs_node
from tests.webhook_engine import Webhooks

DOCUMENT = Path("docs/webhooks.md").read_text()
NOW = datetime(2026, 11, 21, tzinfo=UTC)
UNITS = {"s": 1, "min": 60, "h": 3600}
BODY = b'{"type": "notification.read", "timestamp": "2026-11-21T10:30:00Z", "data": {"user_id": "bj\xc3\xb6rn"}}'


def rows(first_cell: str) -> list[list[str]]:
    """Of the table whose head begins so."""
    [table] = [block.splitlines() for block in DOCUMENT.split("\n\n") if block.startswith(f"| {first_cell} |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


def sample(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


EVENT_ROWS = {names(row[0])[0]: names(row[2]) for row in rows("`type`")}


def test_every_event_has_a_row() -> None:
    assert list(EVENT_ROWS) == list(EVENT_TYPES)


@pytest.mark.parametrize("event", EVENT_ROWS)
async def test_an_event_has_the_fields_of_its_row(
    hub: Customer,
    endpoint: Receiver,
    webhooks: Webhooks,
    engine: Engine,
    browser: Browser,
    pool: "asyncpg.Pool[Record]",
    event: str,
) -> None:
    made = await hub.add_webhook(endpoint.url, events=[event])
    if event == "notification.pushed":
        await hub.register("ada", browser.subscription)
    sent = await hub.send("ada")
    if event == "notification.delivered":
        await inbox.ack(pool, [Ack("ada", 0, 1, background=False)])
    elif event == "notification.read":
        await inbox.mark_read(pool, "ada", [1], 0)
    else:
        await engine.run()
    await webhooks.run()
    [call] = endpoint.calls
    heard = call.verified(made["secret"])
    assert (heard["type"], heard["data"]["notification_id"]) == (event, sent)
    assert list(heard["data"]) == EVENT_ROWS[event]


@pytest.mark.parametrize("row", rows("answer"), ids=" | ".join)
def test_an_answer_means_what_its_row_says(row: list[str]) -> None:
    results: list[Answer | Failed] = [Failed(why) for why in get_args(Why)]
    if row[0] != "no answer":
        results = []
        for part in row[0].split(", "):
            first, _, last = part.partition(" to ")
            results += [Answer(status) for status in range(int(first), int(last or first) + 1)]
    kinds = {"told": Told, "gone": NotWanted, "repeated": Again}
    assert {type(after(result, 0, 0.0, NOW)) for result in results} == {kinds[row[1].partition(":")[0]]}


def test_every_status_is_in_one_row() -> None:
    covered: list[int] = []
    for row in rows("answer")[:-1]:
        for part in row[0].split(", "):
            first, _, last = part.partition(" to ")
            covered += range(int(first), int(last or first) + 1)
    assert sorted(covered) == list(range(100, 600))


def test_the_waits_are_those_of_the_table() -> None:
    waits = [(int(row[0]), int(row[1].split()[0]) * UNITS[row[1].split()[1]]) for row in rows("after call")]
    assert waits == list(enumerate(DELAYS_S, start=1))


def test_every_reason_that_no_answer_came_has_a_row() -> None:
    assert [names(row[0])[0] for row in rows("`answer`")] == list(get_args(Why))


def test_the_networks_are_those_that_are_refused() -> None:
    [block] = re.findall(r"```\n(0\.0\.0\.0/8.*?)```", DOCUMENT, re.DOTALL)
    assert block.split() == [str(network) for network in DENIED]


def test_settings_reasons_and_numbers_are_those_of_the_code() -> None:
    settings = {names(row[0])[0].removeprefix("HARK_").lower() for row in rows("setting")}
    assert settings == set(WebhookSettings.__struct_fields__)
    assert all(f"`{reason}`" in DOCUMENT for reason in get_args(Reason))
    for said in (
        f"**{PATIENCE.days} days**",
        f"kept for {EVENTS_KEPT.days} days",
        f"up to {AT_ONCE} calls",
        f"up to {webhooks.MOST} of them",
        f"{webhooks.OLD_SECRET_SIGNS.total_seconds() / 3600:.0f} hours",
    ):
        assert said in " ".join(DOCUMENT.split())


async def test_every_call_is_in_the_table(hub: Customer, endpoint: Receiver) -> None:
    """And none of them is a 404 or a 405 for what is there."""
    made = await hub.add_webhook(endpoint.url)
    said = [call.split() for row in rows("call") for call in re.findall(r"`([A-Z]+ /\S+)`", row[0])]
    assert len(said) == 7
    for method, path in sorted(said):  # DELETE is first: it is asked for last
        if method != "DELETE":
            answer = await hub.http.request(method, path.replace("{id}", made["id"]), json={"url": endpoint.url})
            assert answer.status_code in {200, 201}, (method, path, answer.text)
    assert (await hub.http.delete(f"/api/v1/webhooks/{made['id']}")).status_code == 204


def test_the_python_sample_takes_ours_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = {}
    exec(sample("python"), found)  # noqa: S102 - our own document
    secret = new_secret()
    signed = headers("one", BODY, [secret], datetime.now(UTC))
    assert found["receive"](BODY, signed, secret) == 204
    assert capsys.readouterr().out.startswith("one notification.read")
    assert found["receive"](BODY + b" ", signed, secret) == 400
    assert found["receive"](BODY, headers("one", BODY, [new_secret()], datetime.now(UTC)), secret) == 400


@needs_node
async def test_the_node_sample_takes_ours_and_nothing_else(tmp_path: Path) -> None:
    secret, other = new_secret(), new_secret()
    now = datetime.now(UTC)
    old = datetime.fromtimestamp(now.timestamp() - 400, UTC)
    cases = [
        (headers("one", BODY, [other, secret], now), secret),
        (headers("one", BODY, [other], now), secret),
        (headers("one", BODY, [secret], old), secret),
        (headers("one", BODY, [secret], now) | {"webhook-id": "two"}, secret),
        (headers("one", BODY, [secret], now) | {"webhook-signature": "v1"}, secret),
    ]
    program = tmp_path / "sample.mjs"
    asked = msgspec.json.encode([[BODY.decode(), *case] for case in cases]).decode()
    program.write_text(f"{sample('js')}\nconsole.log(JSON.stringify({asked}.map((one) => verified(...one))));\n")
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(NODE, str(program), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert msgspec.json.decode(out) == [msgspec.json.decode(BODY), None, None, None, None]
