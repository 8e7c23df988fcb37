"""Server-sent events: what a frame looks like on a stream."""

import pytest

from hub.live import frames, server_sent

ENTRY = b'{"seq":7,"title":"\\"cursor\\":\\"9-aaaaaaaa\\"","data":{"cursor":"8-bbbbbbbb"},"cursor":"7-cccccccc"}'


@pytest.mark.parametrize(
    ("message", "head"),
    [
        (frames.msg(ENTRY), b"event: msg\nid: 7-cccccccc\n"),
        (frames.msg_page([ENTRY.replace(b"7", b"6"), ENTRY]), b"event: msg\nid: 7-cccccccc\n"),
        (frames.welcome(user="ada", head=0, unread=0, ping_s=25, cursor="0"), b"event: welcome\nid: 0\n"),
        (frames.gap(1, 2), b"event: gap\n"),
        (frames.PING, b"event: ping\n"),
        (frames.live("news", b'{"t":"msg","cursor":"1-dddddddd"}'), b"event: live\n"),
    ],
)
def test_an_event_carries_its_frame_and_the_cursor_of_its_last_entry(message: bytes, head: bytes) -> None:
    assert server_sent.event(message) == head + b"data: " + message + b"\n\n"


def test_no_line_break_of_a_sender_ends_a_field() -> None:
    injected = frames.live("news", b'{"a":\r\n\r\nevent: msg\ndata: 1}')
    event = server_sent.event(injected)
    assert event.count(b"\n") == 3  # of `event`, of `data`, of the end
    assert b"\r" not in event


def test_a_chunk_says_how_long_its_events_are() -> None:
    both = server_sent.event(frames.PING) + server_sent.event(frames.gap(1, 2))
    size, _, rest = server_sent.chunk([frames.PING, frames.gap(1, 2)]).partition(b"\r\n")
    assert (int(size, 16), rest) == (len(both), both + b"\r\n")


def test_a_goodbye_is_the_last_chunk() -> None:
    assert server_sent.goodbye(4000, "drain").endswith(
        b'event: close\ndata: {"t":"close","code":4000,"reason":"drain"}\n\n\r\n0\r\n\r\n'
    )
