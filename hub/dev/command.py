"""`hark dev` itself: from an empty folder to everything ready, then until Ctrl-C or one death too many.

The composition root of this process: it reads the environment.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hub.dev import data_dir as data_dirs
from hub.dev import errand, stack
from hub.dev.credentials import load_or_create
from hub.dev.errors import DevError
from hub.dev.ports import require_free
from hub.dev.postgres import Postgres
from hub.dev.report import FILE as REPORT_FILE
from hub.dev.report import Report
from hub.dev.supervisor import Supervisor, supervised
from hub.dev.terminal import Terminal
from hub.dev.valkey import Valkey

ERRAND_WITHIN_S = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, a process manager, a closed terminal


def dev(*, port: int, data_dir: Path, fresh: bool) -> int:
    """Run until stopped: 0. 1 when something makes that impossible; stderr says what."""
    folder = data_dir.absolute()
    reasons: list[str] = []
    try:
        if fresh:
            data_dirs.require_ours(folder)
        with data_dirs.held(folder):
            require_free(port)
            asyncio.run(_Run(folder, stack.Ports.pick(port, folder=folder), os.environ).until_stopped(fresh=fresh))
    except* DevError as group:
        reasons = [str(error) for error in _leaves(group)]
    for reason in reasons:
        sys.stderr.write(f"hark dev: {reason}\n")
    return 1 if reasons else 0


class _Run:
    """One run on a data directory that is already held."""

    def __init__(self, folder: Path, ports: stack.Ports, outer: Mapping[str, str]) -> None:
        self._folder = folder
        self._ports = ports
        self._outer = outer
        self._terminal = Terminal()
        self._report: Report | None = None  # once everything is ready

    async def until_stopped(self, *, fresh: bool) -> None:
        """Raises an exception group of DevErrors. Nothing runs any more when it returns or raises."""
        stopped = _stop_signals()
        self._forget_report()  # of a run that was killed: who waits for the file must not read that one
        try:
            async with (
                supervised(self._terminal, self._tell_tools) as supervisor,
                asyncio.TaskGroup() as tasks,
            ):
                arriving = tasks.create_task(self._arrive(supervisor, fresh=fresh))
                await stopped.wait()
                self._terminal.note("stopping")
                arriving.cancel()
        finally:
            self._forget_report()

    async def _arrive(self, supervisor: Supervisor, *, fresh: bool) -> None:
        """Start everything, in order, and announce it."""
        if fresh:
            await data_dirs.empty(self._folder)
        credentials = load_or_create(self._folder)
        postgres = Postgres.at(self._folder / data_dirs.POSTGRES, port=self._ports.postgres)
        valkey = Valkey.at(self._folder / data_dirs.VALKEY, port=self._ports.valkey)
        if not postgres.has_data:
            credentials = credentials.without_api_keys()  # another database does not know them
        self._terminal.note("starting; Ctrl-C stops everything")
        papers = self._folder / data_dirs.SIMULATOR
        simulator = stack.simulator(self._outer, self._ports, papers)
        await supervisor.start(await postgres.prepare(), valkey.prepare(), simulator)

        urls = {"postgres_url": postgres.url, "redis_url": valkey.url}
        settings = stack.environment(self._outer, self._ports, credentials, papers, **urls)
        for text in (await self._errand("migrate", stack.MIGRATE, settings)).splitlines():
            self._terminal.line("migrate", text)
        api_key = credentials.api_key or await self._create_key(stack.CREATE_KEY, settings)
        demo_api_key = credentials.demo_api_key or await self._create_key(stack.CREATE_DEMO_KEY, settings)
        credentials.with_api_keys(api_key, demo_api_key).save(self._folder)  # the database knows only their hashes
        await supervisor.start(*stack.children(settings, self._ports, demo_api_key=demo_api_key))

        self._report = Report(
            url=stack.origin(self._ports.hub),
            api_key=api_key,
            simulator_url=stack.origin(self._ports.simulator),
            simulator_apns_url=stack.origin(self._ports.apns, scheme="https"),
            simulator_smtp_url=stack.origin(self._ports.smtp, scheme="smtp"),
            worker_url=stack.origin(self._ports.worker),
            data_dir=str(self._folder),
            **urls,
        )
        self._tell_tools(supervisor.pids)
        self._terminal.block(self._report.block(postgres.home))

    async def _create_key(self, argv: Sequence[str], settings: Mapping[str, str]) -> str:
        *_, api_key = (await self._errand("keys", argv, settings)).split()
        return api_key

    async def _errand(self, name: str, argv: Sequence[str], settings: Mapping[str, str]) -> str:
        return await errand.run(argv, name=name, env=settings, within_s=ERRAND_WITHIN_S)

    def _tell_tools(self, pids: Mapping[str, int]) -> None:
        if self._report:
            self._report.write({**pids, "dev": os.getpid()})

    def _forget_report(self) -> None:
        (self._folder / REPORT_FILE).unlink(missing_ok=True)


def _stop_signals() -> asyncio.Event:
    """Is set by the first signal that asks us to stop; later ones change nothing: stopping has deadlines."""
    stopped = asyncio.Event()
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _leaves(group: BaseExceptionGroup[DevError]) -> Iterator[DevError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
