"""Through real connections, to a simulated mail server that checks what a real one does."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest
import uvloop

from delivery.email.provider import Email
from delivery.email.settings import EmailSettings
from delivery.message import Target
from delivery.outcome import Accepted, Gone, Misconfigured, Outcome, Rejected, Throttled, Unavailable
from delivery.provider import Provider
from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Faults
from delivery.simulator.gone import Gone as GoneMailboxes
from delivery.simulator.mail_service import MailService
from delivery.simulator.smtp_server import SmtpServer
from tests.delivery.sample import PLAIN
from tests.mailbox import Mailbox
from tests.simulator import Simulator

type_check: type[Provider] = Email  # mypy holds the provider to its contract here

Build = Callable[..., Email]

ADA = Target("email", "ada@example.com")


@pytest.fixture
def mailbox(http: httpx.AsyncClient) -> Mailbox:
    return Mailbox(http)


@pytest.fixture
async def build(email_settings: EmailSettings) -> AsyncIterator[Build]:
    """Providers with other settings."""
    built: list[Email] = []

    def build(**changes: object) -> Email:
        built.append(Email(msgspec.structs.replace(email_settings, **changes)))
        return built[-1]

    yield build
    for each in built:
        await each.aclose()


async def send(provider: Email, mailbox: Mailbox, **changes: object) -> Outcome:
    return await provider.send(msgspec.structs.replace(PLAIN, **changes), Target("email", mailbox.address))


async def test_a_mail_is_accepted_and_arrives(email: Email, mailbox: Mailbox) -> None:
    outcome = await send(email, mailbox, data=msgspec.Raw(b'{"url":"https://shop.example/42"}'))

    payload, headers = await mailbox.got_one()
    assert isinstance(outcome, Accepted)
    assert len(outcome.provider_id) == 12
    assert (payload["subject"], payload["from"]) == ("Shipped", '"Shop" <no-reply@shop.example>')
    assert payload["to"] == mailbox.address
    assert payload["text"] == "Shipped\n\nYour order is on its way\n\nhttps://shop.example/42\n"
    assert '<a href="https://shop.example/42">' in payload["html"]
    assert headers["list-unsubscribe"] == "<https://shop.example/off/ada>"
    assert headers["auto-submitted"] == "auto-generated"


async def test_a_second_copy_is_the_same_mail(email: Email, mailbox: Mailbox) -> None:
    for _ in range(2):
        await send(email, mailbox)
    await send(email, mailbox, notification_id="another")

    assert len(await mailbox.got()) == 3
    assert len(await mailbox.shows()) == 2


@pytest.mark.parametrize("text", [".", "..", ".\n.\n\n..\n...x\n.", "\r\n.\r\nQUIT\r\n", "é" * 3000, "a " * 2000])
async def test_every_text_arrives_as_it_is(email: Email, mailbox: Mailbox, text: str) -> None:
    assert isinstance(await send(email, mailbox, message=text), Accepted)
    assert (await mailbox.got_one())[0]["text"] == "Shipped\n\n" + text.replace("\r", "").strip() + "\n"


async def test_a_mailbox_beyond_ascii_is_reached(email: Email, http: httpx.AsyncClient) -> None:
    mailbox = Mailbox(http, "zoë@bücher.example")

    assert isinstance(await send(email, mailbox), Accepted)
    assert (await mailbox.got_one())[0]["to"] == "zoë@xn--bcher-kva.example"


async def test_a_mailbox_that_was_closed_is_gone(email: Email, mailbox: Mailbox) -> None:
    await mailbox.is_closed()

    assert await send(email, mailbox) == Gone("5.1.1")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 450}, Throttled("4.2.0")),
        ({"status": 451, "reason": "4.7.1 slow down"}, Throttled("4.7.1")),
        ({"status": 452, "at": "data"}, Unavailable("4.3.1")),
        ({"status": 421, "at": "end"}, Unavailable("4.3.2")),
        ({"status": 550, "reason": ""}, Rejected("smtp_550", "")),
        ({"status": 550, "reason": "5.1.6 has moved"}, Gone("5.1.6")),
        ({"status": 552, "at": "end"}, Rejected("5.3.4", "5.3.4 too big")),
        ({"status": 530, "reason": "5.7.0 who are you?"}, Misconfigured("5.7.0", "5.7.0 who are you?")),
    ],
)
async def test_what_is_refused_has_its_outcome_and_the_next_one_goes(
    build: Build, mailbox: Mailbox, fault: dict[str, object], outcome: Outcome
) -> None:
    email = build()
    await mailbox.meets(**fault)
    refused = await send(email, mailbox)

    assert refused == outcome
    assert isinstance(await send(email, mailbox), Accepted)
    assert len(await mailbox.got()) == 1


async def test_a_server_that_hangs_with_the_mail_may_have_accepted_it(build: Build, mailbox: Mailbox) -> None:
    email = build(smtp_deadline_s=1.5)
    await mailbox.meets(hang_s=30)

    assert await send(email, mailbox) == Unavailable("timeout", ambiguous=True)
    assert len(await mailbox.got()) == 1


@pytest.mark.parametrize("at", ["rcpt", "data"])
async def test_a_server_that_hangs_before_it_has_the_mail_has_not(build: Build, mailbox: Mailbox, at: str) -> None:
    email = build(smtp_deadline_s=1.5)
    await mailbox.meets(hang_s=30, at=at)

    assert await send(email, mailbox) == Unavailable("timeout", ambiguous=False)
    assert isinstance(await send(email, mailbox), Accepted)
    assert len(await mailbox.got()) == 1


async def test_a_connection_that_breaks_with_the_mail_may_have_carried_it(build: Build, mailbox: Mailbox) -> None:
    email = build()
    await send(email, mailbox, notification_id="first")  # over a connection that is kept, and still not said twice
    await mailbox.meets(accident="reset")

    assert await send(email, mailbox) == Unavailable("connection_lost", ambiguous=True)
    assert len(await mailbox.got()) == 2


@pytest.mark.parametrize("at", ["rcpt", "data"])
async def test_a_connection_that_breaks_before_has_not(build: Build, mailbox: Mailbox, at: str) -> None:
    email = build()
    await mailbox.meets(accident="reset", at=at, times=2)
    outcome = await send(email, mailbox)

    assert outcome == Unavailable("connection_lost", ambiguous=False)
    assert await mailbox.got() == []


@pytest.mark.parametrize("at", ["rcpt", "data"])
async def test_a_kept_connection_that_breaks_before_is_replaced(build: Build, mailbox: Mailbox, at: str) -> None:
    email = build()
    await send(email, mailbox, notification_id="first")
    await mailbox.meets(accident="reset", at=at)

    assert isinstance(await send(email, mailbox), Accepted)
    assert len(await mailbox.got()) == 2


async def test_a_connection_closed_while_it_is_idle_costs_nothing(build: Build, mailbox: Mailbox) -> None:
    email = build(smtp_connections=1)
    await mailbox.meets(accident="goaway", times=3)
    outcomes = [await send(email, mailbox, notification_id=str(number)) for number in range(4)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(await mailbox.got()) == 4


async def test_a_burst_is_carried_whole(build: Build, mailbox: Mailbox) -> None:
    email = build()
    outcomes = await asyncio.gather(*(send(email, mailbox, notification_id=str(number)) for number in range(100)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(await mailbox.shows()) == 100


async def test_a_wrong_password_is_our_fault(build: Build, mailbox: Mailbox) -> None:
    outcome = await send(build(smtp_password="wrong"), mailbox)

    assert outcome == Misconfigured("5.7.8", "5.7.8 wrong username or password")


async def test_a_server_that_no_authority_knows_is_told_nothing(build: Build, mailbox: Mailbox) -> None:
    outcome = await send(build(smtp_ca=""), mailbox)

    assert isinstance(outcome, Misconfigured)
    assert outcome.code == "untrusted"
    assert await mailbox.got() == []


async def test_a_server_that_is_away_was_surely_not_reached(build: Build, mailbox: Mailbox) -> None:
    assert await send(build(smtp_port=9), mailbox) == Unavailable("no_connection", ambiguous=False)


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@example.com\r\nDATA", "a b@example.com", "<ada@example.com>", "ada@example.com>"]
)
async def test_a_malformed_address_is_rejected_unsent(email: Email, address: str) -> None:
    outcome = await email.send(PLAIN, Target("email", address))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "bad_address"


async def test_a_message_without_anything_to_read_is_rejected_unsent(email: Email, mailbox: Mailbox) -> None:
    outcome = await send(email, mailbox, title="", message="")

    assert isinstance(outcome, Rejected)
    assert await mailbox.got() == []


async def test_malformed_settings_are_told_at_the_start(build: Build) -> None:
    with pytest.raises(ValueError, match="HARK_MAIL_FROM"):
        build(mail_from="")


async def test_it_runs_on_the_workers_event_loop(email_settings: EmailSettings, mailbox: Mailbox) -> None:
    async def there() -> list[Outcome]:
        email = Email(msgspec.structs.replace(email_settings, smtp_deadline_s=1.5))
        untrusting = Email(msgspec.structs.replace(email_settings, smtp_ca=""))
        numbers = itertools.count()
        sends = [send(email, mailbox, notification_id=str(next(numbers))) for _ in range(3)]
        outcomes = [*await asyncio.gather(*sends), await send(email, mailbox), await send(untrusting, mailbox)]
        await email.aclose()
        return outcomes

    await mailbox.meets(accident="goaway", times=2)
    await mailbox.meets(accident="reset")
    await mailbox.meets(hang_s=30)
    outcomes = await asyncio.to_thread(uvloop.run, there())

    assert sorted(type(outcome).__name__ for outcome in outcomes[:3]) == ["Accepted", "Accepted", "Unavailable"]
    assert outcomes[3] == Unavailable("timeout", ambiguous=True)
    assert isinstance(outcomes[4], Misconfigured)


async def test_a_server_that_speaks_tls_from_the_first_byte(simulator: Simulator) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    service = MailService(Deliveries(), Faults(), GoneMailboxes(), None)
    mail_server = SmtpServer(service, simulator.papers.smtp_tls(), encrypted=True)
    await mail_server.open(listening)
    settings = EmailSettings(
        smtp_host="localhost",
        smtp_port=listening.getsockname()[1],
        smtp_security="tls",
        smtp_ca=str(simulator.papers.apns_ca),
        mail_from="n@shop.example",
    )
    trusting, wary = Email(settings), Email(msgspec.structs.replace(settings, smtp_ca=""))
    trusted, untrusted = await trusting.send(PLAIN, ADA), await wary.send(PLAIN, ADA)
    for each in (trusting, wary, mail_server):
        await each.aclose()

    assert isinstance(trusted, Accepted)
    assert isinstance(untrusted, Misconfigured)
    assert untrusted.code == "untrusted"


async def test_a_server_that_restarts_is_found_again() -> None:
    service = MailService(Deliveries(), Faults(), GoneMailboxes(), None)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    first = SmtpServer(service, None)
    await first.open(listening)
    email = Email(
        EmailSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="n@shop.example")
    )
    before = await asyncio.gather(*(email.send(PLAIN, ADA) for _ in range(8)))
    await first.aclose()
    during = await email.send(PLAIN, ADA)
    second = SmtpServer(service, None)
    await second.open(socket.create_server(("127.0.0.1", port)))
    after = await email.send(PLAIN, ADA)
    await email.aclose()
    await second.aclose()

    assert {type(outcome) for outcome in before} == {Accepted}
    assert during == Unavailable("no_connection", ambiguous=False)
    assert isinstance(after, Accepted)
