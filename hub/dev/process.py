"""A child process: what to start, and one run of it. Knows nothing of restarts, order, or what it does."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypedDict

from hub.dev.account import Account
from hub.dev.orphans import die_with_parent
from hub.dev.probes import Probe

READY_WITHIN_S = 60.0  # Postgres may have a crash to recover from
ASK_AGAIN_S = 0.03
KILLED_WITHIN_S = 1.0  # SIGKILL needs no more, unless the disk hangs, and then waiting does not help


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to be kept running. `env` is its whole environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Probe
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 2.0
    orphan_signal: signal.Signals = signal.SIGKILL  # sent by the kernel (Linux) when `hark dev` is gone
    quiet: bool = False  # its lines are shown only when it dies


class Process:
    """One run of a child, in a session of its own: the terminal's Ctrl-C must not reach it before us."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process) -> None:
        self.child = child
        self.pid = process.pid
        self._process = process

    @classmethod
    async def start(cls, child: Child, *, output: int) -> "Process":
        """Fork and exec. The file descriptor `output` takes both streams; the caller closes its own copy."""
        process = await asyncio.create_subprocess_exec(
            *child.argv,
            env=child.env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(child.orphan_signal),
            **as_account(child.account),
        )
        return cls(child, process)

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def end(self) -> int:
        """Wait for its end, then kill what it left in its group. The exit code, or minus the signal."""
        code = await self._process.wait()
        self._kill()
        return code

    async def until_ready(self, within_s: float = READY_WITHIN_S) -> bool:
        """False when it ended before it was ready, or took too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.ended:
                    if await self.child.ready():
                        return True
                    await asyncio.sleep(ASK_AGAIN_S)
        return False

    async def stop(self) -> bool:
        """Ask with the child's own signal; False when that took too long and its whole group was killed."""
        if self.ended:
            return True
        self._process.send_signal(self.child.stop_signal)
        if await self._ends_within(self.child.stop_within_s):
            return True
        self._kill()
        await self._ends_within(KILLED_WITHIN_S)
        return False

    async def _ends_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.end()
                return True
        return False

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # nobody is left
            os.killpg(self.pid, signal.SIGKILL)


class _Become(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]
    cwd: str


def as_account(account: Account | None) -> _Become:
    """How to start a process as somebody else; the folder we are in may be closed to them."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": [], "cwd": "/"}
