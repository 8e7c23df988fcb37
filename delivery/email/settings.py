"""What an operator decides about e-mail. Values only: `account` checks them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Security = Literal["starttls", "tls", "none"]


class EmailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mail server, and whom mails are from."""

    smtp_host: Annotated[str, Meta(description="Mail server that takes our mails. Empty: no e-mail.")] = ""
    smtp_port: Annotated[
        int, Meta(ge=1, le=65535, description="Its TCP port: 587 usually, 465 with HARK_SMTP_SECURITY=tls.")
    ] = 587
    smtp_security: Annotated[
        Security,
        Meta(
            description="starttls: encrypted before anything is said. tls: from the first byte. none: not at all, to a "
            "server on this machine only."
        ),
    ] = "starttls"
    smtp_username: Annotated[str, Meta(description="Who we are to it. Empty: it asks nobody.")] = ""
    smtp_password: Annotated[str, Meta(description="The password that goes with that name. A secret.")] = ""
    smtp_ca: Annotated[
        str, Meta(description="Authority to trust beside the system's for it: the path or the text of a PEM.")
    ] = ""
    smtp_hello: Annotated[
        str, Meta(description="Name that we introduce ourselves by (EHLO). Empty: the domain of HARK_MAIL_FROM.")
    ] = ""
    smtp_connections: Annotated[
        int,
        Meta(ge=1, le=100, description="Connections a worker opens to it at most. Each carries one mail at a time."),
    ] = 4
    smtp_deadline_s: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="Seconds a mail may take, waiting for a connection included; to be below HARK_LEASE_S.",
        ),
    ] = 10.0
    mail_from: Annotated[
        str, Meta(description="Whom mails are from: `Name <someone@host>` or `someone@host`. Bounces go there too.")
    ] = ""
    mail_unsubscribe_url: Annotated[
        str,
        Meta(
            description="https URL that ends a user's mails when something is posted to it (RFC 8058), with {user_id} "
            "where the user's id is to stand. Empty: mails do not offer it."
        ),
    ] = ""

    @property
    def configured(self) -> bool:
        """Whether there is a mail server at all."""
        return bool(self.smtp_host)

    def __repr__(self) -> str:
        """Without the password, for the places where settings get printed."""
        return f"EmailSettings(smtp_host={self.smtp_host!r}, smtp_username={self.smtp_username!r})"
