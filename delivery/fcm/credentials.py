"""Who we are to FCM, for each app: service accounts, read from settings and files at the start, and checked there."""

import re
from collections.abc import Mapping

import msgspec
from google.auth.exceptions import MalformedError
from google.oauth2.service_account import Credentials

from delivery import secret_text
from delivery.apps import DEFAULT
from delivery.fcm.settings import FcmSettings

GOOGLE = "https://fcm.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/firebase.messaging",)

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class ServiceAccount(msgspec.Struct, frozen=True):
    """A Firebase project, and who may send for it."""

    project_id: str
    json: str
    """All of the file that Firebase gave. A secret."""

    def credentials(self) -> Credentials:
        """Google's own object, which fetches access tokens. ValueError when there is no usable key in it."""
        read: Credentials = Credentials.from_service_account_info(msgspec.json.decode(self.json), scopes=SCOPES)
        return read

    def __repr__(self) -> str:
        return f"ServiceAccount(project_id={self.project_id!r})"


class _File(msgspec.Struct, frozen=True):
    """What must be in it; the rest is Google's to read."""

    project_id: str
    client_email: str
    private_key: str
    token_uri: str


def load(settings: FcmSettings) -> Mapping[str, ServiceAccount]:
    """Service accounts by app; "" is the default's. ValueError says in one line which setting is wrong."""
    found = {app: _account(given, f"HARK_FCM_APPS, {app!r}") for app, given in _apps(settings).items()}
    if settings.fcm_credentials:
        found.setdefault(DEFAULT, _account(settings.fcm_credentials, "HARK_FCM_CREDENTIALS"))
    return found


def origin(settings: FcmSettings) -> str:
    """Where requests go. ValueError for what is no origin."""
    if settings.fcm_url and not _ORIGIN.fullmatch(settings.fcm_url.rstrip("/")):
        raise ValueError("HARK_FCM_URL is not of the form https://host[:port]")
    return settings.fcm_url.rstrip("/") or GOOGLE


def _apps(settings: FcmSettings) -> Mapping[str, str]:
    if not settings.fcm_apps:
        return {}
    try:
        return msgspec.json.decode(secret_text.read(settings.fcm_apps), type=dict[str, str])
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError(f"HARK_FCM_APPS: {error}") from None


def _account(given: str, name: str) -> ServiceAccount:
    try:
        text = secret_text.read(given)
        account = ServiceAccount(msgspec.json.decode(text, type=_File).project_id, text)
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError(f"{name}: {error}") from None
    try:
        account.credentials()
    except (ValueError, MalformedError):
        raise ValueError(f"{name}: there is no private key in it that can be read") from None
    return account
