"""What an operator decides about chat services. Values only: `services` reads the file they name."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The services that users can be reached by."""

    chat_services: Annotated[
        str,
        Meta(
            description="Chat services: the path or the text of a JSON object of apprise's URLs by names of your own, "
            "with {target} where a user's address goes. A secret. Empty: no chat. Needs `pip install 'hark[apprise]'`."
        ),
    ] = ""

    @property
    def configured(self) -> bool:
        """Whether there is any service at all."""
        return bool(self.chat_services)

    def __repr__(self) -> str:
        """Without the secrets, for the places where settings get printed."""
        return f"ChatSettings(configured={self.configured})"
