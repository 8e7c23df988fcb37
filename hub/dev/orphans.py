"""Nothing may outlive `hark dev`, even one that was killed with SIGKILL."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
STOPPED_WITHIN_S = 5.0  # for each of the two signals
ASK_AGAIN_S = 0.02


def die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: has the kernel signal the child when its parent is gone. None where kernels do not.

    Python calls it after the change of user, as it must: that change clears the setting. The "parent" is the
    thread that forks, so children are started from a thread that lives as long as they do.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: after the fork only the call itself is safe
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_the_kernel


async def stop_left_behind(pid_file: Path, *, of: Path) -> None:
    """Stop the Postgres that a killed `hark dev` left running on the cluster `of`, if there is one.

    A pid file that names another process is removed: after a restart of the machine its number is somebody
    else's, and Postgres would refuse to start.
    """
    pid = _first_number(pid_file)
    for how in (signal.SIGINT, signal.SIGKILL):
        if _runs_on(pid, of):
            os.kill(pid, how)
            await _gone(pid, of)
    _forget(pid_file)


async def _gone(pid: int, folder: Path) -> None:
    for _ in range(int(STOPPED_WITHIN_S / ASK_AGAIN_S)):
        if not _runs_on(pid, folder):
            return
        await asyncio.sleep(ASK_AGAIN_S)


def _forget(pid_file: Path) -> None:
    pid_file.unlink(missing_ok=True)


def _first_number(pid_file: Path) -> int:
    """0, which is no process, when there is none."""
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return 0


def _runs_on(pid: int, folder: Path) -> bool:
    """Whether `pid` is a live process that was started on `folder`."""
    if sys.platform == "linux":
        with suppress(FileNotFoundError, ProcessLookupError):
            return str(folder) in Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        return False
    ps = ["/bin/ps", "-o", "args=", "-p", str(pid)]
    found = subprocess.run(ps, capture_output=True, text=True, check=False)  # noqa: S603 - a constant and a number
    return str(folder) in found.stdout
