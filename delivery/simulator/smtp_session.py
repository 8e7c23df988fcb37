"""What a strict mail server says in one connection (RFC 5321), without I/O: bytes in, turns out. Knows TLS (RFC 3207),
logins (RFC 4954), sizes (RFC 1870), pipelining (RFC 2920) and addresses beyond ASCII (RFC 6531). One mailbox a mail."""

import base64
import re
from collections.abc import Callable

from delivery.simulator.faults import Fault
from delivery.simulator.mail_service import MailService
from delivery.simulator.smtp_lines import Lines, TooLong
from delivery.simulator.smtp_login import Ask, Login, begin
from delivery.simulator.smtp_turn import Reply, Turn, refusal, turn

MAX_MAIL_BYTES = 1_000_000

_MAX_LOGINS = 3  # tried in vain

_PATH = re.compile(r"(?P<word>FROM|TO):<(?P<address>[^<>\s]*)>(?P<parameters>(?: \S+)*)", re.IGNORECASE)
_PARAMETER = re.compile(r"SIZE=(?P<size>[0-9]{1,15})|BODY=(7BIT|8BITMIME)|SMTPUTF8", re.IGNORECASE)

_OK = Reply(250, "2.0.0 Ok")
_BAD_SYNTAX = Reply(501, "5.5.4 that is not how this is said")
_NOT_NOW = Reply(503, "5.5.1 not now")
_ENCRYPT_FIRST = Reply(530, "5.7.0 say STARTTLS first")
_LOG_IN_FIRST = Reply(530, "5.7.0 log in first")
_TOO_BIG = Reply(552, f"5.3.4 more than {MAX_MAIL_BYTES} bytes")
_BEYOND_ASCII = Reply(553, "5.6.7 an address beyond ASCII needs SMTPUTF8")


class _Envelope:
    """A mail that is coming."""

    def __init__(self, *, utf8: bool) -> None:
        self.utf8 = utf8
        self.to: str | None = None
        self.fault: Fault | None = None


class Session:
    """One connection's state. `encrypts`: the server wants TLS before anything else."""

    def __init__(self, service: MailService, *, encrypts: bool) -> None:
        self._service = service
        self._encrypts = encrypts
        self._lines = Lines(MAX_MAIL_BYTES)
        self._asked: Callable[[str], Turn] | None = None
        self._logged_in = service.login is None
        self._failures = 0
        self._greeted = False
        self._envelope: _Envelope | None = None
        self._in_mail = False
        self._verbs: dict[str, Callable[[str], Turn]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": lambda _: Turn(_OK.line),
            "QUIT": lambda _: Turn(Reply(221, "2.0.0 Bye").line, then="close"),
        }

    def greeting(self) -> bytes:
        return Reply(220, "localhost ESMTP Hark simulator").line

    def encrypted(self) -> None:
        """TLS is there; nothing that was said before counts (RFC 3207 section 4.2)."""
        self._encrypts = self._greeted = False
        self._envelope = None
        self._lines.forget()

    def feed(self, said: bytes) -> None:
        self._lines.feed(said)

    def turn(self) -> Turn | None:
        """The next turn, or None until the client has said more. To be asked again after each turn."""
        if self._in_mail:
            mail = self._lines.mail()
            return None if mail is None else self._end(mail)
        try:
            line = self._lines.line()
        except TooLong:
            return Turn(Reply(500, "5.5.2 the line is too long").line, then="close")
        if line is None:
            return None
        if self._asked is not None:
            answered, self._asked = self._asked, None
            return answered(line)
        verb, _, rest = line.partition(" ")
        command = self._verbs.get(verb.upper())
        return command(rest) if command else Turn(Reply(500, "5.5.2 what?").line)

    def _ehlo(self, name: str) -> Turn:
        if not name.strip():
            return Turn(_BAD_SYNTAX.line)
        self._greeted, self._envelope = True, None
        offers = ["localhost", "PIPELINING", f"SIZE {MAX_MAIL_BYTES}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._encrypts:
            offers.append("STARTTLS")
        elif self._service.login is not None:
            offers.append("AUTH PLAIN LOGIN")
        return Turn(Reply(250, "\n".join(offers)).line)

    def _helo(self, name: str) -> Turn:
        self._greeted, self._envelope = bool(name.strip()), None
        return Turn((Reply(250, "localhost") if self._greeted else _BAD_SYNTAX).line)

    def _starttls(self, rest: str) -> Turn:
        if rest or not self._encrypts:
            return Turn((_BAD_SYNTAX if rest else _NOT_NOW).line)
        return Turn(Reply(220, "2.0.0 go ahead").line, then="encrypt")

    def _auth(self, rest: str) -> Turn:
        if self._encrypts:
            return Turn(_ENCRYPT_FIRST.line)
        return Turn(_NOT_NOW.line) if self._logged_in or not self._greeted else self._login(begin(rest))

    def _login(self, step: Ask | Login | None) -> Turn:
        match step:
            case Ask(question, then):
                self._asked = lambda line: self._login(then(line))
                return Turn(Reply(334, base64.b64encode(question.encode()).decode()).line)
            case None:
                return Turn(Reply(504, "5.5.4 PLAIN or LOGIN").line)
            case _ if step == self._service.login:
                self._logged_in = True
                return Turn(Reply(235, "2.7.0 welcome").line)
            case _:
                self._failures += 1
                wrong = Reply(535, "5.7.8 wrong username or password")
                return Turn(wrong.line, then="close" if self._failures >= _MAX_LOGINS else "go on")

    def _mail(self, rest: str) -> Turn:
        refused = self._mail_refusal(rest)
        if refused is not None:
            return Turn(refused.line)
        self._envelope = _Envelope(utf8="SMTPUTF8" in rest.upper().split())
        return Turn(Reply(250, "2.1.0 Ok").line)

    def _mail_refusal(self, rest: str) -> Reply | None:
        if self._encrypts:
            return _ENCRYPT_FIRST
        if not self._logged_in:
            return _LOG_IN_FIRST
        if not self._greeted or self._envelope is not None:
            return _NOT_NOW
        said = _PATH.fullmatch(rest)
        if said is None or said["word"].upper() != "FROM":
            return _BAD_SYNTAX
        parameters = [_PARAMETER.fullmatch(each) for each in said["parameters"].split()]
        if None in parameters:
            return Reply(555, "5.5.4 a parameter that nobody knows")
        too_big = any(each and int(each["size"] or 0) > MAX_MAIL_BYTES for each in parameters)
        return _TOO_BIG if too_big else None

    def _rcpt(self, rest: str) -> Turn:
        said = _PATH.fullmatch(rest)
        if said is None or said["word"].upper() != "TO" or said["parameters"]:
            return Turn(_BAD_SYNTAX.line)
        envelope, address = self._envelope, said["address"]
        if envelope is None or envelope.to is not None:
            return Turn((_NOT_NOW if envelope is None else Reply(452, "4.5.3 one mailbox a mail")).line)
        if not address.isascii() and not envelope.utf8:
            return Turn(_BEYOND_ASCII.line)
        envelope.fault = self._service.fault(address)
        refused = refusal(envelope.fault, "rcpt") or self._service.refusal(address)
        if refused is None:
            envelope.to = address
        return turn(refused or Reply(250, "2.1.5 Ok"), envelope.fault, "rcpt")

    def _data(self, rest: str) -> Turn:
        envelope = self._envelope
        if rest or envelope is None or envelope.to is None:
            return Turn((_BAD_SYNTAX if rest else _NOT_NOW).line)
        refused = refusal(envelope.fault, "data")
        self._in_mail = refused is None
        if self._in_mail:
            self._lines.begin_mail()
        return turn(refused or Reply(354, "go ahead, and end with a dot"), envelope.fault, "data")

    def _end(self, mail: bytes) -> Turn:
        envelope, self._envelope, self._in_mail = self._envelope, None, False
        assert envelope is not None  # noqa: S101 - DATA has seen it
        assert envelope.to is not None  # noqa: S101
        refused = refusal(envelope.fault, "end") or (_TOO_BIG if self._lines.too_big else None)
        return turn(refused or self._service.take(envelope.to, mail), envelope.fault, "end")

    def _rset(self, rest: str) -> Turn:
        if not rest:
            self._envelope = None
        return Turn((_BAD_SYNTAX if rest else _OK).line)
