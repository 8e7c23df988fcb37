"""A socket that is to end does end, and soon: nobody waits for a client, not even for its goodbye."""

import pytest

from hub.live import link
from hub.settings import Settings
from tests.conformance import wire
from tests.conformance.echo import Echo, running_echo
from tests.conformance.peer import Peer, echo_peer

SERVICE_RESTART = 1012
TEXT = 65536
FULL = 4 * TEXT  # more than asyncio and uvloop hold before they call pause_writing
SAID = {
    "goodbye": wire.close(1000),
    "a violation": wire.frame(3),
    "what the hub does not want": wire.frame(wire.BINARY),
    "that, and goodbye": wire.frame(wire.BINARY) + wire.close(4501),
    "that, and a violation": wire.frame(wire.BINARY) + wire.frame(3),
}


IN_A_HURRY = pytest.mark.usefixtures("_hurry")


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CLOSE_TIMEOUT_S", 0.2)


@IN_A_HURRY
@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
async def test_a_client_that_reads_nothing_is_not_waited_for(echo: Echo, said: bytes) -> None:
    async with echo_peer(echo, "attached") as deaf:
        await _fill(echo, deaf)
        deaf.say(said)
        await echo.has_no_sockets()


@IN_A_HURRY
async def test_a_client_that_reads_nothing_and_falls_silent_is_not_waited_for(echo: Echo) -> None:
    async with echo_peer(echo, "attached") as deaf:
        await _fill(echo, deaf)
        deaf.end()
        await echo.has_no_sockets()


@IN_A_HURRY
@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
async def test_a_client_that_does_not_hang_up_is_hung_up_on(echo: Echo, said: bytes) -> None:
    async with echo_peer(echo, "attached") as stubborn:
        stubborn.say(said)
        await echo.has_no_sockets()


@IN_A_HURRY
async def test_a_server_that_stops_says_so_to_everyone_whatever_one_client_does(shared_settings: Settings) -> None:
    with running_echo(shared_settings) as echo:
        async with echo_peer(echo, "attached") as deaf, echo_peer(echo, "attached") as other:
            await _fill(echo, deaf)
            deaf.say(wire.close(1000))
            await other.is_answered()
            echo.stop()
            assert await other.closed_with() == SERVICE_RESTART
            await echo.has_no_sockets()


@pytest.mark.parametrize(
    ("said", "code"), [(wire.close(3000), 3000), (wire.frame(3), 1002)], ids=["goodbye", "violation"]
)
async def test_a_slow_client_hears_everything_and_then_the_goodbye(echo: Echo, said: bytes, code: int) -> None:
    async with echo_peer(echo, "attached") as slow:
        texts = await _fill(echo, slow)
        slow.say(said)
        slow.listen_again()
        for _ in range(texts):
            assert len(await slow.heard_text()) == TEXT
        assert await slow.closed_with() == code


async def _fill(echo: Echo, deaf: Peer) -> int:
    """Makes it so that the server can write nothing more to this client; gives the number of texts that took."""
    deaf.stop_listening()
    texts = 0
    while echo.unwritten() < FULL:
        deaf.say(wire.text(b"*" * TEXT))
        await deaf.has_said()
        texts += 1
    return texts
