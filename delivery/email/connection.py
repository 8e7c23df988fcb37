"""One connection to a mail server: it carries one mail at a time, as long as the server keeps it open."""

import asyncio
import ssl
from typing import Literal, cast

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException, SMTPServerDisconnected

from delivery.email.account import Server
from delivery.email.answer import Broken, Reply, Step, outcome_of
from delivery.email.mail import Mail
from delivery.outcome import Misconfigured, Outcome, Rejected

_GO_ON = 354
_GOODBYE = 421  # said in place of any answer, by a server that then closes
_GOODBYE_S = 1.0


class Connection:
    """To be used by one task at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.hello,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.tls,
            timeout=None,  # ours are around more than one command
        )
        self._step: Step = "connect"
        self._begun = False
        self.was_left = False
        """The server closed it instead of taking the last mail."""

    @property
    def is_open(self) -> bool:
        """Whether it can carry another mail; the server may be about to close it."""
        return self._smtp.is_connected

    async def open(self, *, until: float) -> Outcome | None:
        """None once it is open and we are logged in; else why it is not. `until` is of the loop's clock."""
        self._step = "connect"
        try:
            async with asyncio.timeout_at(until):
                await self._smtp.connect()
                await self._smtp.ehlo()
                if self._server.username:
                    self._step = "login"
                    await self._log_in()
        except (SMTPException, OSError) as error:
            self.abort()
            return self._unopened(error)
        except asyncio.CancelledError:
            self.abort()
            raise
        return None

    async def carry(self, mail: Mail, *, until: float) -> Outcome:
        """What became of the mail."""
        if not mail.to.is_ascii and not self._smtp.supports_extension("smtputf8"):
            return Rejected("no_smtputf8", "the mail server takes no address beyond ASCII")
        self._step = "sender"
        try:
            async with asyncio.timeout_at(until):
                reply = await self._transaction(mail)
        except TimeoutError:
            return self._broken("timeout")
        except OSError:
            return self._broken("connection_lost")
        except SMTPResponseException:
            return self._broken("bad_reply")
        except asyncio.CancelledError:
            self.abort()
            raise
        self.was_left = reply.code == _GOODBYE
        if self.was_left or not reply.is_understood:
            self.abort()
        return outcome_of(reply)

    def leave(self) -> None:
        """Say goodbye and close, without waiting for the answer."""
        if self._smtp.protocol is not None and self.is_open:
            self._smtp.protocol.write(b"QUIT\r\n")
            self._smtp.close()

    async def aclose(self) -> None:
        """Say goodbye and wait for the answer, but not for long."""
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._smtp.quit()
        except (SMTPException, OSError):
            self.abort()

    def abort(self) -> None:
        """Close it now, whatever was to be written."""
        if self._smtp.transport is not None:
            cast("asyncio.WriteTransport", self._smtp.transport).abort()  # uvloop's is none by name
        self._smtp.close()

    async def _log_in(self) -> None:
        """By one method only: a server may count what fails."""
        known = self._smtp.server_auth_methods
        name, password = self._server.username, self._server.password
        if "plain" in known:
            await self._smtp.auth_plain(name, password)
        elif "login" in known:
            await self._smtp.auth_login(name, password)
        elif "cram-md5" in known:
            await self._smtp.auth_crammd5(name, password)
        else:
            raise SMTPException("the mail server lets nobody log in by a password (AUTH)")

    async def _transaction(self, mail: Mail) -> Reply:
        """The server's last word on the mail."""
        if self._begun:  # and not ended: it refused what came before
            await self._smtp.execute_command(b"RSET")
        self._begun = True
        for step, command in self._commands(mail):
            self._step = step
            code, text = await self._smtp.execute_command(command)
            if code != _GO_ON if step == "content" else code // 100 != 2:
                return Reply(step, code, text)
        code, text = await self._end(mail)
        self._begun = False
        return Reply("end", code, text)

    def _commands(self, mail: Mail) -> list[tuple[Step, bytes]]:
        size = b" SIZE=%d" % len(mail.text) if self._smtp.supports_extension("size") else b""
        utf8 = b"" if mail.to.is_ascii else b" SMTPUTF8"
        return [
            ("sender", b"MAIL FROM:<%b>%b%b" % (mail.sender.encode(), size, utf8)),
            ("recipient", b"RCPT TO:<%b>" % str(mail.to).encode()),
            ("content", b"DATA"),
        ]

    async def _end(self, mail: Mail) -> tuple[int, str]:
        protocol = self._smtp.protocol
        if protocol is None:
            raise SMTPServerDisconnected("closed between two commands")
        # Not by `data`, whose exceptions do not tell whether the mail was sent.
        protocol.write(mail.text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self._step = "end"
        return await protocol.read_response()

    def _broken(self, how: Literal["timeout", "connection_lost", "bad_reply"]) -> Outcome:
        self.was_left = how == "connection_lost" and self._step != "end"
        self.abort()
        return Broken(self._step, how).outcome

    def _unopened(self, error: SMTPException | OSError) -> Outcome:
        match error, error.__cause__:
            case (ssl.SSLCertVerificationError() as untrusted, _) | (_, ssl.SSLCertVerificationError() as untrusted):
                return Misconfigured("untrusted", f"the server's certificate: {untrusted.verify_message}")
            case SMTPAuthenticationError(code=code, message=text), _:
                return outcome_of(Reply("login", code, text))
            case SMTPResponseException(code=code, message=text), _:
                return outcome_of(Reply(self._step, code, text))
            case OSError(), _:
                return Broken(self._step, "no_connection").outcome
            case _:
                return Misconfigured("no_extension", str(error))
