"""How we prove to APNs who we are: a key that signs, or a certificate; each read from a PEM and checked.

Every ValueError begins with the name of the setting and quotes nothing of what it holds.
"""

from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from delivery import secret_text


class SigningKey(msgspec.Struct, frozen=True):
    """Token authentication. One key has one provider token, whatever apps use it."""

    pem: str
    key_id: str
    team_id: str


class ClientCertificate(msgspec.Struct, frozen=True):
    """Certificate authentication: the PEM of certificate and private key."""

    pem: str


def read_key(given: str, name: str) -> str:
    """The PEM of a key on P-256, as Apple's .p8 files hold it."""
    pem = _text(given, name)
    key = _private_key(pem, name)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return pem
    raise ValueError(f"{name} is not a key on P-256, as Apple's .p8 files are")


def read_certificate(given: str, name: str) -> tuple[ClientCertificate, str]:
    """With the bundle id in it, which Apple writes as the subject's user id; empty when there is none."""
    pem = _text(given, name)
    certificate, key = _certificates(pem, name)[0], _private_key(pem, name)
    if certificate.public_key() != key.public_key():
        raise ValueError(f"{name}: the private key is not the certificate's")
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise ValueError(f"{name} expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    topics = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    return ClientCertificate(pem), str(topics[0].value) if topics else ""


def read_authority(given: str, name: str) -> bytes:
    """The PEM of one certificate or more."""
    pem = _text(given, name)
    _certificates(pem, name)
    return pem.encode()


def _text(given: str, name: str) -> str:
    try:
        return secret_text.read(given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _private_key(pem: str, name: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError(f"{name}: the private key is encrypted") from None
    except ValueError:
        raise ValueError(f"{name}: there is no private key in it that can be read") from None


def _certificates(pem: str, name: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ValueError(f"{name}: there is no certificate in it that can be read") from None
