"""Which keys verify user tokens, and which are left alone."""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sessions.token_keys import NoKeys, fitting, read_keys

RSA = rsa.generate_private_key(65537, 2048)
SMALL = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
EC = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def rsa_jwk(**fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    del made["key_ops"]
    return made | fields


def jwk_set(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": keys})


def test_pems_stand_one_after_another() -> None:
    keys = read_keys(pem(RSA) + "\n" + pem(EC) + pem(ED))
    assert [(key.algorithm, key.kid) for key in keys] == [("RS256", None), ("ES256", None), ("EdDSA", None)]
    assert fitting(keys, "ES256", "whatever") == [keys[1]]


def test_a_token_that_names_its_key_is_verified_by_no_other() -> None:
    keys = read_keys(jwk_set(rsa_jwk(kid="1"), rsa_jwk(kid="2")))
    assert fitting(keys, "RS256", "2") == [keys[1]]
    assert fitting(keys, "RS256", None) == list(keys)
    assert fitting(keys, "RS256", "3") == fitting(keys, "HS256", "1") == fitting(keys, "ES256", "1") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"key_ops": ["sign"]},
        {"kty": "oct", "k": "AAAA"},
        {"n": "AQAB"},
    ],
)
def test_keys_that_are_not_for_us_are_passed_over(fields: dict[str, Any]) -> None:
    [key] = read_keys(jwk_set(rsa_jwk(**fields), rsa_jwk(kid="good", alg="RS256", use="sig")))
    assert key.kid == "good"
    with pytest.raises(NoKeys, match="no key for RS256"):
        read_keys(jwk_set(rsa_jwk(**fields)))


def _private(encoding: Encoding) -> str:
    return ED.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expected a JWK set"),
        ("[]", "expected a JWK set"),
        ('{"keys": [1]}', "expected a JWK set"),
        ("[" * 100_000, "expected a JWK set"),
        (jwk_set(), "no key for"),
        (jwk_set(*[rsa_jwk()] * 33), "more than 32 keys"),
        (jwk_set(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA))), "private"),
        (lambda: _private(Encoding.PEM), "expected PEM of public keys"),
        (lambda: pem(RSA) + _private(Encoding.PEM), "expected PEM of public keys"),
        (pem(SMALL), "no key for"),
        (pem(P384), "no key for"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no key for"),
    ],
)
def test_what_holds_no_key_of_use_is_refused_in_words(text: str | Callable[[], str], why: str) -> None:
    with pytest.raises(NoKeys, match=why):
        read_keys(text if isinstance(text, str) else text())
