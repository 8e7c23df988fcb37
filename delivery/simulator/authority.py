"""Certificates for servers on this machine, by an authority that is made for the occasion."""

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=3650)  # a data directory may be kept for long, and nobody renews
_CLOCKS_DIFFER = timedelta(days=1)


class Issued(NamedTuple):
    """PEM texts."""

    authority: bytes
    """To be trusted by those who connect. Its private key is gone: it signs nothing else."""
    server: bytes
    """The certificate for 127.0.0.1 and localhost, and its private key."""
    client: bytes
    """A certificate to show to the server, and its private key."""


def issue(*, client_user_id: str) -> Issued:
    """A new authority and what it issued; the user id is the client certificate's subject's, as in Apple's."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Hark simulator")
    authority = _certificate(name, key, issuer=name, issuer_key=key, extension=x509.BasicConstraints(True, 0))  # noqa: FBT003 - the library's order
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return Issued(
        authority.public_bytes(Encoding.PEM),
        _signed(_name("Hark simulator's server"), name, key, here),
        _signed(_name("Hark", client_user_id), name, key, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
    )


def _signed(
    subject: x509.Name, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(subject, key, issuer=issuer, issuer_key=issuer_key, extension=extension)
    private_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private_key


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _LIFE)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(issuer_key, SHA256())
    )


def _name(common_name: str, user_id: str = "") -> x509.Name:
    named = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    return x509.Name([*named, x509.NameAttribute(NameOID.USER_ID, user_id)] if user_id else named)
