"""A connection, stepped through by hand: no socket, no store, no clock."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from hub.cursor import cursor_at
from hub.live import frames
from hub.live.close_codes import CloseCode
from hub.live.connection import Connection
from hub.live.framing import Encoded, encoded
from hub.notification import Entry, Page

ID = UUID("01a1fb24-36c5-7a27-8d1f-8ffd5652fad8")


class Client:
    """The other end of the wire, and the store that is asked for pages."""

    direct = -1

    def __init__(self, *, takes: int = 1000) -> None:
        self.heard: list[bytes] = []
        self.frames: list[bytes] = []
        self.wanted: list[int] = []
        self._takes = takes
        self.connection = Connection("ada", self, self, expires_at=0.0)

    def push(self, seq: int, message: bytes) -> bool:
        """Writes an entry when it is the next one, as the fan-out does."""
        is_next = self.connection.push(seq, 0.0)
        if is_next:
            self.write(encoded(message))
        return is_next

    def write(self, text: Encoded) -> None:
        self.heard.append(text.message)
        self.frames.append(text.frame)
        if len(self.heard) == self._takes:
            self.connection.pause()

    def finish(self, text: Encoded, taken: int) -> None:
        raise AssertionError(f"nothing was written past it, not {taken} of {text}")

    def close(self, code: CloseCode) -> None:
        raise AssertionError(f"closed with {code}")

    def abort(self) -> None:
        raise AssertionError("aborted")

    def want_page(self, connection: Connection) -> None:
        self.wanted.append(connection.sent)


def entry(seq: int) -> Entry:
    return Entry(
        seq=seq,
        id=ID,
        title="Hello",
        message="",
        data=msgspec.Raw(b"{}"),
        priority="normal",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        cursor=str(cursor_at(seq, ID)),
    )


def page(*seqs: int, head: int, full: bool = False) -> Page:
    return Page(head, [entry(seq) for seq in seqs], full)


def at(start: int, *, takes: int = 1000) -> Client:
    """A client that has everything up to `start`, which is the head."""
    client = Client(takes=takes)
    client.connection.begin(start, start)
    return client


def test_a_push_that_is_next_is_written_at_once() -> None:
    client = at(4)
    assert client.push(5, b"five")
    assert client.heard == [b"five"]


def test_a_push_that_was_written_before_is_skipped() -> None:
    client = at(4)
    client.push(5, b"five")
    assert not client.push(5, b"five")
    assert client.heard == [b"five"]


def test_a_hole_is_read_from_the_store_and_not_jumped_over() -> None:
    client = at(4)
    client.push(6, b"six")
    assert (client.heard, client.wanted) == ([], [4])
    client.connection.page(page(5, 6, head=6))
    assert client.connection.sent == 6
    assert client.push(7, b"seven")


def test_a_push_between_hello_and_its_answer_is_not_lost() -> None:
    client = Client()
    client.push(5, b"five")
    client.connection.begin(4, 4)
    assert client.wanted == [4]


def test_what_is_published_while_a_page_is_read_is_read_too() -> None:
    client = at(0)
    client.connection.checked(2)
    client.push(3, b"three")
    client.connection.page(page(1, 2, head=2))
    assert client.wanted == [0, 2]


def test_a_full_page_asks_for_the_next_one() -> None:
    client = Client()
    client.connection.begin(0, 4)
    client.connection.page(page(1, 2, head=4, full=True))
    client.connection.page(page(3, 4, head=4, full=True))
    assert client.wanted == [0, 2]


def test_a_lost_last_push_is_found_by_its_position() -> None:
    client = at(4)
    client.connection.checked(5)
    assert client.wanted == [4]


def test_a_client_that_reads_nothing_is_skipped_and_fed_when_it_reads_again() -> None:
    client = at(0, takes=1)
    assert client.push(1, b"one")
    assert not client.push(2, b"two")
    client.connection.checked(3)
    assert (client.heard, client.wanted) == ([b"one"], [])
    client.connection.resume()
    assert client.wanted == [1]


def test_a_page_that_finds_the_transport_full_is_read_again_later() -> None:
    client = Client()
    client.connection.begin(0, 2)
    client.connection.pause()
    client.connection.page(page(1, 2, head=2))
    assert client.heard == []
    client.connection.resume()
    client.connection.page(page(1, 2, head=2))
    assert client.connection.sent == 2


def test_a_page_stops_where_the_transport_is_full() -> None:
    client = Client(takes=1)
    client.connection.begin(0, 4)
    client.connection.page(page(1, 3, 4, head=4))  # in three frames: 1, the gap at 2, then 3 and 4
    assert (client.connection.sent, len(client.heard)) == (1, 1)
    client.connection.resume()
    assert client.wanted == [0, 1]


def test_entries_that_are_large_go_in_several_frames() -> None:
    large = msgspec.structs.replace(entry(1), message="x" * 40_000)
    found = Page(3, [msgspec.structs.replace(large, seq=seq) for seq in (1, 2, 3)], full=False)
    assert [upto for _, upto in frames.page_frames(0, found)] == [1, 2, 3]


def test_a_pause_and_resume_while_a_page_is_read_asks_only_once() -> None:
    client = Client()
    client.connection.begin(0, 2)
    client.connection.pause()
    client.connection.resume()
    assert client.wanted == [0]


def test_an_ack_covers_what_this_connection_was_sent_and_nothing_before() -> None:
    client = at(10)
    client.push(11, b"")
    assert client.connection.ack(11, None) == (10, 11)


def test_an_ack_counts_as_far_as_the_client_was_sent() -> None:
    client = at(10)
    client.push(11, b"")
    assert client.connection.ack(99, None) == (10, 11)
    assert client.connection.acked == 11


def test_an_ack_that_was_lost_with_its_socket_may_be_said_again() -> None:
    assert at(10).connection.ack(10, 7) == (7, 10)


@pytest.mark.parametrize(
    ("after", "found", "said", "reaches"),
    [
        (0, page(1, 2, head=2), ["msg"], 2),
        (0, page(2, 3, head=3), ["gap 1-1", "msg"], 3),
        (0, page(1, 4, head=4), ["msg", "gap 2-3", "msg"], 4),
        (2, page(head=5), ["gap 3-5"], 5),
        (0, page(1, head=3), ["msg", "gap 2-3"], 3),
        (0, page(1, head=3, full=True), ["msg"], 1),
        (3, page(head=3), [], 3),
    ],
)
def test_a_page_says_which_entries_are_gone(after: int, found: Page, said: list[str], reaches: int) -> None:
    messages = list(frames.page_frames(after, found))
    assert [_told(msgspec.json.decode(message)) for message, _ in messages] == said
    assert (messages[-1][1] if messages else after) == reaches


def _told(frame: dict[str, object]) -> str:
    return f"gap {frame['from']}-{frame['to']}" if frame["t"] == "gap" else str(frame["t"])


def test_what_is_no_entry_waits_for_the_welcome_too() -> None:
    client = Client()
    client.connection.tell(encoded(b"state"))
    assert client.connection.keeps(encoded(b"another"))
    assert client.heard == []
    client.connection.begin(0, 0)
    assert client.heard == [b"state", b"another"]
    assert not client.connection.keeps(encoded(b"a third"))
    client.connection.tell(encoded(b"a fourth"))
    assert client.heard == [b"state", b"another", b"a fourth"]
