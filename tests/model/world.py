"""The world: two hubs, a worker, a database, a bus and three devices of two users."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from tests.model.bus import Broker
from tests.model.checks import Checks
from tests.model.device import Device, Tab
from tests.model.hub import Hub, Wiring
from tests.model.ledger import Ledger
from tests.model.line import Line
from tests.model.loop import Loop
from tests.model.postgres import Postgres
from tests.model.tables import Tables
from tests.model.watch import Watch
from tests.model.worker import PushService, Worker

REPAIRED_S = 6.0  # within which whatever the bus lost is found: the position check looks every 5 s
ESCALATED_S = 25.0  # within which whatever nobody acknowledged is pushed: the ack deadline, and a dead worker's lease
MOST_TABS = 2  # of a device


class Make(NamedTuple):
    """What the world is made of; a seeded fault makes it of something else."""

    wiring: Wiring = Wiring()
    postgres: type[Postgres] = Postgres
    tables: type[Tables] = Tables
    device: type[Device] = Device


class World:
    """Everything happens through `do`."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._ids = 0
        self._loop = Loop()
        self.ledger = Ledger()
        self.postgres = make.postgres(self._loop, make.tables(self.ledger, self._loop.time))
        self.broker = Broker(self._loop)
        self.push_service = PushService(self.ledger)
        self.hubs: list[Hub] = []
        self.devices = [make.device(user, self.ledger, cursor=cursor) for user, cursor in _DEVICES]
        self._checks = Checks(self.ledger, self.postgres, self.devices)
        self.is_broken = False
        self.do(self._start)

    def _start(self) -> None:
        self.hubs = [self._hub() for _ in range(2)]
        self.worker = Worker(self._loop, self.postgres, self.push_service)

    def _hub(self) -> Hub:
        return Hub(self._loop, self.postgres, self.broker, self._make.wiring)

    def do(self, action: Callable[[], object]) -> None:
        """And what follows from it. Raises Broken."""
        with self._breaking():
            self._loop.run(action)
            self._check()

    def pass_time(self, seconds: float) -> None:
        """Raises Broken."""
        with self._breaking():
            self._loop.pass_time(seconds)
            self._check()

    @contextlib.contextmanager
    def _breaking(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.is_broken = True
            raise

    def _check(self) -> None:
        self.ledger.check()
        self._checks.confirmed_acks_are_stored()
        for hub in self.hubs:
            hub.check()
        self.worker.check()

    def end(self) -> None:
        """Gives everything back."""
        self._loop.end()

    def send(self, hub: int, *users: str) -> None:
        """Some back end asks this hub."""
        self._ids += 1
        self.hubs[hub].send(UUID(int=self._ids), users)

    def connect(self, device: Device, hub: int) -> None:
        """Another tab."""
        tab = Tab(device)
        tab.line = Line(self._loop, tab, Watch(self.postgres, device.user))
        self.hubs[hub].takes(tab.line)
        tab.greet()

    def replace_hub(self, hub: int) -> None:
        """It is killed, and another one started."""
        self.hubs[hub].kill()
        self.hubs[hub] = self._hub()

    def replace_worker(self) -> None:
        """It is killed, and another one started."""
        self.worker.kill()
        self.worker = Worker(self._loop, self.postgres, self.push_service)

    def expire(self, user: str, place: int) -> None:
        """One of the user's entries."""
        if entries := self.postgres.tables.of(user):
            entries[place % len(entries)].is_expired = True

    def delete(self, user: str, place: int) -> None:
        """The user's entries up to one: the oldest go first."""
        if entries := self.postgres.tables.of(user):
            for entry in entries[: place % len(entries) + 1]:
                del self.postgres.tables.entries[user, entry.seq]

    def restore(self, *, hubs_live_on: bool) -> None:
        """The database from its backup, or from a standby that had less. Hubs that live on have time to send devices
        away, and these to come back, before anything else is stored: else the new history may reach what they have of
        the old one."""
        self.do(self.postgres.die)
        self.do(self._lines_go_on if hubs_live_on else self._replace_all)
        self.postgres.restore()
        self.postgres.is_down = False
        for hub in self.hubs:
            hub.bus.waiting.clear()
            hub.pool.is_slow = False
        if hubs_live_on:
            tabs = [len(device.tabs) for device in self.devices]
            self.pass_time(REPAIRED_S)
            self.do(lambda: self._come_back(tabs))

    def _lines_go_on(self) -> None:
        for device in self.devices:
            for tab in list(device.tabs):
                tab.line.let_go()

    def _come_back(self, tabs: Sequence[int]) -> None:
        for device, before in zip(self.devices, tabs, strict=True):
            if len(device.tabs) < before:
                self.connect(device, 0)

    def _replace_all(self) -> None:
        for hub in range(len(self.hubs)):
            self.replace_hub(hub)
        self.replace_worker()

    def calm(self) -> None:
        """Faults end: first the servers', then the devices'. Raises Broken."""
        with self._breaking():
            self._calm()

    def _calm(self) -> None:
        self.do(self._servers_recover)
        self.pass_time(REPAIRED_S)
        self._checks.tabs_are_at_the_head()
        if self._checks.unreached():
            self.pass_time(ESCALATED_S)
        self._checks.what_nobody_acknowledged_is_pushed()
        self.do(self._devices_return)
        self.pass_time(REPAIRED_S)
        self._checks.tabs_are_at_the_head()
        self._checks.devices_have_what_is_stored()
        self._checks.what_was_accepted_is_stored()

    def _servers_recover(self) -> None:
        self.push_service.is_slow = False
        self.postgres.is_down = False
        for pool in self.postgres.pools:
            pool.is_slow = False
        self.postgres.go_on()
        self.broker.come_back()
        for link in self.broker.links:
            link.is_slow = link.is_held = False
            link.come_back()
            link.confirm()
            link.free()

    def _devices_return(self) -> None:
        self._lines_go_on()
        for device in self.devices:
            device.is_lazy = False
            if not device.tabs:
                self.connect(device, 0)
            device.ack()


_DEVICES = (("ada", "0"), ("ada", None), ("bob", "0"))
