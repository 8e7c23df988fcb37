"""Public keys of whoever signs user tokens besides us: PEM, or a JWK set (RFC 7517). Pure.

A key verifies one algorithm, the one its own type stands for: whatever a token's head says, an RSA key is never the
secret of an HMAC, nor does it verify another padding than the one it is for.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import get_default_algorithms

RSA_BITS = 2048  # RFC 7518 §3.3: at least
MOST_KEYS = 32

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_ALGORITHMS = get_default_algorithms()
KINDS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}  # `kty` of RFC 7518 §6.1, and RFC 8037
_PEM_ENDS = "-----END PUBLIC KEY-----"


class NoKeys(Exception):
    """What should hold keys does not; the message is for the operator, and quotes none."""


class TokenKey(NamedTuple):
    """A key that verifies one algorithm. Without a `kid` it may have signed whatever a token says of its key."""

    algorithm: str
    kid: str | None
    key: PublicKey

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """Whether it made this signature."""
        return _ALGORITHMS[self.algorithm].verify(signed, self.key, signature)


class Jwk(msgspec.Struct, frozen=True):
    """Of a key, what says whether it is one for us; what makes it a key is left to PyJWT."""

    kty: str
    kid: str | None = None
    alg: str | None = None
    use: str = "sig"
    key_ops: tuple[str, ...] = ("verify",)
    d: str | None = None  # of a private key


class JwkSet(msgspec.Struct, frozen=True):
    """RFC 7517 §5."""

    keys: list[msgspec.Raw]


def read_keys(text: str | bytes) -> tuple[TokenKey, ...]:
    """The keys of a JWK set or of PEM texts one after another. Raises NoKeys when there are none of use."""
    content = text if isinstance(text, str) else text.decode(errors="replace")
    found = _of_pem(content) if content.lstrip().startswith("-----BEGIN ") else _of_jwk_set(content)
    if not found:
        raise NoKeys(f"no key for RS256 (from {RSA_BITS} bits on), ES256 (P-256) or EdDSA (Ed25519)")
    if len(found) > MOST_KEYS:
        raise NoKeys(f"more than {MOST_KEYS} keys")
    return found


def fitting(keys: Sequence[TokenKey], algorithm: str, kid: str | None) -> list[TokenKey]:
    """Those that may have signed a token with this head. Who names no key may have meant each of the algorithm."""
    return [key for key in keys if key.algorithm == algorithm and (kid is None or key.kid in {None, kid})]


def _of_pem(text: str) -> tuple[TokenKey, ...]:
    parts = [part + _PEM_ENDS for part in text.split(_PEM_ENDS)[:-1]]
    if not parts or text.count("-----BEGIN ") != len(parts):
        raise NoKeys("expected PEM of public keys (-----BEGIN PUBLIC KEY-----) and of nothing else")
    return tuple(key for part in parts if (key := _checked(partial(load_pem_public_key, part.encode()), None)))


def _of_jwk_set(text: str) -> tuple[TokenKey, ...]:
    try:
        raw = msgspec.json.decode(text, type=JwkSet).keys
        keys = [(bytes(one), msgspec.json.decode(one, type=Jwk)) for one in raw]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise NoKeys("expected a JWK set (RFC 7517) or PEM") from None
    if any(jwk.d is not None for _, jwk in keys):
        raise NoKeys("one of the keys is a private one: it is not for us to have")
    return tuple(key for one, jwk in keys if _is_for_us(jwk) and (key := _of_jwk(one, jwk)))


def _is_for_us(jwk: Jwk) -> bool:
    """RFC 7517 §5: keys of a kind or for a use that one does not know are passed over."""
    algorithm = KINDS.get(jwk.kty)
    return algorithm is not None and jwk.alg in {None, algorithm} and jwk.use == "sig" and "verify" in jwk.key_ops


def _of_jwk(text: bytes, jwk: Jwk) -> TokenKey | None:
    algorithm = _ALGORITHMS[KINDS[jwk.kty]]
    return _checked(partial(algorithm.from_jwk, text.decode()), jwk.kid)


def _checked(load: Callable[[], object], kid: str | None) -> TokenKey | None:
    """None for a key of a size or a curve that is not ours."""
    try:
        key = load()
    except (ValueError, TypeError, KeyError, jwt.PyJWTError):
        return None
    match key:
        case RSAPublicKey() if key.key_size >= RSA_BITS:
            return TokenKey("RS256", kid, key)
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return TokenKey("ES256", kid, key)
        case Ed25519PublicKey():
            return TokenKey("EdDSA", kid, key)
        case _:
            return None
