"""What a provider's console hands out, made by ourselves: keys and certificates, as files in a folder.

Made once a folder: whoever was configured with them stays so when the simulator starts again.
"""

import ssl
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from delivery.simulator.authority import issue
from delivery.simulator.oauth import ServiceAccountKey
from delivery.simulator.provider_token import Issuer
from delivery.simulator.smtp_login import Login

APNS_KEY_ID = "SIMULATED1"
APNS_TEAM_ID = "HARKTEAM01"
APNS_TOPIC = "com.example.hark"
SMTP_LOGIN = Login("hark", "simulated")
TWILIO_ACCOUNT = ("AC" + "51" * 16, "simulated")  # its id and auth token

FCM_PROJECT = "hark-simulator"
_FCM_EMAIL = f"sender@{FCM_PROJECT}.iam.gserviceaccount.com"


class _ServiceAccount(msgspec.Struct, frozen=True):
    """The JSON that Firebase's console gives."""

    private_key: str
    token_uri: str
    type: str = "service_account"
    project_id: str = FCM_PROJECT
    private_key_id: str = "simulated"
    client_email: str = _FCM_EMAIL
    client_id: str = "1"


class Papers:
    """The files, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.apns_key = folder / f"AuthKey_{APNS_KEY_ID}.p8"
        self.apns_ca = folder / "apns-ca.pem"
        self.apns_certificate = folder / "apns-certificate.pem"
        self._server = folder / "apns-server.pem"
        self.fcm_account = folder / "fcm-service-account.json"
        self._fcm_key = folder / "fcm-key.pem"

    def issue(self, *, token_url: str) -> None:
        """Make what is not there yet. The service account's file says at which URL it gets access tokens."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._server.exists():
            issued = issue(client_user_id=APNS_TOPIC)
            _write(self.apns_ca, issued.authority)
            _write(self.apns_certificate, issued.client)
            _write(self._server, issued.server)
        if not self.apns_key.exists():
            _write(self.apns_key, _pem(ec.generate_private_key(ec.SECP256R1())))
        if not self._fcm_key.exists():
            _write(self._fcm_key, _pem(rsa.generate_private_key(65537, 2048)))
        account = _ServiceAccount(self._fcm_key.read_text(), token_url)
        _write(self.fcm_account, msgspec.json.format(msgspec.json.encode(account)))

    def tls(self) -> ssl.SSLContext:
        """Of the server: HTTP/2, and a client's certificate when it shows one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server)
        context.load_verify_locations(self.apns_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["h2"])
        return context

    def smtp_tls(self) -> ssl.SSLContext:
        """Of the mail server: the same certificate, by the same authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server)
        return context

    def apns_issuer(self) -> Issuer:
        key = load_pem_private_key(self.apns_key.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - we made it
        return Issuer(APNS_TEAM_ID, {APNS_KEY_ID: key.public_key()})

    def fcm_sender(self) -> ServiceAccountKey:
        key = load_pem_private_key(self._fcm_key.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - we made it
        return ServiceAccountKey(_FCM_EMAIL, FCM_PROJECT, key.public_key())


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and private."""
    half = path.with_name(path.name + ".new")
    half.touch(mode=0o600)
    half.write_bytes(content)
    half.replace(path)
