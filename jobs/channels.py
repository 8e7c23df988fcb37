"""Which channels this worker has: one provider for each that has credentials."""

from delivery.apns.provider import Apns
from delivery.provider import Provider
from delivery.webpush.provider import WebPush
from hub.settings import Settings, SettingsError


def providers(read: Settings) -> list[Provider]:
    """To be called inside the running loop. Raises SettingsError for credentials that nobody could use."""
    built: list[Provider] = []
    try:
        if read.webpush.vapid_private_key:
            built.append(WebPush(read.webpush))
        if read.apns.configured:
            built.append(Apns(read.apns))
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return built
