"""Whose a device token is. Pure.

A token says where pushes go, and more people come to know it than the device: it stands in the logs of an app and of
what is between. Who registers somebody else's as their own ends that user's pushes, and shows theirs on that screen.
So it moves to another user with a proof only: the secret of the installation, which the device told when the token was
first registered, or the word of the server, which knows who holds the device.
"""

import hmac
from typing import NamedTuple
from uuid import UUID

from sessions.session import Registration


class Owner(NamedTuple):
    """Who has a token: an active session, and the digest of the secret that it was registered with."""

    session_id: UUID
    user_id: str
    secret_digest: bytes | None


def may_have(owner: Owner, wanted: Registration, secret_digest: bytes | None) -> bool:
    """Whether a token that has this owner may be registered so, with a secret of this digest; else it stays.

    A device that never told a secret has nothing that could be asked for: there the server's key stands alone.
    """
    if owner.user_id == wanted.user_id or wanted.take_over or owner.secret_digest is None:
        return True
    return secret_digest is not None and hmac.compare_digest(owner.secret_digest, secret_digest)
