"""E-mail, by SMTP (RFC 5321): the provider for mailboxes."""

from datetime import UTC, datetime

from delivery.email import address
from delivery.email.account import sender, server
from delivery.email.mail import mail
from delivery.email.pool import Pool
from delivery.email.settings import EmailSettings
from delivery.message import Message, Target
from delivery.outcome import Outcome, Rejected


class Email:
    """The `Provider` of `email`. To be built inside the running loop; ValueError, naming the setting, for malformed
    ones."""

    channel = "email"

    def __init__(self, settings: EmailSettings) -> None:
        self._sender = sender(settings)
        self._pool = Pool(server(settings), size=settings.smtp_connections)
        self._deadline_s = settings.smtp_deadline_s

    async def send(self, message: Message, target: Target) -> Outcome:
        """See `Provider.send`."""
        to = address.read(target.address)
        if to is None:
            return Rejected("bad_address", "not an e-mail address that a mail can be sent to")
        written = mail(message, sender=self._sender, to=to, now=datetime.now(UTC))
        if written is None:
            return Rejected("nothing_to_read", "a mail needs a title or a message")
        return await self._pool.send(written, deadline_s=self._deadline_s)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        await self._pool.aclose()
