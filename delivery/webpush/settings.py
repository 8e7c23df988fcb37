"""What an operator decides about Web Push. Apart from the provider, whose libraries take a while to load."""

from typing import Annotated

import msgspec


class WebPushSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator decides about Web Push."""

    vapid_private_key: Annotated[
        str,
        msgspec.Meta(
            description="VAPID private key (`hark keys vapid`), 43 characters of base64url. A secret, to be kept "
            "for good: every browser subscription is bound to it. Empty: no Web Push."
        ),
    ] = ""
    vapid_subject: Annotated[
        str,
        msgspec.Meta(
            description="Whom a push service writes to when our pushes trouble it: mailto:someone@host, or "
            "https://host without a path."
        ),
    ] = ""
    push_services: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Origins (scheme://host[:port]) of push services run by yourself, allowed beside the "
            "browser vendors'. None by default: an endpoint comes from a user, and we post to it."
        ),
    ] = ()

    def __repr__(self) -> str:
        """Without the private key, for the places where settings get printed."""
        return f"WebPushSettings(vapid_subject={self.vapid_subject!r}, push_services={self.push_services!r})"
