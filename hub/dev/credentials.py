"""The secrets of one data directory. They are made once: tokens and subscriptions outlive a restart."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from hub.dev import private_file
from hub.dev.errors import DataDirRefusedError

FILE = "secrets.json"


@dataclass(frozen=True)
class Credentials:
    token_secret: str  # signs user tokens
    vapid_private_key: str  # the P-256 scalar of RFC 8292, in base64url without padding; browsers pin its public half
    encryption_keys: str | None = None  # of what is stored; None: from before there were any
    api_key: str | None = None  # made by the hub, once its database exists; whoever develops may do everything
    demo_api_key: str | None = None  # likewise; it may do what the demo does

    def with_api_keys(self, api_key: str, demo_api_key: str) -> "Credentials":
        return replace(self, api_key=api_key, demo_api_key=demo_api_key)

    def without_api_keys(self) -> "Credentials":
        return replace(self, api_key=None, demo_api_key=None)

    def save(self, folder: Path) -> None:
        private_file.write(folder / FILE, asdict(self))


def load_or_create(folder: Path) -> Credentials:
    """Raises DataDirRefusedError when the file cannot be read: new secrets would not fit old data."""
    path = folder / FILE
    try:
        found = Credentials(**json.loads(path.read_text()))
    except FileNotFoundError:
        found = Credentials(token_secret=secrets.token_urlsafe(32), vapid_private_key=_vapid_private_key())
    except (ValueError, TypeError) as error:
        raise DataDirRefusedError(f"cannot read {path} ({error}); start over with --fresh") from None
    if found.encryption_keys is None:
        found = replace(found, encryption_keys=_encryption_keys())
        found.save(folder)
    return found


def _encryption_keys() -> str:
    """As HARK_ENCRYPTION_KEYS has them: one that encrypts, and the one by which equal texts are recognised."""
    return ",".join(f"{name}:{_base64url(secrets.token_bytes(32))}" for name in ("dev", "lookup"))


def _vapid_private_key() -> str:
    scalar = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64url(scalar.to_bytes(32, "big"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
