"""The simulated mail server's side of a conversation, where it is stricter than our provider needs."""

import base64

import pytest

from delivery.simulator.deliveries import Deliveries
from delivery.simulator.faults import Fault, Faults
from delivery.simulator.gone import Gone
from delivery.simulator.mail_service import MailService
from delivery.simulator.smtp_login import Login
from delivery.simulator.smtp_session import MAX_MAIL_BYTES, Session

MAIL = b"From: n@shop.example\r\nTo: a@b.c\r\nSubject: x\r\nDate: now\r\nMessage-ID: <1@a>\r\n\r\nhello\r\n"
ENVELOPE = ["EHLO here", "MAIL FROM:<n@shop.example>", "RCPT TO:<a@b.c>", "DATA"]


class Conversation:
    """With a server that wants neither encryption nor a login, unless a test says so."""

    def __init__(self, *, login: Login | None = None, encrypts: bool = False) -> None:
        self.deliveries, self.faults = Deliveries(), Faults()
        service = MailService(self.deliveries, self.faults, Gone(), login)
        self._session = Session(service, encrypts=encrypts)
        self.ended = ""
        """How it was, by the server."""

    def hears(self, *lines: str | bytes) -> list[str]:
        """What the server answers; of an answer with several lines, the last."""
        for line in lines:
            self._session.feed(line if isinstance(line, bytes) else f"{line}\r\n".encode())
        answers = []
        while turn := self._session.turn():
            answers += turn.said.decode().splitlines()[-1:]
            if turn.then == "encrypt":
                self._session.encrypted()
            elif turn.then != "go on":
                self.ended = turn.then
                break
        return answers

    def codes(self, *lines: str | bytes) -> list[int]:
        return [int(answer[:3]) for answer in self.hears(*lines)]


def test_a_mail_is_taken() -> None:
    with_server = Conversation()

    assert with_server.codes(*ENVELOPE, MAIL + b".\r\n", "QUIT") == [250, 250, 250, 354, 250, 221]
    assert with_server.ended == "close"
    assert len(with_server.deliveries.sent("a@b.c")) == 1


def test_bytes_may_come_one_by_one_and_all_at_once() -> None:
    said = "\r\n".join([*ENVELOPE, ""]).encode() + MAIL + b".\r\nNOOP\r\n"
    slow, quick = Conversation(), Conversation()

    assert slow.codes(*(said[place : place + 1] for place in range(len(said)))) == quick.codes(said)
    assert slow.deliveries.sent("a@b.c")[0].payload == quick.deliveries.sent("a@b.c")[0].payload


def test_dots_are_given_back() -> None:
    with_server = Conversation()
    with_server.hears(*ENVELOPE, MAIL + b"..\r\n..x\r\n.\r\n")

    assert b"hello\\n.\\n.x\\n" in bytes(with_server.deliveries.sent("a@b.c")[0].payload)


@pytest.mark.parametrize("mail", [b".\r\n", b"no headers\r\n.\r\n"])
def test_a_mail_without_headers_is_refused(mail: bytes) -> None:
    assert Conversation().codes(*ENVELOPE, mail)[-1] == 554


def test_a_mail_is_at_most_a_megabyte() -> None:
    with_server = Conversation()
    chunks = [b"x" * 900 + b"\r\n"] * (MAX_MAIL_BYTES // 900)

    assert with_server.codes(*ENVELOPE, MAIL, *chunks, b".\r\n", "NOOP")[-2:] == [552, 250]
    assert with_server.codes("MAIL FROM:<n@shop.example> SIZE=1000001") == [552]
    assert with_server.codes("MAIL FROM:<n@shop.example> SIZE=1000000 BODY=8BITMIME") == [250]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["MAIL FROM:<a@b.c>"], 503),
        (["EHLO"], 501),
        (["HELO"], 501),
        (["HELO here"], 250),
        (["WHAT"], 500),
        ([b"\xff\xfe\r\n"], 500),
        (["EHLO here", "MAIL TO:<a@b.c>"], 501),
        (["EHLO here", "MAIL FROM: a@b.c"], 501),
        (["EHLO here", "MAIL FROM:<a@b.c> NOTIFY=NEVER"], 555),
        (["EHLO here", "MAIL FROM:<a@b.c>", "MAIL FROM:<a@b.c>"], 503),
        (["EHLO here", "RCPT TO:<a@b.c>"], 503),
        ([*ENVELOPE[:2], "RCPT FROM:<a@b.c>"], 501),
        ([*ENVELOPE[:2], "RCPT TO:<nobody>"], 553),
        ([*ENVELOPE[:2], "RCPT TO:<zoë@b.c>"], 553),
        (["EHLO here", "MAIL FROM:<a@b.c> SMTPUTF8", "RCPT TO:<zoë@b.c>"], 250),
        ([*ENVELOPE[:3], "RCPT TO:<d@b.c>"], 452),
        ([*ENVELOPE[:2], "DATA"], 503),
        ([*ENVELOPE[:3], "DATA now"], 501),
        ([*ENVELOPE[:3], "RSET", "DATA"], 503),
        ([*ENVELOPE[:3], "RSET now"], 501),
        ([*ENVELOPE[:3], "EHLO here", "DATA"], 503),
        (["STARTTLS"], 503),
        (["EHLO here", "AUTH PLAIN x"], 503),
    ],
)
def test_what_is_out_of_place_has_its_code(lines: list[str | bytes], code: int) -> None:
    assert Conversation().codes(*lines)[-1] == code


def test_a_line_without_an_end_ends_the_conversation() -> None:
    with_server = Conversation()

    assert with_server.codes(b"x" * 5000) == [500]
    assert with_server.ended == "close"


def test_nothing_is_heard_before_encryption() -> None:
    with_server = Conversation(login=Login("shop", "secret"), encrypts=True)

    assert with_server.codes("EHLO here", "AUTH PLAIN x", "MAIL FROM:<a@b.c>") == [250, 530, 530]
    # What came along with STARTTLS in the clear may be somebody else's, and is forgotten.
    assert with_server.codes("STARTTLS", "EHLO injected") == [220]
    assert with_server.hears("MAIL FROM:<a@b.c>", "EHLO here", "STARTTLS") == [
        "530 5.7.0 log in first",
        "250 AUTH PLAIN LOGIN",
        "503 5.5.1 not now",
    ]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (["AUTH PLAIN " + encoded("\0shop\0secret")], [235]),
        (["AUTH PLAIN", encoded("\0shop\0secret")], [334, 235]),
        (["AUTH LOGIN " + encoded("shop"), encoded("secret")], [334, 235]),
        (["auth login", encoded("shop"), encoded("secret")], [334, 334, 235]),
        (["AUTH PLAIN " + encoded("\0shop\0other")], [535]),
        (["AUTH PLAIN " + encoded("shop")], [535]),
        (["AUTH PLAIN", "*"], [334, 535]),
        (["AUTH LOGIN é", "\xff"], [334, 535]),
        (["AUTH CRAM-MD5"], [504]),
        (["AUTH PLAIN " + encoded("\0shop\0secret"), "AUTH LOGIN"], [235, 503]),
    ],
)
def test_who_logs_in(lines: list[str], codes: list[int]) -> None:
    with_server = Conversation(login=Login("shop", "secret"))

    assert with_server.codes("MAIL FROM:<a@b.c>", "EHLO here", *lines) == [530, 250, *codes]


def test_who_guesses_is_hung_up_on() -> None:
    with_server = Conversation(login=Login("shop", "secret"))

    assert with_server.codes("EHLO here", *["AUTH PLAIN " + encoded("\0shop\0?")] * 9) == [250, 535, 535, 535]
    assert with_server.ended == "close"


def test_a_fault_is_met_where_it_was_asked_for() -> None:
    with_server = Conversation()
    for fault in (
        Fault(device="a@b.c", status=450),
        Fault(device="a@b.c", reason="5.1.6 has moved"),
        Fault(device="a@b.c", reason="4.7.1 slow"),
        Fault(device="a@b.c", status=452, at="data"),
        Fault(device="a@b.c", status=599, reason="", at="end"),
    ):
        with_server.faults.add("a@b.c", fault)
    refused = [with_server.hears("RSET", *ENVELOPE)[3:] for _ in range(3)]

    assert refused == [
        ["450 4.2.0 not now", "503 5.5.1 not now"],
        ["550 5.1.6 has moved", "503 5.5.1 not now"],
        ["450 4.7.1 slow", "503 5.5.1 not now"],
    ]
    assert with_server.hears("RSET", *ENVELOPE)[-1] == "452 4.3.1 no room"
    assert with_server.hears("RSET", *ENVELOPE, MAIL + b".\r\n")[-1] == "599 "
    assert with_server.deliveries.sent("a@b.c") == []
