"""An issuer's keys: when to ask for them, and what to say meanwhile."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sessions.issuer_keys import MOST_MISSED, IssuerKeys, KeyNotKnownYet
from sessions.token_keys import TokenKey


def key(kid: str) -> TokenKey:
    return TokenKey("EdDSA", kid, Ed25519PrivateKey.generate().public_key())


class Asked:
    """Counts what was wanted."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def test_before_the_first_fetch_no_token_is_called_bad() -> None:
    wanted = Asked()
    keys = IssuerKeys(wanted=wanted)
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "a")
    assert wanted.times == 1
    keys.bring(keys.begin(), [found := key("a")])
    assert keys.find("EdDSA", "a") == [found]
    assert wanted.times == 1


def test_a_key_that_a_later_fetch_did_not_bring_does_not_exist() -> None:
    keys = IssuerKeys(wanted=Asked())
    under_way = keys.begin()
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "b")
    keys.bring(under_way, [key("a")])  # began before anybody asked for b: it may have missed it
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "b")
    keys.bring(keys.begin(), [key("a")])
    assert keys.find("EdDSA", "b") == []


def test_keys_that_changed_may_have_changed_for_everybody() -> None:
    keys = IssuerKeys(wanted=Asked())
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "b")
    assert keys.bring(keys.begin(), [key("a")])
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "b")
    assert not keys.bring(keys.begin(), [key("a")])
    assert keys.find("EdDSA", "b") == []
    assert keys.bring(keys.begin(), [key("b")])
    assert len(keys.find("EdDSA", "b")) == 1
    with pytest.raises(KeyNotKnownYet):
        keys.find("EdDSA", "a")


def test_who_invents_key_ids_fills_no_memory() -> None:
    keys = IssuerKeys(wanted=Asked())
    for number in range(10 * MOST_MISSED):
        with pytest.raises(KeyNotKnownYet):
            keys.find("EdDSA", str(number))
    assert len(keys._missed) <= MOST_MISSED


def test_keys_of_a_file_are_all_there_are() -> None:
    assert IssuerKeys([key("a")]).find("EdDSA", "b") == []
