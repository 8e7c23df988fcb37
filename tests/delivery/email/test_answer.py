import pytest

from delivery.email.answer import GONE, Broken, Reply, Step, outcome_of
from delivery.outcome import Accepted, Gone, Misconfigured, Rejected, Throttled, Unavailable, name_of

STEPS: list[Step] = ["connect", "login", "sender", "recipient", "content", "end"]


@pytest.mark.parametrize(
    ("text", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4Xw2Qz1Yk9z2xWm", "4Xw2Qz1Yk9z2xWm"),  # Postfix
        ("OK id=1tDzQk-00000000abc-1XyZ", "1tDzQk-00000000abc-1XyZ"),  # Exim
        ("2.0.0 4AL8XyZ1012345 Message accepted for delivery", "4AL8XyZ1012345"),  # Sendmail
        ("Ok 0102019353a1b2c3-5d3c-000000", "0102019353a1b2c3-5d3c-000000"),  # Amazon
        ("2.0.0 OK  1732190000 5b1f17b1804b1-432d - gsmtp", "1732190000 5b1f17b1804b1-432d"),  # Google
        ("2.6.0 <a@b> [InternalId=4711, Hostname=X] 8000 bytes Queued mail for delivery", "4711"),  # Exchange
        ("2.0.0 Ok: queued as \x00", ""),
        ("OK", ""),
        ("", ""),
        ("Thank you\nvery much", ""),
    ],
)
def test_what_is_accepted_has_the_servers_name_for_it(text: str, queue_id: str) -> None:
    assert outcome_of(Reply("end", 250, text)) == Accepted(queue_id)


@pytest.mark.parametrize("code", sorted(GONE))
def test_a_mailbox_that_is_not_there_is_gone(code: str) -> None:
    assert outcome_of(Reply("recipient", 550, f"{code} <ada@example.com>: no such user")) == Gone(code)
    assert outcome_of(Reply("end", 550, f"{code} no such user")) == Gone(code)


@pytest.mark.parametrize(
    ("step", "code", "text", "name", "said"),
    [
        ("recipient", 550, "No such user here", "rejected", "smtp_550"),  # as many say of spam
        ("recipient", 550, "5.7.1 Relaying denied", "rejected", "5.7.1"),
        ("recipient", 552, "5.2.2 Mailbox full", "rejected", "5.2.2"),
        ("recipient", 530, "5.7.0 Must issue a STARTTLS command first", "misconfigured", "5.7.0"),
        ("recipient", 450, "4.2.0 Greylisted", "throttled", "4.2.0"),
        ("recipient", 450, "Mailbox busy", "throttled", "smtp_450"),
        ("recipient", 450, "4.3.2 Not accepting", "unavailable", "4.3.2"),
        ("recipient", 451, "4.4.3 No answer from DNS", "unavailable", "4.4.3"),
        ("recipient", 451, "4.7.1 Try again later", "throttled", "4.7.1"),
        ("recipient", 454, "Throttling failure: Maximum sending rate exceeded.", "throttled", "smtp_454"),
        ("end", 552, "5.3.4 Message too big", "rejected", "5.3.4"),
        ("end", 554, "5.7.1 Spam", "rejected", "5.7.1"),
        ("end", 451, "Local error", "unavailable", "smtp_451"),
        ("content", 452, "4.3.1 Out of disk", "unavailable", "4.3.1"),
        ("sender", 530, "5.7.0 Authentication required", "misconfigured", "5.7.0"),
        ("sender", 550, "5.1.1 Who?", "misconfigured", "5.1.1"),  # said of our address
        ("sender", 553, "5.7.1 Not owned by user", "misconfigured", "5.7.1"),
        ("sender", 552, "Message size exceeds fixed limit", "rejected", "smtp_552"),
        ("sender", 555, "5.3.4 Too big", "rejected", "5.3.4"),
        ("sender", 550, "5.6.7 SMTPUTF8 needed", "rejected", "5.6.7"),
        ("sender", 421, "4.7.0 Too many connections", "throttled", "4.7.0"),
        ("connect", 421, "Shutting down", "unavailable", "smtp_421"),
        ("connect", 554, "5.7.1 You are listed", "misconfigured", "5.7.1"),
        ("login", 535, "5.7.8 Bad credentials", "misconfigured", "5.7.8"),
        ("login", 534, "5.7.9 Too weak", "misconfigured", "5.7.9"),
        ("login", 454, "Try again", "unavailable", "smtp_454"),
        ("content", 250, "?", "unavailable", "bad_reply"),
        ("connect", 199, "", "unavailable", "bad_reply"),
        ("connect", -1, "?", "unavailable", "bad_reply"),
    ],
)
def test_a_reply_has_its_outcome(step: Step, code: int, text: str, name: str, said: str) -> None:
    found = outcome_of(Reply(step, code, text))

    assert (name_of(found), getattr(found, "code", None)) == (name, said)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", [421, 450, 451, 550, 552, 554])
def test_whatever_was_refused_was_not_accepted(step: Step, code: int) -> None:
    found = outcome_of(Reply(step, code))

    assert isinstance(found, Rejected | Throttled | Misconfigured | Unavailable)
    assert not getattr(found, "ambiguous", False)


@pytest.mark.parametrize("step", STEPS)
def test_only_a_whole_mail_may_have_been_accepted(step: Step) -> None:
    assert Broken(step, "timeout").outcome == Unavailable("timeout", ambiguous=step == "end")


def test_what_a_server_says_is_kept_short_and_storable() -> None:
    found = outcome_of(Reply("recipient", 550, "5.7.1 no\n\0" + "x" * 500))

    assert found == Rejected("5.7.1", "5.7.1 no " + "x" * 191)
