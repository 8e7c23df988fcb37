"""The simulated mail server's connections, by a client that knows nothing of ours."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage

import httpx
import pytest

from delivery.simulator.papers import SMTP_LOGIN
from tests.mailbox import Mailbox
from tests.simulator import Simulator


def trusting(simulator: Simulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=simulator.papers.apns_ca)


async def test_pythons_own_client_gets_along_with_it(simulator: Simulator, http: httpx.AsyncClient) -> None:
    mailbox = Mailbox(http)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "n@shop.example", mailbox.address, "Zoë"
    mail["Date"], mail["Message-ID"] = "Fri, 20 Nov 2026 12:00:00 +0000", "<1@shop.example>"
    mail.set_content(".\n..\nfür dich\n")
    mail.add_alternative("<p>für dich</p>", subtype="html")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", simulator.smtp_port) as client:
            client.starttls(context=trusting(simulator))
            client.login(*SMTP_LOGIN)
            client.send_message(mail)

    await asyncio.to_thread(send)
    payload, headers = await mailbox.got_one()
    assert (payload["subject"], payload["text"], payload["html"]) == ("Zoë", ".\n..\nfür dich\n", "<p>für dich</p>\n")
    assert headers["message-id"] == "<1@shop.example>"


def injected(client: smtplib.SMTP, context: ssl.SSLContext) -> None:
    """A command in the clear, right behind STARTTLS."""
    client.ehlo("here")
    assert client.sock is not None
    client.sock.sendall(b"STARTTLS\r\nEHLO injected\r\n")
    assert client.getreply()[0] == 220
    client.sock = context.wrap_socket(client.sock, server_hostname="127.0.0.1")
    client.file = None
    assert client.docmd("MAIL", "FROM:<a@b.c>") == (530, b"5.7.0 log in first")


def unencrypted(client: smtplib.SMTP, _: ssl.SSLContext) -> None:
    """What is no TLS at all where TLS should begin."""
    client.ehlo("here")
    assert client.docmd("STARTTLS")[0] == 220
    assert client.sock is not None
    client.sock.sendall(b"EHLO again\r\n" * 100)
    while client.sock.recv(4096):
        pass


@pytest.mark.parametrize("behave", [injected, unencrypted])
async def test_who_misbehaves_around_encryption_gets_nowhere(
    simulator: Simulator, behave: Callable[[smtplib.SMTP, ssl.SSLContext], None]
) -> None:
    def connect() -> None:
        client = smtplib.SMTP("127.0.0.1", simulator.smtp_port, timeout=10)
        try:
            behave(client, trusting(simulator))
        except ConnectionError:
            pass
        finally:
            client.close()

    await asyncio.to_thread(connect)
