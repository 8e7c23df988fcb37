"""Who we are to APNs, for each app: read from settings and files at the start, and checked there."""

import re
from collections.abc import Mapping

import msgspec

from delivery import secret_text
from delivery.apns.identity import ClientCertificate, SigningKey, read_authority, read_certificate, read_key
from delivery.apns.settings import ApnsSettings, Environment
from delivery.apps import DEFAULT

# The hosts of Apple's "Sending notification requests to APNs".
_HOSTS: dict[Environment, str] = {
    "production": "https://api.push.apple.com",
    "sandbox": "https://api.sandbox.push.apple.com",
}

_APPLE_ID = re.compile(r"[A-Z0-9]{10}")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,255}")
_ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class Credential(msgspec.Struct, frozen=True):
    """What a push to one app needs."""

    identity: SigningKey | ClientCertificate
    topic: str
    origin: str


class _App(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One app's part of the settings, in the spelling of HARK_APNS_APPS."""

    key: str = ""
    key_id: str = ""
    team_id: str = ""
    certificate: str = ""
    topic: str = ""
    environment: Environment | None = None

    def over(self, other: "_App") -> "_App":
        """With what is left out taken from `other`; a key or a certificate of its own brings its own id or topic."""
        own = self.key or self.certificate
        return _App(
            key=self.key if own else other.key,
            certificate=self.certificate if own else other.certificate,
            key_id=self.key_id if own else self.key_id or other.key_id,
            team_id=self.team_id or other.team_id,
            topic=self.topic if self.certificate else self.topic or other.topic,
            environment=self.environment or other.environment,
        )


def load(settings: ApnsSettings) -> Mapping[str, Credential]:
    """Credentials by app; "" is the default's. ValueError says in one line which setting is wrong, and quotes none."""
    default = _App(
        settings.apns_key,
        settings.apns_key_id,
        settings.apns_team_id,
        settings.apns_certificate,
        settings.apns_topic,
        settings.apns_environment,
    )
    origin = settings.apns_url.rstrip("/")
    if origin and not _ORIGIN.fullmatch(origin):
        raise ValueError("HARK_APNS_URL is not of the form https://host[:port]")
    found = {app: _credential(own.over(default), origin, f"HARK_APNS_APPS, {app!r}: ") for app, own in _apps(settings)}
    # Beside named apps, a key without a topic is there only for them to share.
    if DEFAULT not in found and (settings.apns_topic or not found):
        found[DEFAULT] = _credential(default, origin, "HARK_APNS_")
    return found


def authority(settings: ApnsSettings) -> bytes:
    """The PEM of HARK_APNS_CA, or nothing. ValueError when there is no certificate in it."""
    return read_authority(settings.apns_ca, "HARK_APNS_CA") if settings.apns_ca else b""


def _apps(settings: ApnsSettings) -> list[tuple[str, _App]]:
    if not settings.apns_apps:
        return []
    try:
        apps = msgspec.json.decode(secret_text.read(settings.apns_apps), type=dict[str, _App])
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError(f"HARK_APNS_APPS: {error}") from None
    return list(apps.items())


def _credential(app: _App, origin: str, place: str) -> Credential:
    """ValueError begins with `place`, the setting that the field's name completes."""
    at = origin or _HOSTS[app.environment or "production"]
    if app.key and app.certificate:
        raise ValueError(f"{_named(place, 'key')} and {_named(place, 'certificate')}: only one can be used")
    if app.certificate:
        certificate, topic = read_certificate(app.certificate, _named(place, "certificate"))
        return Credential(certificate, _topic(app.topic or topic, place), at)
    if not app.key:
        raise ValueError(f"{_named(place, 'key')} or {_named(place, 'certificate')} is missing")
    for field in ("key_id", "team_id"):
        if not _APPLE_ID.fullmatch(getattr(app, field)):
            raise ValueError(f"{_named(place, field)} is not 10 capital letters and digits")
    key = SigningKey(read_key(app.key, _named(place, "key")), app.key_id, app.team_id)
    return Credential(key, _topic(app.topic, place), at)


def _named(place: str, field: str) -> str:
    return place + (field.upper() if place.endswith("_") else field)


def _topic(topic: str, place: str) -> str:
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"{_named(place, 'topic')} is not a bundle id such as com.example.shop")
    return topic
