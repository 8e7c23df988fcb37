"""Who can read the files that have secrets in them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from hub.check.finding import Finding, warning
from hub.settings import Settings

OTHERS = 0o007  # neither the owner nor the group


def named(settings: Settings) -> Mapping[str, Path]:
    """Where each secret lies that was given as a path and not as its text, by the setting."""
    given = {
        "HARK_ENCRYPTION_KEYS": settings.encryption.encryption_keys,
        "HARK_APNS_KEY": settings.apns.apns_key,
        "HARK_APNS_CERTIFICATE": settings.apns.apns_certificate,
        "HARK_APNS_APPS": settings.apns.apns_apps,
        "HARK_FCM_CREDENTIALS": settings.fcm.fcm_credentials,
        "HARK_FCM_APPS": settings.fcm.fcm_apps,
        "HARK_CHAT_SERVICES": settings.chat.chat_services,
    }
    return {setting: Path(text) for setting, text in given.items() if text and "\n" not in text and "{" not in text}


def findings(modes: Mapping[str, int]) -> Iterator[Finding]:
    """`modes`: permissions of the files that are there, by the setting that names them."""
    for setting, mode in modes.items():
        if mode & OTHERS:
            yield warning(
                setting,
                "Everybody on this machine can read or change the file it names.",
                "`chmod 600` it, for the user that Hark runs as.",
            )
