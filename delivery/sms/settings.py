"""What an operator decides about SMS. Values only: `account` checks them."""

from typing import Annotated

import msgspec
from msgspec import Meta


class SmsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account at Twilio, and whom texts are from."""

    twilio_account_sid: Annotated[str, Meta(description="Id of the account at Twilio (AC…). Empty: no SMS.")] = ""
    twilio_auth_token: Annotated[str, Meta(description="The account's auth token. A secret.")] = ""
    twilio_api_key: Annotated[str, Meta(description="In place of the auth token: id of an API key (SK…).")] = ""
    twilio_api_secret: Annotated[str, Meta(description="What goes with that key. A secret.")] = ""
    twilio_from: Annotated[
        str, Meta(description="Whom texts are from: a number such as +15005550006, a short code or a sender's name.")
    ] = ""
    twilio_messaging_service: Annotated[
        str, Meta(description="In place of that: id of the messaging service (MG…) that chooses.")
    ] = ""
    twilio_url: Annotated[
        str, Meta(description="https://host[:port] of another region, or of what stands in for Twilio.")
    ] = "https://api.twilio.com"
    sms_segments: Annotated[
        int,
        Meta(ge=1, le=10, description="Segments of a text at most: Twilio charges each. A longer message is cut."),
    ] = 2

    @property
    def configured(self) -> bool:
        """Whether there is an account at all."""
        return bool(self.twilio_account_sid)

    def __repr__(self) -> str:
        """Without the secrets, for the places where settings get printed."""
        return f"SmsSettings(twilio_account_sid={self.twilio_account_sid!r}, twilio_from={self.twilio_from!r})"
