"""Which channels this worker has: one provider for each that has credentials."""

from delivery.apns.provider import Apns
from delivery.fcm.settings import FcmSettings
from delivery.provider import Provider
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
        if read.webpush.vapid_private_key:
            built.append(WebPush(read.webpush))
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return built


def _fcm(settings: FcmSettings) -> Provider:
    try:
        from delivery.fcm.provider import Fcm  # noqa: PLC0415 - only who pushes to Android has installed what it needs
    except ModuleNotFoundError:
        raise SettingsError("HARK_FCM_CREDENTIALS needs firebase-admin: pip install 'hark[fcm]'") from None
    return Fcm(settings)
