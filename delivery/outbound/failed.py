"""Why there is no answer. Pure."""

from typing import Literal, TypeAlias

import msgspec

Why: TypeAlias = Literal[
    "url_not_allowed",  # nothing we call: its form, its scheme or its port
    "address_not_allowed",  # it leads to ourselves or our neighbours
    "no_address",  # the name has none
    "no_connection",
    "tls_failed",  # no certificate for this name that we trust
    "connection_lost",  # or what came was not HTTP
    "timeout",
    "no_secret",  # to sign it with: it was not called
]


class Failed(msgspec.Struct, frozen=True):
    """No status came."""

    why: Why
