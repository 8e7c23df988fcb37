"""The simulated mail service: who may send, which mailboxes there are, and what they got."""

import secrets
from datetime import UTC, datetime

from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.gone import Gone
from delivery.simulator.mail_reading import Unreadable, receive
from delivery.simulator.mailbox import mailbox_id
from delivery.simulator.smtp_login import Login
from delivery.simulator.smtp_turn import Reply


class MailService:
    """Over what other simulated providers share. Without a login anybody may send."""

    def __init__(self, deliveries: Deliveries, faults: Faults, gone: Gone, login: Login | None) -> None:
        self._deliveries = deliveries
        self._faults = faults
        self._gone = gone
        self.login = login

    def fault(self, address: str) -> Fault | None:
        """What the mail that is on its way to this address meets."""
        return self._faults.take(mailbox_id(address) or address, "email")

    def refusal(self, address: str) -> Reply | None:
        """Why the address gets nothing; None when it has a mailbox."""
        mailbox = mailbox_id(address)
        if mailbox is None:
            return Reply(553, "5.1.3 not an address")
        if self._gone.since(mailbox) is not None:
            return Reply(550, f"5.1.1 <{address}>: there is no such mailbox any more")
        return None

    def take(self, address: str, mail: bytes) -> Reply:
        """The mail as it came. A mailbox shows one of those with the same Message-ID."""
        received = receive(mail, datetime.now(UTC))
        if isinstance(received, Unreadable):
            return Reply(554, f"5.6.0 {received.reason}")
        self._deliveries.record(mailbox_id(address) or address, received, topic=received.headers["message-id"])
        return Reply(250, f"2.0.0 Ok: queued as {secrets.token_hex(6).upper()}")
