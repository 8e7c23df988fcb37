"""docs/security.md against the code: its tables row by row."""

import re
from pathlib import Path
from typing import get_args

from delivery.outbound.client import BODY_BYTES
from hub import issuer
from hub.api.auth import REMEMBERED_S
from hub.api.free_form import BYTES, LEVELS, NAMES, STRING
from hub.api.revocations import MOST_USERS
from hub.audit import Action
from hub.cli.keys import UNITS, _duration
from hub.limits import LiveSettings
from hub.live.framing import FRAGMENTS, MESSAGE_BYTES
from hub.roles import ROLES, SCOPES
from hub.store.revocations import KEPT
from sessions.token_keys import KINDS
from sessions.user_tokens import ALGORITHM, LEEWAY_S, LONGEST_S
from tests.openapi import METHODS, committed

DOCUMENT = (Path(__file__).parents[2] / "docs" / "security.md").read_text()


def _table(head: str) -> dict[str, list[str]]:
    """What stands in code marks, by the first cell, of the table whose head begins so."""
    lines = DOCUMENT.split(f"| {head} |")[1].splitlines()[2:]
    rows = [re.findall("`([^`]+)`", line) for line in lines[: lines.index("")]]
    return {name: rest for name, *rest in rows}


def test_roles_are_as_it_says() -> None:
    assert {role: set(scopes) for role, scopes in _table("role").items()} == ROLES


def test_scopes_open_the_calls_it_says() -> None:
    told = {scope: sorted(calls) for scope, calls in _table("scope").items()}
    calls: dict[str, list[str]] = {scope: [] for scope in SCOPES}
    for call in committed().calls():
        for needed in call.told["security"]:
            for scope in needed.get("api_key", ()):
                calls[scope].append(f"{call.method.upper()} {call.path}")
    assert told == {scope: sorted(its) for scope, its in calls.items()}


def test_keys_have_the_algorithms_it_says() -> None:
    told = [row.split("|")[2].strip() for row in DOCUMENT.split("| key | algorithm |")[1].splitlines()[2:6]]
    assert told == [ALGORITHM, *KINDS.values()]


def test_the_audit_log_has_every_change_but_sends() -> None:
    actions = _table("action")
    assert tuple(actions) == get_args(Action)
    changing = {
        f"{call.method.upper()} {call.path}"
        for call in committed().calls()
        for needed in call.told["security"]
        if call.method != "get" and "api_key" in needed
    }
    told = {by for its in actions.values() for by in its if by.split()[0].lower() in METHODS - {"get"}}
    assert changing - told == {
        "POST /api/v1/notifications",
        "POST /api/v1/notifications/batch",
        "POST /api/v1/topics/{topic}/live",
        "POST /api/v1/explain",  # changes nothing, and shows what a key that sends could find out
        "POST /api/v1/webhooks/{webhook_id}/test",
    }
    assert told <= changing


def test_limits_are_as_it_says() -> None:
    limits = f"{LEVELS} levels, {NAMES:,} names, {STRING:,} characters a string"
    assert f"{BYTES // 1024} KiB, {limits}" in DOCUMENT
    assert f"read to {BODY_BYTES // 1024} KiB" in DOCUMENT
    assert f"{MESSAGE_BYTES // 1024} KiB and {FRAGMENTS} fragments a message" in DOCUMENT
    assert f"{LiveSettings().frames_per_s:g} a second" in DOCUMENT
    sending = (Path(__file__).parents[2] / "docs" / "sending.md").read_text()
    assert f"{BYTES // 1024} KiB, {LEVELS} levels, {NAMES:,} names in all and {STRING:,} characters a string" in sending


def test_times_are_as_it_says() -> None:
    assert f"asked every {issuer.REFRESH_S / 60:g} minutes" in DOCUMENT
    assert (
        f"{issuer.PAUSE_S:g} seconds between two, {issuer.DEADLINE_S:g} seconds and {issuer.MOST_BYTES // 1024} KiB"
        in DOCUMENT
    )
    assert f"no more than {LONGEST_S // 86400} days between" in DOCUMENT
    assert f"It is forgotten {KEPT.days} days later" in DOCUMENT
    assert f"up to {MOST_USERS:,} users" in DOCUMENT
    assert f"Clocks may differ by {LEEWAY_S} seconds" in DOCUMENT
    assert f"the key ends within {REMEMBERED_S:g} seconds" in DOCUMENT
    examples = re.findall(r"`(\d+\w)`", DOCUMENT.split("`--expires-in` takes ")[1].split(";")[0])
    assert [_duration(example) for example in examples]
    assert {example[-1] for example in examples} == set(UNITS)
