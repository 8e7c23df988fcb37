"""Ephemeral topics: slices, joined writes, order."""

import asyncio

from hub.live.connection import Connection
from hub.live.framing import Encoded, encoded
from hub.live.topics import Topics
from hub.live.writer import MOST, Writer
from tests.hub.live.test_connection import Client


def member(topics: Topics) -> Client:
    client = Client()
    topics.join("news", client.connection)
    return client


def live(number: int) -> Encoded:
    return Encoded(b"", b"%d;" % number)


async def test_a_message_of_an_idle_topic_is_written_at_once() -> None:
    topics = Topics(Writer())
    clients = [member(topics) for _ in range(3)]
    topics.publish("news", encoded(b"hello"))
    assert [client.heard for client in clients] == [[b"hello"]] * 3


async def test_a_large_topic_leaves_the_loop_its_turn_and_what_waits_is_joined() -> None:
    topics = Topics(Writer())
    clients = [member(topics) for _ in range(MOST * 3)]
    for number in range(100):
        topics.publish("news", live(number))
    assert sum(len(client.frames) for client in clients) == MOST  # one slice, then the loop
    turns = 0
    while len(clients[-1].frames) < 2:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 5
    for client in clients:
        assert client.frames == [b"0;", b"".join(b"%d;" % number for number in range(1, 100))]


async def test_who_does_not_read_is_skipped() -> None:
    topics = Topics(Writer())
    stuck, quick = member(topics), member(topics)
    stuck.connection.pause()
    topics.publish("news", encoded(b"hello"))
    assert (stuck.heard, quick.heard) == ([], [b"hello"])


async def test_the_first_and_the_last_of_a_topic_are_told() -> None:
    topics = Topics(Writer())
    one, two = Client().connection, Client().connection
    assert (topics.join("news", one), topics.join("news", two)) == (True, False)
    assert (topics.leave("news", one), topics.leave("news", one), topics.leave("news", two)) == (False, False, True)


async def test_leaving_in_the_middle_of_a_pass_disturbs_nobody() -> None:
    topics = Topics(Writer())
    clients = [member(topics) for _ in range(MOST * 2)]
    topics.publish("news", live(1))
    topics.publish("news", live(2))
    for client in clients[1:]:
        topics.leave("news", client.connection)
    for _ in range(10):
        await asyncio.sleep(0)
    assert clients[0].frames == [b"1;", b"2;"]


def test_a_connection_starts_without_topics() -> None:
    assert isinstance(Client().connection, Connection)
    assert Client().connection.joined is None
