"""What a mail server does next: says something, perhaps late, perhaps with an accident that was asked for. Pure."""

from typing import Literal, NamedTuple

from delivery.simulator.faults import Fault, MailStep

# What is said with a status when a fault gives no reason.
_REASONS = {
    421: "4.3.2 shutting down",
    450: "4.2.0 not now",
    452: "4.3.1 no room",
    550: "5.1.1 there is no such mailbox",
    552: "5.3.4 too big",
}
_GOODBYE = b"421 4.4.2 nothing was said for too long\r\n"


class Reply(NamedTuple):
    """A server's word, with the enhanced status (RFC 3463) in front of the text."""

    code: int
    text: str = ""

    @property
    def line(self) -> bytes:
        """As it is said: one line for each of the text's."""
        *before, last = self.text.split("\n")
        lines = [*(f"{self.code}-{text}" for text in before), f"{self.code} {last}"]
        return "".join(f"{line}\r\n" for line in lines).encode()


class Turn(NamedTuple):
    said: bytes
    after_s: float = 0
    then: Literal["go on", "encrypt", "close", "reset"] = "go on"


def refusal(fault: Fault | None, step: MailStep) -> Reply | None:
    """What is said in place of the usual; None when the mail goes on."""
    if fault is None or fault.mail_step != step or (fault.status is None and fault.reason is None):
        return None
    status = fault.status or (450 if (fault.reason or "").startswith("4") else 550)
    reason = _REASONS.get(status, f"{status // 100}.0.0 a fault that was asked for")
    return Reply(status, reason if fault.reason is None else fault.reason)


def turn(reply: Reply, fault: Fault | None, step: MailStep) -> Turn:
    """The reply, as the fault has it that is met at this step."""
    if fault is None or fault.mail_step != step:
        return Turn(reply.line)
    if fault.accident == "reset":
        return Turn(b"", fault.hang_s, "reset")
    if fault.accident == "goaway":
        return Turn(reply.line + _GOODBYE, fault.hang_s, "close")
    return Turn(reply.line, fault.hang_s, "close" if reply.code == 421 else "go on")
