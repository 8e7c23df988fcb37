import http_ece
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from delivery import base64url
from delivery.simulator.devices import Device, device, device_id_of, read_device
from delivery.webpush import vapid

ORIGIN = "http://127.0.0.1:8090"
KEY = vapid.generate().application_server_key
PHONE = device("phone", None)


def encrypted(text: bytes, subscriber: Device) -> bytes:
    keys = subscriber.subscription(ORIGIN).keys
    body: bytes = http_ece.encrypt(
        text,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=base64url.decode(keys.p256dh),
        auth_secret=base64url.decode(keys.auth),
    )
    return body


def test_a_subscription_looks_as_a_browser_gives_it() -> None:
    subscription = msgspec.to_builtins(PHONE.subscription(ORIGIN))

    assert subscription["endpoint"] == "http://127.0.0.1:8090/push/phone"
    assert subscription["expirationTime"] is None
    assert {name: len(base64url.decode(key)) for name, key in subscription["keys"].items()} == {
        "p256dh": 65,
        "auth": 16,
    }


@pytest.mark.parametrize("key", [None, KEY], ids=["without a key", "with one"])
def test_a_device_is_found_again_by_its_id_alone(key: str | None) -> None:
    issued = device("phone", key)
    found = read_device(issued.id)

    assert found == issued
    assert found.subscription(ORIGIN) == issued.subscription(ORIGIN)


def test_devices_and_restrictions_have_keys_of_their_own() -> None:
    devices = [PHONE, device("tablet", None), device("phone", KEY)]

    assert len({each.subscription(ORIGIN).keys.p256dh for each in devices}) == 3
    assert len({each.subscription(ORIGIN).keys.auth for each in devices}) == 3


@pytest.mark.parametrize("device_id", ["", "a b", "a/b", "a.b", "a" * 65, "phone\n", "é", "a.b.c"])
def test_an_id_in_no_device_s_form_was_never_issued(device_id: str) -> None:
    assert read_device(device_id) is None


def test_a_device_reads_what_was_encrypted_for_it_and_nothing_else() -> None:
    body = encrypted(b"hello", PHONE)

    assert PHONE.decrypt(body) == b"hello"
    assert device("tablet", None).decrypt(body) is None
    assert PHONE.decrypt(body[:-1]) is None
    assert PHONE.decrypt(body[:86]) is None


@given(st.binary(max_size=300))
def test_no_body_breaks_decryption(body: bytes) -> None:
    assert PHONE.decrypt(body) is None


RECORD_SIZE = range(16, 20)  # the one part of the header that no key depends on (RFC 8188 section 2.1)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 102).filter(lambda place: place not in RECORD_SIZE))
def test_a_changed_byte_is_noticed(text: bytes, place: int) -> None:
    body = bytearray(encrypted(text, PHONE))
    body[place] ^= 1

    assert PHONE.decrypt(bytes(body)) is None


def test_every_spelling_of_a_token_leads_to_the_device() -> None:
    subscription = PHONE.subscription(ORIGIN)

    for token in (
        "phone",
        subscription.endpoint,
        msgspec.json.encode(subscription).decode(),
        '{"endpoint":"/push/phone"}',
    ):
        assert device_id_of(token) == "phone"
    assert device_id_of("{not json") == "{not json"
