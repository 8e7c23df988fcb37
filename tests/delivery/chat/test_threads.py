"""Calls that block, in threads."""

import asyncio
import sys
import threading
from asyncio.subprocess import PIPE

import pytest

from delivery.chat.threads import NoRoom, Threads


async def test_a_call_gives_what_it_gives_and_raises_what_it_raises() -> None:
    threads = Threads(1)
    assert await threads.run(lambda: 42, within_s=10) == 42
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0, within_s=10)


async def test_a_call_that_hangs_is_left_alone_and_keeps_its_place_until_it_ends() -> None:
    threads, ended = Threads(1), threading.Event()
    try:
        with pytest.raises(TimeoutError):
            await threads.run(lambda: ended.wait(30), within_s=0.05)
        with pytest.raises(NoRoom):
            await threads.run(lambda: True, within_s=0.05)
    finally:
        ended.set()

    assert await threads.run(lambda: True, within_s=10)


async def test_who_stops_waiting_gives_the_place_back_when_the_call_has_ended() -> None:
    threads, began, ended = Threads(1), threading.Event(), threading.Event()

    def call() -> bool:
        began.set()
        return ended.wait(30)

    waiting = asyncio.ensure_future(threads.run(call, within_s=30))
    await asyncio.to_thread(began.wait, 30)
    waiting.cancel()
    ended.set()

    assert await threads.run(lambda: True, within_s=10)


async def test_no_more_run_at_once_than_it_says() -> None:
    threads, running = Threads(3), []
    all_in, lock = threading.Barrier(3), threading.Lock()
    most = 0

    def call() -> None:
        nonlocal most
        with lock:
            running.append(1)
            most = max(most, len(running))
        all_in.wait(10)
        with lock:
            running.pop()

    await asyncio.gather(*(threads.run(call, within_s=20) for _ in range(6)))
    assert most == 3


async def test_a_call_that_hangs_keeps_no_process_alive() -> None:
    program = """
import asyncio, threading
from delivery.chat.threads import Threads
async def main():
    try:
        await Threads(1).run(threading.Event().wait, within_s=0.05)
    except TimeoutError:
        print("late")
asyncio.run(main())
"""
    python = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=PIPE)
    async with asyncio.timeout(30):
        said, _ = await python.communicate()

    assert (python.returncode, said) == (0, b"late\n")
