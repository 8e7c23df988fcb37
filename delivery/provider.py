"""The shape every provider has. The worker holds one a channel and knows nothing else about it."""

from typing import Protocol

from delivery.message import Message, Target
from delivery.outcome import Outcome


class Provider(Protocol):
    """One road to a device. Built and closed by a composition root, shared by all senders."""

    @property
    def channel(self) -> str:
        """The `Target.channel` it serves; also its name in metrics."""

    async def send(self, message: Message, target: Target) -> Outcome:
        """One attempt at one target; retrying is the caller's.

        Returns an Outcome for everything a provider, the network or the target's address can do, including
        a malformed address (Rejected) and no answer within the provider's own deadline (Unavailable). Raises
        only for a bug of ours and on cancellation. Safe to call concurrently and, with the same message,
        twice: a device shows the second copy in place of the first where the channel can say so.
        """

    async def aclose(self) -> None:
        """Give back connections. No send may be running or follow."""
