"""What a mail server's reply means (RFC 5321 section 4.2, RFC 3463, RFC 5248). Pure."""

import re
from typing import Literal

import msgspec

from delivery.answer import storable
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable

Step = Literal["connect", "login", "sender", "recipient", "content", "end"]
"""What the server was asked. `end`: it has the whole mail, and only its word is missing."""

# Bad destination mailbox; has moved, without a forwarding address; its domain takes no mail (RFC 7505).
GONE = frozenset({"5.1.1", "5.1.6", "5.1.10"})

# Said of a sender, these are about the mail: it is too long, or the address needs what the server cannot do.
OF_THE_MAIL = frozenset({"5.2.3", "5.3.4", "5.6.7"})

# About the address, the mailbox, or what the server allows; others are about the server itself.
NOT_YET = ("4.1.", "4.2.", "4.7.")

_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_QUEUE_ID = (
    re.compile(r"\bqueued as ([^\s<>]+)", re.IGNORECASE),  # Postfix, Haraka, qpsmtpd
    re.compile(r"\bid=([^\s<>]+)"),  # Exim
    re.compile(r"\bInternalId=([0-9]+)"),  # Exchange
    re.compile(r"^(?:2\.[0-9]\.[0-9] )?([^\s<>]+) Message accepted for delivery"),  # Sendmail
    re.compile(r"^(?:2\.[0-9]\.[0-9] )?Ok:? ([^\s<>]+)$", re.IGNORECASE),  # Amazon
    re.compile(r"^(?:2\.[0-9]\.[0-9] )?OK +([^\s<>]+ [^\s<>]+) - gsmtp$"),  # Google
)


class Reply(msgspec.Struct, frozen=True):
    """A server's word."""

    step: Step
    code: int
    text: str = ""
    """Without the code; of several lines, with newlines."""

    @property
    def is_understood(self) -> bool:
        """It accepts the mail or refuses something; anything else is no answer to what was asked."""
        return self.code // 100 in {4, 5} or (self.step == "end" and self.code // 100 == 2)

    @property
    def enhanced(self) -> str:
        """Its status code by RFC 3463; empty when it gave none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""


class Broken(msgspec.Struct, frozen=True):
    """No word came, or one that nobody understands."""

    step: Step
    how: Literal["no_connection", "timeout", "connection_lost", "bad_reply"]

    @property
    def outcome(self) -> Unavailable:
        """Before it has a whole mail, a server accepts nothing."""
        return Unavailable(self.how, ambiguous=self.step == "end")


def outcome_of(reply: Reply) -> Outcome:
    """Its code is the enhanced status, or `smtp_<code>`."""
    code = reply.enhanced or f"smtp_{reply.code}"
    if not reply.is_understood:
        return Broken(reply.step, "bad_reply").outcome
    match reply.code // 100:
        case 2:
            return Accepted(_queue_id(reply.text))
        case 4:
            return Throttled(code) if _is_not_yet(reply) else Unavailable(code)
        case _:
            return _refusal(reply, code)


def _refusal(reply: Reply, code: str) -> Outcome:
    detail = storable(reply.text)
    if reply.code == 530 or reply.step in {"connect", "login"}:  # 530: log in first
        return Misconfigured(code, detail)
    if reply.step == "sender":
        # All mails have the same one: this would be said of each.
        of_the_mail = reply.code == 552 or code in OF_THE_MAIL
        return Rejected(code, detail) if of_the_mail else Misconfigured(code, detail)
    return Gone(code) if code in GONE else Rejected(code, detail)


def _is_not_yet(reply: Reply) -> bool:
    """Whether it is about this mail or mailbox, now, rather than that the server cannot do its work."""
    if reply.enhanced:
        return reply.enhanced.startswith(NOT_YET)
    # 454 is for encryption and logging in; what Amazon says with it of mails is "Throttling failure".
    return reply.code == 450 or (reply.code == 454 and reply.step not in {"connect", "login"})


def _queue_id(text: str) -> str:
    found = (match for pattern in _QUEUE_ID if (match := pattern.search(text)))
    match = next(found, None)
    return storable(match[1]) if match else ""
