"""What leaves this machine, read with nothing but the primitives that RFC 8291 and RFC 8292 name: no library of those
who wrote it has a part in reading it."""

import os
import re
from datetime import UTC, datetime, timedelta

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from delivery import base64url
from delivery.outcome import Accepted
from delivery.webpush.payload import payload
from delivery.webpush.provider import WebPush, _encrypted, _Keys, _Subscription
from delivery.webpush.vapid import VapidKeys
from tests.delivery.sample import PLAIN, to, trusting
from tests.receiver import Call, Receiver

P256 = ec.SECP256R1()
# RFC 8291 section 5 and appendix A.
PLAINTEXT = b"When I grow up, I want to be a watermelon"
AS_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
UA_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
UA_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(base64url.decode(scalar), "big"), P256)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def read(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """The plaintext: RFC 8291 section 3.4 over RFC 8188 section 2, of one record."""
    salt, record, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    assert len(sealed) <= record
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(P256, sender))
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    input_key = derived(shared, auth, b"WebPush: info\0" + ours + sender, 32)
    content_key = derived(input_key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derived(input_key, salt, b"Content-Encoding: nonce\0", 12)
    padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
    assert padded.endswith(b"\2"), "the delimiter of a last record"
    return padded[:-1]


async def pushes(count: int, endpoint: Receiver, keys: VapidKeys) -> list[Call]:
    """As a push service hears them."""
    endpoint.always(201)
    origin = endpoint.url.removesuffix("/hooks")
    subscription = _Subscription(f"{origin}/push/1", _Keys(UA_PUBLIC, AUTH))
    provider = WebPush(trusting(origin, keys))
    try:
        for _ in range(count):
            outcome = await provider.send(PLAIN, to(msgspec.json.encode(subscription).decode()))
            assert isinstance(outcome, Accepted)
    finally:
        await provider.aclose()
    return endpoint.calls


def test_the_example_of_the_rfc_is_made_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_private(*_: object) -> ec.EllipticCurvePrivateKey:
        return private(AS_PRIVATE)

    def salt(size: int) -> bytes:
        assert size == 16
        return base64url.decode(SALT)

    with monkeypatch.context() as dice:
        dice.setattr(ec, "generate_private_key", as_private)
        dice.setattr(os, "urandom", salt)
        made = _encrypted(PLAINTEXT, _Subscription("https://push.example.net/push/1", _Keys(UA_PUBLIC, AUTH)))
    assert made == base64url.decode(BODY)
    assert read(made, private(UA_PRIVATE), base64url.decode(AUTH)) == PLAINTEXT


async def test_every_push_has_a_key_and_a_salt_of_its_own_and_says_the_same(
    endpoint: Receiver, keys: VapidKeys
) -> None:
    calls = await pushes(20, endpoint, keys)
    assert {read(call.body, private(UA_PRIVATE), base64url.decode(AUTH)) for call in calls} == {payload(PLAIN)}
    for part in (slice(16), slice(21, 86), slice(86, None)):  # salt, key, what is sealed
        assert len({call.body[part] for call in calls}) == 20
    assert PLAIN.title.encode() not in b"".join(call.body for call in calls)


async def test_it_is_signed_for_the_services_origin_for_at_most_half_a_day(endpoint: Receiver, keys: VapidKeys) -> None:
    [call] = await pushes(1, endpoint, keys)
    signed = re.fullmatch(r"vapid t=(?P<token>[^,]+),\s*k=(?P<key>[A-Za-z0-9_-]{87})", call.headers["authorization"])
    assert signed is not None
    assert signed["key"] == keys.application_server_key
    public = ec.EllipticCurvePublicKey.from_encoded_point(P256, base64url.decode(signed["key"]))
    origin = endpoint.url.removesuffix("/hooks")
    claims = jwt.decode(signed["token"], public, algorithms=["ES256"], audience=origin)
    assert claims.keys() == {"aud", "exp", "sub"}
    assert (claims["aud"], claims["sub"]) == (origin, "mailto:ops@example.com")
    now = datetime.now(UTC)
    assert now < datetime.fromtimestamp(claims["exp"], UTC) <= now + timedelta(hours=12)
