"""How connections are opened, kept and given up, with a mail server that does as the test says."""

import asyncio
import base64
import hmac

import pytest

from delivery.email.account import server
from delivery.email.address import Address
from delivery.email.mail import Mail
from delivery.email.pool import Pool
from delivery.email.provider import Email
from delivery.email.settings import EmailSettings
from delivery.message import Target
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from tests.delivery.email.scripted import GREETING, HANG_UP, MAIL, OTHER, scripted
from tests.delivery.sample import PLAIN

ADA = Target("email", "ada@example.com")
LOGGED_IN = {"smtp_username": "shop", "smtp_password": "secret"}


async def outcomes(settings: EmailSettings, count: int = 1, to: Target = ADA) -> list[Outcome]:
    """Of mails sent one after the other."""
    email = Email(settings)
    found = [await email.send(PLAIN, to) for _ in range(count)]
    await email.aclose()
    return found


async def test_one_connection_carries_one_mail_after_the_other() -> None:
    async with scripted() as mail_server:
        found = await outcomes(mail_server.settings(), 3)

    assert found == [Accepted("1")] * 3
    assert mail_server.connections == 1
    assert mail_server.verbs() == ["EHLO", *["MAIL", "RCPT", "DATA", MAIL] * 3, "QUIT"]
    assert mail_server.heard[0] == "EHLO shop.example"
    assert mail_server.heard[1].startswith("MAIL FROM:<no-reply@shop.example> SIZE=")
    assert mail_server.heard[2] == "RCPT TO:<ada@example.com>"


async def test_there_are_no_more_connections_than_allowed() -> None:
    async with scripted() as mail_server:
        email = Email(mail_server.settings(smtp_connections=3))
        found = await asyncio.gather(*(email.send(PLAIN, ADA) for _ in range(50)))
        await email.aclose()

    assert found == [Accepted("1")] * 50
    assert (mail_server.most_at_once, mail_server.connections) == (3, 3)


async def test_a_refused_mail_is_taken_back_before_the_next() -> None:
    async with scripted({"RCPT": [b"550 5.1.1 who?\r\n", b"250 Ok\r\n"]}) as mail_server:
        found = await outcomes(mail_server.settings(), 2)

    assert found == [Gone("5.1.1"), Accepted("1")]
    assert mail_server.verbs() == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", MAIL, "QUIT"]


async def test_who_waits_too_long_for_a_connection_is_told_that_it_is_busy() -> None:
    async with scripted({MAIL: [b"250 late"]}) as mail_server:  # the end of the line never comes
        email = Email(mail_server.settings(smtp_connections=1, smtp_deadline_s=1.5))
        first, second = await asyncio.gather(email.send(PLAIN, ADA), email.send(PLAIN, ADA))
        await email.aclose()

    assert first == Unavailable("timeout", ambiguous=True)
    assert second == Unavailable("busy")


@pytest.mark.parametrize("goodbye", [b"", b"421 4.4.2 idle for too long\r\n"])
async def test_a_connection_closed_while_it_is_idle_is_replaced(goodbye: bytes) -> None:
    async with scripted() as mail_server:
        email = Email(mail_server.settings())
        first = await email.send(PLAIN, ADA)
        mail_server.close_idle(goodbye)
        second = await email.send(PLAIN, ADA)  # at once: whether we have noticed or not
        await email.aclose()

    assert (first, second) == (Accepted("1"), Accepted("1"))
    assert mail_server.connections == 2
    assert mail_server.heard.count(MAIL) == 2


async def test_a_kept_connection_that_says_goodbye_is_replaced() -> None:
    says = [b"250 Ok\r\n", b"421 4.7.0 enough for one connection\r\n", b"250 Ok\r\n"]
    async with scripted({"MAIL": says}) as mail_server:
        found = await outcomes(mail_server.settings(), 2)

    assert found == [Accepted("1")] * 2
    assert mail_server.connections == 2


async def test_a_new_connection_that_says_goodbye_is_an_answer() -> None:
    async with scripted({"MAIL": b"421 4.7.0 too many\r\n"}) as mail_server:
        found = await outcomes(mail_server.settings())

    assert found == [Throttled("4.7.0")]
    assert mail_server.connections == 1


async def test_an_idle_connection_is_left_after_a_while() -> None:
    async with scripted() as mail_server:
        pool = Pool(server(mail_server.settings()), size=1, idle_s=0.01)
        letter = Mail("n@shop.example", Address("ada", "example.com"), b"Subject: x\r\n\r\n")
        await pool.send(letter, deadline_s=5)
        await mail_server.left.wait()
        assert mail_server.verbs()[-1] == "QUIT"
        await pool.send(letter, deadline_s=5)
        await pool.aclose()

    assert mail_server.connections == 2


async def test_a_send_that_is_cancelled_takes_its_connection_along() -> None:
    async with scripted({"RCPT": [b"250 never", b"250 Ok\r\n"]}) as mail_server:
        email = Email(mail_server.settings(smtp_connections=1))
        sending = asyncio.create_task(email.send(PLAIN, ADA))
        await mail_server.hears("RCPT")
        sending.cancel()
        await asyncio.wait([sending])
        after = await email.send(PLAIN, ADA)
        await email.aclose()

    assert sending.cancelled()
    assert after == Accepted("1")
    assert mail_server.connections == 2


@pytest.mark.parametrize(
    ("verb", "said", "outcome"),
    [
        (GREETING, b"554 5.7.1 go away\r\n", Misconfigured("5.7.1", "5.7.1 go away")),
        (GREETING, b"421 4.3.2 closed\r\n", Unavailable("4.3.2")),
        (GREETING, b"HTTP/1.1 400 Bad Request\r\n", Unavailable("bad_reply")),
        (GREETING, HANG_UP, Unavailable("no_connection")),
        ("EHLO", b"550 5.7.1 not you\r\n", Misconfigured("5.7.1", "5.7.1 not you")),
        ("MAIL", b"nonsense\r\n", Unavailable("bad_reply")),
        ("MAIL", b"354 what?\r\n", Unavailable("bad_reply")),
        ("RCPT", b"x" * 100_000, Unavailable("bad_reply")),
        ("RCPT", HANG_UP, Unavailable("connection_lost")),
        ("DATA", b"250 Ok\r\n", Unavailable("bad_reply")),
        ("DATA", b"554 5.5.1 no\r\n", Rejected("5.5.1", "5.5.1 no")),
        (MAIL, b"354 what?\r\n", Unavailable("bad_reply", ambiguous=True)),
        (MAIL, b"nonsense\r\n", Unavailable("bad_reply", ambiguous=True)),
        (MAIL, HANG_UP, Unavailable("connection_lost", ambiguous=True)),
        (MAIL, b"250-2.0.0 thank\r\n250 you\r\n", Accepted("")),
        (MAIL, b"250 2.0.0 Ok: queued as \xff\xfe\r\n", Accepted("")),
    ],
)
async def test_whatever_a_server_says_is_an_outcome(verb: str, said: bytes, outcome: Outcome) -> None:
    async with scripted({verb: said}) as mail_server:
        assert await outcomes(mail_server.settings()) == [outcome]


async def test_a_word_too_many_is_never_taken_for_an_acceptance() -> None:
    says = {MAIL: [b"250 Ok\r\n250 2.0.0 Ok: queued as 2\r\n", b"250 Ok: queued as 3\r\n"]}
    async with scripted(says) as mail_server:
        found = await outcomes(mail_server.settings(), 3)

    assert found[0] == Accepted("")
    assert [outcome for outcome in found if outcome == Accepted("3")] == found[2:]
    assert mail_server.heard.count(MAIL) == 1 + len(found[2:])


async def test_a_server_that_knows_no_utf8_is_not_asked() -> None:
    async with scripted() as mail_server:
        zoe, ada = [
            (await outcomes(mail_server.settings(), to=Target("email", address)))[0]
            for address in ("zoë@example.com", "ada@bücher.example")
        ]

    assert isinstance(zoe, Rejected)
    assert zoe.code == "no_smtputf8"
    assert ada == Accepted("1")
    assert [line for line in mail_server.heard if line.startswith("RCPT")] == ["RCPT TO:<ada@xn--bcher-kva.example>"]


AUTH = {"EHLO": b"250-here\r\n250 AUTH LOGIN PLAIN\r\n", "AUTH": b"235 2.7.0 Ok\r\n"}


async def test_we_log_in_once_a_connection() -> None:
    async with scripted(AUTH) as mail_server:
        found = await outcomes(mail_server.settings(**LOGGED_IN), 2)

    assert found == [Accepted("1")] * 2
    told = [line.split(" ") for line in mail_server.heard if line.startswith("AUTH")]
    assert [(words[1], base64.b64decode(words[2])) for words in told] == [("PLAIN", b"\0shop\0secret")]


@pytest.mark.parametrize(
    ("method", "answer"),
    [(b"LOGIN", b"secret"), (b"CRAM-MD5", b"shop " + hmac.digest(b"secret", b"<1@here>", "md5").hex().encode())],
)
async def test_a_server_may_know_another_way_to_log_in(method: bytes, answer: bytes) -> None:
    asked = b"334 %b\r\n" % base64.b64encode(b"<1@here>")
    says = {"EHLO": b"250-here\r\n250 AUTH XOAUTH2 %b\r\n" % method, "AUTH": asked, OTHER: b"235 2.7.0 Ok\r\n"}
    async with scripted(says) as mail_server:
        assert await outcomes(mail_server.settings(**LOGGED_IN)) == [Accepted("1")]

    assert mail_server.heard[1].startswith(f"AUTH {method.decode()}")
    assert base64.b64decode(mail_server.heard[2]) == answer


async def test_a_refused_login_is_not_tried_again_at_once() -> None:
    async with scripted(AUTH | {"AUTH": b"535 5.7.8 no\r\n"}) as mail_server:
        email = Email(mail_server.settings(**LOGGED_IN, smtp_connections=1))
        found = await asyncio.gather(*(email.send(PLAIN, ADA) for _ in range(20)))
        await email.aclose()

    assert found == [Misconfigured("5.7.8", "5.7.8 no")] * 20
    assert mail_server.verbs().count("AUTH") == 1


@pytest.mark.parametrize("offered", [b"250 here\r\n", b"250-here\r\n250 AUTH XOAUTH2\r\n"])
async def test_a_password_is_told_to_nobody_who_does_not_ask(offered: bytes) -> None:
    async with scripted({"EHLO": offered}) as mail_server:
        [found] = await outcomes(mail_server.settings(**LOGGED_IN))

    assert isinstance(found, Misconfigured)
    assert mail_server.verbs() == ["EHLO"]


async def test_without_encryption_nothing_is_said() -> None:
    async with scripted(AUTH) as mail_server:
        [found] = await outcomes(mail_server.settings(**LOGGED_IN, smtp_security="starttls"))

    assert isinstance(found, Misconfigured)
    assert mail_server.verbs() == ["EHLO"]
