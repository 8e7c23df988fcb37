"""Sealing and opening."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.vault import Vault
from hub.vault_keys import Keys
from sessions.sealing import Unreadable
from tests.encryption import KEYS

VAULT = Vault(KEYS)
NEWER = Vault(Keys({"second": bytes(32), **KEYS.named}, KEYS.lookup))
PLACE = ("sessions.token", "ada", "00ff")
DAMAGED, NO_KEY = Unreadable("damaged"), Unreadable("no_key")


@given(st.text())
def test_what_was_sealed_is_opened_in_its_place_and_never_looks_the_same(text: str) -> None:
    first, second = VAULT.seal(text, *PLACE), VAULT.seal(text, *PLACE)
    assert first != second
    assert VAULT.open(first, *PLACE) == VAULT.open(second, *PLACE) == text


@pytest.mark.parametrize(
    "place",
    [
        ("sessions.token", "grace", "00ff"),
        ("sessions.token", "ada", "01ff"),
        ("users.email", "ada", "00ff"),
        ("sessions.token", "ada"),
        ("sessions.token", "ada00ff"),
        (),
    ],
)
def test_in_another_place_it_is_not(place: tuple[str, ...]) -> None:
    assert VAULT.open(VAULT.seal("secret", *PLACE), *place) == DAMAGED


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    stored = VAULT.seal("secret", *PLACE)
    raw = bytearray(base64.b64decode(stored.removeprefix(VAULT.prefix)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert VAULT.open(VAULT.prefix + base64.b64encode(raw).decode(), *PLACE) == DAMAGED


@given(st.text())
def test_nothing_that_somebody_stored_raises(text: str) -> None:
    assert VAULT.open(VAULT.prefix + text, *PLACE) == DAMAGED
    assert VAULT.open("sealed:" + text, *PLACE) in {DAMAGED, NO_KEY}


def test_what_was_never_sealed_is_given_as_it_is() -> None:
    assert VAULT.open("740f4707", *PLACE) == "740f4707"


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    assert NEWER.open(VAULT.seal("secret", *PLACE), *PLACE) == "secret"
    assert VAULT.open(NEWER.seal("secret", *PLACE), *PLACE) == NO_KEY


def test_equal_texts_are_recognised_whatever_key_seals_and_by_nobody_without_the_look_up_key() -> None:
    assert VAULT.digest("token", "sessions.token") == NEWER.digest("token", "sessions.token")
    assert VAULT.digest("token", "sessions.token") != VAULT.digest("token", "users.email")
    another = Vault(Keys(KEYS.named, bytes(32)))
    assert VAULT.digest("token", "sessions.token") != another.digest("token", "sessions.token")


def test_keys_are_known_again_by_what_does_not_tell_them() -> None:
    assert VAULT.proofs().items() < NEWER.proofs().items()
    assert set(VAULT.proofs()) == {"first", "lookup"}
    assert not {*KEYS.named.values(), KEYS.lookup} & {*VAULT.proofs().values()}
