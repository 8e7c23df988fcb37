"""What an operator decides about APNs. Values only: `credentials` reads the files they name."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Environment = Literal["production", "sandbox"]


class ApnsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One app's credentials, and further apps' as JSON."""

    apns_key: Annotated[
        str,
        Meta(
            description="Key that signs for APNs: the path of the .p8 file Apple gave, or its text. A secret. "
            "Empty, and no HARK_APNS_CERTIFICATE or HARK_APNS_APPS either: no APNs."
        ),
    ] = ""
    apns_key_id: Annotated[str, Meta(description="Id of that key, 10 characters.")] = ""
    apns_team_id: Annotated[str, Meta(description="Id of the team at Apple that has the key, 10 characters.")] = ""
    apns_certificate: Annotated[
        str,
        Meta(
            description="In place of a key: the path or the text of a PEM with the app's push certificate and its "
            "private key. A secret."
        ),
    ] = ""
    apns_topic: Annotated[
        str, Meta(description="The app's bundle id. A certificate may leave it out: it has one in it.")
    ] = ""
    apns_environment: Annotated[
        Environment, Meta(description="sandbox: for apps that Xcode installed. production: for all others.")
    ] = "production"
    apns_apps: Annotated[
        str,
        Meta(
            description="Several apps: the path or the text of a JSON object of {key, key_id, team_id, certificate, "
            "topic, environment} by the `app` of sessions. What one leaves out is as above."
        ),
    ] = ""
    apns_url: Annotated[
        str, Meta(description="https://host[:port] of a server that stands in for Apple's. Empty: Apple's.")
    ] = ""
    apns_ca: Annotated[
        str,
        Meta(description="Authority to trust beside the system's for that server: the path or the text of a PEM."),
    ] = ""

    @property
    def configured(self) -> bool:
        """Whether there is any credential at all."""
        return bool(self.apns_key or self.apns_certificate or self.apns_apps)

    def __repr__(self) -> str:
        """Without the secrets, for the places where settings get printed."""
        return f"ApnsSettings(apns_topic={self.apns_topic!r}, apns_environment={self.apns_environment!r})"
