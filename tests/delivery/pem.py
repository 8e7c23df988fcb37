"""Keys and certificates in PEM, as operators have them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


def of(key: PrivateKeyTypes, *, encryption: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


P8_KEY = ec.generate_private_key(ec.SECP256R1())
P8 = of(P8_KEY)
OTHER_P8 = of(ec.generate_private_key(ec.SECP256R1()))
ON_ANOTHER_CURVE = of(ec.generate_private_key(ec.SECP384R1()))
RSA = of(rsa.generate_private_key(65537, 2048))
ENCRYPTED = of(P8_KEY, encryption=BestAvailableEncryption(b"secret"))


def certificate(*, topic: str | None = "com.example.shop", ends: datetime = NOW + timedelta(days=1)) -> str:
    """As Apple issues it, without the key."""
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, "Apple Push Services")]
    if topic is not None:
        subject.append(x509.NameAttribute(NameOID.USER_ID, topic))
    name = x509.Name(subject)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(P8_KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(ends)
    )
    return built.sign(P8_KEY, SHA256()).public_bytes(Encoding.PEM).decode()
