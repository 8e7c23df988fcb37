"""What an operator decides about webhooks. Values only: `way` checks them."""

from typing import Annotated

import msgspec
from msgspec import Meta


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where webhooks may go."""

    webhook_allowed_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Networks of your own (10.1.0.0/16), comma separated, that webhooks may go to, by any port. "
            "None by default: whoever has an API key gives the URL, and we post to it from inside your network."
        ),
    ] = ()
    webhook_http: Annotated[
        bool,
        Meta(description="Whether webhooks may go to http:// too. For development: anybody on the way reads them."),
    ] = False
    webhook_ca: Annotated[
        str, Meta(description="Authority to trust beside the system's for them: the path or the text of a PEM.")
    ] = ""
