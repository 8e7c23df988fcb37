"""The services that an operator named, read from settings at the start, and checked there as far as text goes."""

from collections.abc import Mapping

import msgspec

from delivery import secret_text
from delivery.chat.address import fault, is_service
from delivery.chat.settings import ChatSettings

_SETTING = "HARK_CHAT_SERVICES"


def services(settings: ChatSettings) -> Mapping[str, str]:
    """URLs by name, each with `{target}` where an address goes, or without. ValueError says in one line what is wrong,
    and quotes no URL."""
    if not settings.configured:
        return {}
    try:
        found = msgspec.json.decode(secret_text.read(settings.chat_services), type=dict[str, str])
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError(f"{_SETTING}: {error}") from None
    if not found:
        raise ValueError(f"{_SETTING}: there is no service in it")
    for name, url in found.items():
        if not is_service(name):
            raise ValueError(f"{_SETTING}: {name!r} is no name of 32 small letters, digits, - and _")
        if wrong := fault(url):
            raise ValueError(f"{_SETTING}, {name!r}: the URL {wrong}")
    return found
