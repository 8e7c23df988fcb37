"""Which channels this worker has: one provider for each that has credentials."""

from collections.abc import Sequence

from delivery.apns.provider import Apns
from delivery.chat.settings import ChatSettings
from delivery.clearing import Clears
from delivery.email.provider import Email
from delivery.fcm.settings import FcmSettings
from delivery.provider import Provider
from delivery.sms.provider import Sms
from delivery.webpush.provider import WebPush
from hub.settings import Settings, SettingsError


def providers(read: Settings) -> list[Provider]:
    """To be called inside the running loop. Raises SettingsError for credentials that nobody could use."""
    built: list[Provider] = []
    try:
        if read.apns.configured:
            built.append(Apns(read.apns))
        if read.fcm.configured:
            built.append(_fcm(read.fcm))
        if read.email.configured:
            _require_time(read.email.smtp_deadline_s, read.hub.lease_s)
            built.append(Email(read.email))
        if read.sms.configured:
            built.append(Sms(read.sms))
        if read.chat.configured:
            built.append(_chat(read.chat))
        if read.webpush.vapid_private_key:
            built.append(WebPush(read.webpush))
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return built


def clearing(built: Sequence[Provider]) -> list[Clears]:
    """Those of them whose devices can be told to show something no more."""
    return [provider for provider in built if isinstance(provider, Clears)]


def _fcm(settings: FcmSettings) -> Provider:
    try:
        from delivery.fcm.provider import Fcm  # noqa: PLC0415 - only who pushes to Android has installed what it needs
    except ModuleNotFoundError:
        raise SettingsError("HARK_FCM_CREDENTIALS needs firebase-admin: pip install 'hark[fcm]'") from None
    return Fcm(settings)


def _chat(settings: ChatSettings) -> Provider:
    try:
        from delivery.chat.provider import Chat  # noqa: PLC0415 - only who reaches users there has installed apprise
    except ModuleNotFoundError:
        raise SettingsError("HARK_CHAT_SERVICES needs apprise: pip install 'hark[apprise]'") from None
    return Chat(settings)


def _require_time(deadline_s: float, lease_s: float) -> None:
    """A mail that is still on its way when the lease ends would be sent by another worker too."""
    if deadline_s >= lease_s:
        raise ValueError(f"HARK_SMTP_DEADLINE_S={deadline_s:g} is not below HARK_LEASE_S={lease_s:g}")
