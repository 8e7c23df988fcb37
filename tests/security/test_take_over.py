"""A device token does not move to another user by being known: hundreds of attempts, many at once, one owner."""

import asyncio
import base64
import re
import secrets
from collections.abc import Coroutine
from typing import Any

import httpx
import msgspec
import pytest

from hub.ids import uuid7
from hub.store.postgres import Pool
from hub.vault import Vault
from sessions import store
from sessions.ownership import Owner
from sessions.session import Registration
from tests.browser import Browser
from tests.due_engine import Engine
from tests.hub_process import Customer
from tests.openapi import committed
from tests.phone import install
from tests.security.keys import id_of

ATTEMPTS = 300
AT_ONCE = 16
TOKEN = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"
SECRET = "Zk3u0pXw9VqT-one-phones-own"
PHONES: list[dict[str, str]] = [
    {"platform": "ios", "device_token": TOKEN},
    {"platform": "ios", "provider": "fcm", "device_token": "dGhlIHRva2Vu:APA91bHun4MxP5egoKMwt2KZ"},
    {"platform": "android", "device_token": "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1"},
]


async def register(hub: Customer, user_id: str, device: dict[str, Any], **more: object) -> httpx.Response:
    answer = await hub.http.post("/api/v1/sessions", json={"user_id": user_id, **device, **more})
    assert answer.status_code in {200, 201, 409}, answer.text
    return answer


async def sessions_of(hub: Customer, user_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hub.http.get(f"/api/v1/sessions/{user_id}")).json()["sessions"]
    return found


async def belongs_to(hub: Customer, owner: str, *others: str) -> None:
    counts = [len(await sessions_of(hub, user)) for user in (owner, *others)]
    assert counts == [1, *[0] * len(others)]


@pytest.fixture
def device(browser: Browser) -> dict[str, Any]:
    """A browser, whose subscription has a secret of its own."""
    return {"platform": "web", "device_token": msgspec.json.decode(browser.subscription)}


def with_keys(device: dict[str, Any], **keys: str) -> dict[str, Any]:
    token = device["device_token"]
    return device | {"device_token": token | {"keys": token["keys"] | keys}}


@pytest.mark.parametrize("phone", PHONES, ids=str)
async def test_whoever_knows_a_phones_token_only_does_not_get_it(hub: Customer, phone: dict[str, str]) -> None:
    hers = (await register(hub, "ada", phone, install_secret=SECRET)).json()
    guesses: list[dict[str, object]] = [
        {},
        {"install_secret": SECRET.lower()},
        {"install_secret": phone["device_token"]},
    ]
    guesses += [{"install_secret": secrets.token_urlsafe(20)} for _ in range(ATTEMPTS - len(guesses))]
    for start in range(0, ATTEMPTS, AT_ONCE):
        tries = guesses[start : start + AT_ONCE]
        answers = await asyncio.gather(*(register(hub, "eve", phone, **each) for each in tries))
        assert {answer.status_code for answer in answers} == {409}
    committed().fits(answers[0])
    assert SECRET not in answers[0].text
    assert await sessions_of(hub, "ada") == [hers]
    assert await sessions_of(hub, "eve") == []


async def test_whoever_knows_a_browsers_endpoint_only_does_not_get_it(hub: Customer, device: dict[str, Any]) -> None:
    hers = (await register(hub, "ada", device)).json()
    for _ in range(ATTEMPTS // AT_ONCE):
        auths = [base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=") for _ in range(AT_ONCE)]
        answers = await asyncio.gather(*(register(hub, "eve", with_keys(device, auth=auth)) for auth in auths))
        assert {answer.status_code for answer in answers} == {409}
    assert await sessions_of(hub, "ada") == [hers]
    assert await sessions_of(hub, "eve") == []


@pytest.mark.parametrize("spelling", [TOKEN.upper(), TOKEN[:32] + TOKEN[32:].upper()])
async def test_another_spelling_of_a_token_is_no_way_around(hub: Customer, spelling: str) -> None:
    await register(hub, "ada", PHONES[0], install_secret=SECRET)
    assert (await register(hub, "eve", PHONES[0] | {"device_token": spelling})).status_code == 409
    await belongs_to(hub, "ada", "eve")


@pytest.mark.parametrize("spelling", ["%{:02x}", "%{:02X}"])
async def test_nor_is_another_spelling_of_an_endpoint(hub: Customer, device: dict[str, Any], spelling: str) -> None:
    await register(hub, "ada", device)
    token = with_keys(device, auth=base64.urlsafe_b64encode(secrets.token_bytes(16)).decode())["device_token"]
    before, slash, last = token["endpoint"].rpartition("/")
    endpoint = before + slash + spelling.format(ord(last[0])) + last[1:]
    assert (await register(hub, "eve", device | {"device_token": token | {"endpoint": endpoint}})).status_code == 409
    await belongs_to(hub, "ada", "eve")


@pytest.mark.parametrize("change", [{"platform": "android"}, {"provider": "fcm"}, {"app": "another"}], ids=str)
async def test_nor_is_another_kind_of_device(hub: Customer, change: dict[str, str]) -> None:
    await register(hub, "ada", PHONES[0], install_secret=SECRET)
    assert (await register(hub, "eve", PHONES[0] | change)).status_code == 409
    await belongs_to(hub, "ada", "eve")


async def test_an_attempt_is_told_by_ids_only(hub: Customer, caplog: pytest.LogCaptureFixture) -> None:
    before = await refused_so_far(hub)
    hers = (await register(hub, "ada", PHONES[0], install_secret=SECRET)).json()
    await register(hub, "eve", PHONES[0], install_secret="a guess of eve's")
    await register(hub, "ada", PHONES[0])
    assert await refused_so_far(hub) == before + 1
    [line] = [record.getMessage() for record in caplog.records if "take_over" in record.getMessage()]
    assert all(told in line for told in ("session.take_over_refused", id_of(hub.http), "eve", hers["session_id"]))
    assert not [secret for secret in (TOKEN, SECRET, "a guess", hub.http.headers["Authorization"]) if secret in line]


async def refused_so_far(hub: Customer) -> float:
    [line] = re.findall(r"^hark_take_overs_refused_total (\S+)$", (await hub.http.get("/metrics")).text, re.MULTILINE)
    return float(line)


async def test_who_has_the_device_in_hand_gets_it(hub: Customer) -> None:
    hers = (await register(hub, "ada", PHONES[0], install_secret=SECRET)).json()
    moved = await register(hub, "linus", PHONES[0], install_secret=SECRET)
    assert (moved.status_code, moved.json()["session_id"] != hers["session_id"]) == (201, True)
    await belongs_to(hub, "linus", "ada")
    assert (await register(hub, "ada", PHONES[0])).status_code == 409, "the secret stays with the device"


async def test_pushes_go_to_whoever_has_it_and_to_nobody_else(
    hub: Customer, http: httpx.AsyncClient, engine: Engine
) -> None:
    phone = await install(http, platform="ios")
    device = {"platform": "ios", "device_token": phone.token}
    shown = []
    for user, secret in (("ada", SECRET), ("eve", "a guess of eve's"), ("linus", SECRET)):
        await register(hub, user, device, install_secret=secret)
        for each in ("ada", "eve", "linus"):
            await hub.send(each, f"for {each}")
        await engine.run()
        screen = str(await phone.shows())
        shown.append([title for title in ("for ada", "for eve", "for linus") if title in screen])
        await http.delete("/shown", params={"token": phone.token})
    assert shown == [["for ada"], ["for ada"], ["for linus"]]


async def test_a_shared_browser_is_the_user_s_who_signed_in_last(hub: Customer, device: dict[str, Any]) -> None:
    for user, before in (("ada", "linus"), ("linus", "ada"), ("ada", "linus")):
        assert (await register(hub, user, device)).status_code == 201
        await belongs_to(hub, user, before)


async def test_the_server_may_say_whose_it_is(hub: Customer) -> None:
    await register(hub, "ada", PHONES[0], install_secret=SECRET)
    assert (
        await register(hub, "linus", PHONES[0], take_over=True, install_secret="his installation's own")
    ).status_code == 201
    await belongs_to(hub, "linus", "ada")
    assert (await register(hub, "ada", PHONES[0], install_secret=SECRET)).status_code == 409


async def test_a_refresh_keeps_the_secret_and_may_change_it(hub: Customer) -> None:
    await register(hub, "ada", PHONES[0], install_secret=SECRET)
    await register(hub, "ada", PHONES[0])
    assert (await register(hub, "eve", PHONES[0])).status_code == 409
    await register(hub, "ada", PHONES[0], install_secret="after a new installation")
    assert (await register(hub, "eve", PHONES[0], install_secret=SECRET)).status_code == 409
    assert (await register(hub, "linus", PHONES[0], install_secret="after a new installation")).status_code == 201


async def test_a_sign_out_lets_go_of_it(hub: Customer) -> None:
    hers = (await register(hub, "ada", PHONES[0], install_secret=SECRET)).json()
    assert (await hub.http.delete(f"/api/v1/sessions/ada/{hers['session_id']}")).status_code == 204
    assert (await register(hub, "linus", PHONES[0])).status_code == 201
    await belongs_to(hub, "linus", "ada")


async def test_a_phone_that_never_told_a_secret_is_the_servers_to_give(hub: Customer) -> None:
    await register(hub, "ada", PHONES[0])
    assert (await register(hub, "linus", PHONES[0], install_secret=SECRET)).status_code == 201
    await belongs_to(hub, "linus", "ada")
    assert (await register(hub, "ada", PHONES[0])).status_code == 409, "linus' app has told one"


async def test_of_many_who_prove_it_at_once_one_has_it(hub: Customer) -> None:
    users = [f"user-{number}" for number in range(AT_ONCE)]
    await register(hub, "ada", PHONES[0], install_secret=SECRET)
    for _ in range(5):
        proofs = (register(hub, user, PHONES[0], install_secret=SECRET) for user in users)
        guesses = (register(hub, f"eve-{n}", PHONES[0], install_secret=f"a guess, number {n}") for n in range(AT_ONCE))
        answers = await asyncio.gather(*proofs, *guesses)
        moved, guessed = answers[:AT_ONCE], answers[AT_ONCE:]
        assert {answer.status_code for answer in moved} <= {200, 201}
        assert {answer.status_code for answer in guessed} == {409}
        assert sum([len(await sessions_of(hub, user)) for user in users]) == 1
        await belongs_to_nobody(hub, "ada", *(f"eve-{n}" for n in range(AT_ONCE)))


async def test_of_many_first_registrations_at_once_one_has_it_and_the_others_hear_so(hub: Customer) -> None:
    users = [f"user-{number}" for number in range(AT_ONCE)]
    own = (register(hub, user, PHONES[0], install_secret=f"a secret of {user}") for user in users)
    statuses = sorted([answer.status_code for answer in await asyncio.gather(*own)])
    assert statuses == [201] + [409] * (AT_ONCE - 1)
    assert sum([len(await sessions_of(hub, user)) for user in users]) == 1


class Meanwhile:
    """A database in which something happens right after somebody has asked whose a token is, once."""

    def __init__(self, pool: Pool, happens: Coroutine[Any, Any, object]) -> None:
        self._pool = pool
        self._happens: Coroutine[Any, Any, object] | None = happens

    async def fetchrow(self, query: str, *given: object) -> object:
        row = await self._pool.fetchrow(query, *given)
        happens, self._happens = (self._happens, None) if query == store._OWNER else (None, self._happens)
        if happens is not None:
            await happens
        return row


async def test_a_secret_that_is_told_while_the_one_before_is_proven_counts(pool: Pool, vault: Vault) -> None:
    hers = Registration(
        user_id="ada", platform="ios", provider="apns", token=TOKEN, unique_part=TOKEN, secret="the one before"
    )
    await store.register(pool, vault, uuid7(), hers)
    tells = store.register(pool, vault, uuid7(), msgspec.structs.replace(hers, secret="another one"))
    his = msgspec.structs.replace(hers, user_id="linus")
    refused = await store.register(Meanwhile(pool, tells), vault, uuid7(), his)  # type: ignore[arg-type]
    assert isinstance(refused, Owner)
    assert refused.user_id == "ada"


async def belongs_to_nobody(hub: Customer, *users: str) -> None:
    assert [len(await sessions_of(hub, user)) for user in users] == [0] * len(users)


@pytest.mark.parametrize("secret", ["short", "x" * 201, 7])
async def test_a_secret_that_can_be_guessed_is_none(hub: Customer, secret: object) -> None:
    body = {"user_id": "ada", **PHONES[0], "install_secret": secret}
    refused = await hub.http.post("/api/v1/sessions", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "$.install_secret")
    assert "xxxxx" not in refused.text


async def test_no_answer_and_no_row_has_the_secret(hub: Customer, device: dict[str, Any], pool: Any) -> None:
    answers = [await register(hub, "ada", PHONES[0], install_secret=SECRET), await register(hub, "ada", device)]
    rows = await pool.fetch("select secret_digest from sessions")
    assert all(len(row["secret_digest"]) == 32 for row in rows)
    assert SECRET not in "".join(answer.text for answer in answers) + str(await sessions_of(hub, "ada"))
