"""What an operator decides about FCM. Values only: `credentials` reads the files they name."""

from typing import Annotated

import msgspec
from msgspec import Meta


class FcmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Firebase project's service account, and further apps' as JSON."""

    fcm_credentials: Annotated[
        str,
        Meta(
            description="Service account of the Firebase project: the path of the JSON file that Firebase gave, or "
            "its text. A secret. Empty, and no HARK_FCM_APPS either: no FCM. Needs `pip install 'hark[fcm]'`."
        ),
    ] = ""
    fcm_apps: Annotated[
        str,
        Meta(
            description="Several projects: the path or the text of a JSON object of service accounts' files (or texts) "
            "by the `app` of sessions."
        ),
    ] = ""
    fcm_url: Annotated[str, Meta(description="Origin of a server that stands in for Google's. Empty: Google's.")] = ""

    @property
    def configured(self) -> bool:
        """Whether there is any credential at all."""
        return bool(self.fcm_credentials or self.fcm_apps)

    def __repr__(self) -> str:
        """Without the secrets, for the places where settings get printed."""
        return f"FcmSettings(fcm_url={self.fcm_url!r})"
