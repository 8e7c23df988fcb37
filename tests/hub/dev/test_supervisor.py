"""Real small processes that are started, die, are started again and stopped."""

import os
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest

from hub.dev.errors import GaveUpError, StartError
from hub.dev.ports import free_ports
from hub.dev.probes import http_ok
from hub.dev.process import Child
from hub.dev.supervisor import supervised

from .heard import Heard, gone

WAIT = "import signal; signal.pause()"
SERVE = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
TELL_WHEN_STOPPED = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(sys.argv[1], "leaves", flush=True)))
print(sys.argv[1], "is here", flush=True)
signal.pause()
"""

STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.write(1, b"%d stays\\n" % os.getpid())
signal.pause()
"""
PRINT_AND_DIE = """
import sys
for number in range(100):
    print("line", number)
sys.exit(7)
"""
# Its second process, in a session of its own as those of Postgres are, leaves when it sees that the first is gone.
LEAVE_AN_ORPHAN = """
import os, signal
mine, its = os.pipe()
if os.fork():
    os.close(mine)
    signal.pause()
os.setsid()
os.close(its)
print("the orphan is here", flush=True)
os.read(mine, 1)
print("the orphan leaves", flush=True)
"""


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


def child(name: str, code: str, *arguments: str, stop_within_s: float = 5, quiet: bool = False) -> Child:
    argv = [sys.executable, "-c", code, *arguments]
    return Child(name=name, argv=argv, env=os.environ, ready=at_once, stop_within_s=stop_within_s, quiet=quiet)


def server(name: str, port: int) -> Child:
    return replace(child(name, SERVE, str(port)), ready=http_ok(port, "/"))


def ignore(pids: Mapping[str, int]) -> None:
    """For tests that do not look at them."""


async def test_a_killed_child_runs_again_on_its_port_and_the_others_do_not_notice() -> None:
    told: list[dict[str, int]] = []
    terminal = Heard()
    port, other_port = free_ports(2)
    async with supervised(terminal, lambda pids: told.append(dict(pids))) as supervisor:
        await supervisor.start(server("hub", port), server("worker", other_port))
        before = dict(supervisor.pids)
        os.kill(before["hub"], signal.SIGKILL)
        await terminal.says("hub runs again")
        assert await http_ok(port, "/")()
    assert "hub was killed by signal 9 (Killed)" in terminal.text
    assert told[-2] == before
    assert told[-1]["hub"] != before["hub"]
    assert told[-1]["worker"] == before["worker"]


async def test_children_stop_one_after_the_other_the_last_started_first() -> None:
    terminal = Heard()
    names = ["postgres", "valkey", "hub"]
    async with supervised(terminal, ignore) as supervisor:
        await supervisor.start(*(child(name, TELL_WHEN_STOPPED, name) for name in names))
        for name in names:
            await terminal.says(f"{name} is here")
    leaving = [line for line in terminal.text.splitlines() if line.endswith("leaves")]
    assert [line.split()[0] for line in leaving] == ["hub", "valkey", "postgres"]


async def test_a_child_that_ignores_its_signal_is_killed_with_all_it_started() -> None:
    terminal = Heard()
    async with supervised(terminal, ignore) as supervisor:
        await supervisor.start(child("hub", STUBBORN, stop_within_s=0.1))
        await terminal.says("stays", times=2)
    assert "hub did not stop in time and was killed" in terminal.text
    for pid in re.findall(r"(\d+) stays", terminal.text):
        await gone(int(pid))


async def test_a_quiet_child_is_heard_when_it_dies() -> None:
    terminal = Heard()
    async with supervised(terminal, ignore) as supervisor:
        await supervisor.start(child("postgres", PRINT_AND_DIE, quiet=True))
        await terminal.says("postgres ended with exit code 7")
    assert terminal.text.count("postgres  | line") == 20
    assert "postgres  | line 99" in terminal.text


async def test_five_deaths_stop_everything_with_the_reason() -> None:
    terminal = Heard()
    told: list[int] = []

    async def run() -> None:
        async with supervised(terminal, lambda pids: told.append(pids["worker"])) as supervisor:
            await supervisor.start(child("worker", WAIT))
            await supervisor.start(replace(child("hub", "import sys; sys.exit(3)"), ready=never))

    with pytest.raises(ExceptionGroup) as stopped:
        await run()
    [error] = stopped.value.exceptions
    assert isinstance(error, GaveUpError)
    assert "hub ended with exit code 3 before it was ready" in str(error)
    assert terminal.text.count("hub ended with exit code 3") == 5
    await gone(told[0])


async def test_an_error_in_the_block_stops_the_children_too() -> None:
    told: list[int] = []

    async def run() -> None:
        async with supervised(Heard(), lambda pids: told.append(pids["hub"])) as supervisor:
            await supervisor.start(child("hub", WAIT))
            raise StartError("no key")

    with pytest.raises(ExceptionGroup):
        await run()
    await gone(told[0])


async def test_a_new_start_waits_for_what_the_dead_left_behind() -> None:
    terminal = Heard()
    async with supervised(terminal, ignore) as supervisor:
        await supervisor.start(child("postgres", LEAVE_AN_ORPHAN))
        await terminal.says("the orphan is here")
        os.kill(supervisor.pids["postgres"], signal.SIGKILL)
        await terminal.says("the orphan is here", times=2)
    assert terminal.text.index("the orphan leaves") < terminal.text.index("postgres runs again")
