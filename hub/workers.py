"""Several hub processes on one port: each listens by itself (SO_REUSEPORT), and the kernel spreads the connections."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable

import structlog

log = structlog.get_logger()

DEATHS = 5
WITHIN_S = 60.0
PAUSE_S = 0.5


class Workers:
    """Runs `serve` in several processes until SIGTERM or SIGINT, and starts again what dies.

    To be used before any thread or event loop exists: the processes are forks.
    """

    def __init__(self, count: int, serve: Callable[[], int]) -> None:
        self._count = count
        self._serve = serve
        self._pids: set[int] = set()
        self._stopping = False
        self._deaths: deque[float] = deque(maxlen=DEATHS)

    def run(self) -> int:
        """The exit code: 0 when asked to stop, 1 after five deaths within a minute, which are no accident."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _: self._stop(received))
        self._pids = {self._fork() for _ in range(self._count)}
        gave_up = False
        while self._pids:
            pid, status = os.wait()
            self._pids.discard(pid)
            if not self._stopping:
                log.warning("workers.died", pid=pid, code=os.waitstatus_to_exitcode(status))
                gave_up = self._start_again()
        return 1 if gave_up else 0

    def _start_again(self) -> bool:
        """True when it makes no sense any more."""
        self._deaths.append(time.monotonic())
        if len(self._deaths) == DEATHS and self._deaths[-1] - self._deaths[0] < WITHIN_S:
            log.error("workers.gave_up", deaths=DEATHS, within_s=WITHIN_S)
            self._stop(signal.SIGTERM)
            return True
        time.sleep(PAUSE_S)
        if not self._stopping:
            self._pids.add(self._fork())
        return False

    def _stop(self, number: int) -> None:
        self._stopping = True
        for pid in self._pids:
            os.kill(pid, number)

    def _fork(self) -> int:
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            code = self._serve()
            sys.stdout.flush()
            os._exit(code)
        return pid
