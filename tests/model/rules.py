"""The rules: whatever may happen to hubs, worker, database, bus, lines and devices.

Random schedules seldom meet a race. So what can hang hangs until a rule lets it go on, in an order and with losses that
the rule draws; a rule that could do nothing at the moment is not tried; and some rules are races by themselves.
"""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.hub import ACK_DEADLINE_S
from tests.model.verbs import Verbs, one_of
from tests.model.worker import SWEEP_S

HUBS = st.integers(0, 1)
DEVICES = st.integers(0, 2)
PROCESSES = st.sampled_from([0, 1, 0, 1, 2])  # the hubs and the worker
PLACES = st.integers(0, 3)  # in whatever waits, modulo its length
USERS = st.sampled_from(["ada", "bob"])
AUDIENCES = st.sampled_from([("ada",), ("ada",), ("bob",), ("ada", "bob")])
MANNERS = st.sampled_from(["in order", "in order", "newest first", "fail", "commit and fail"])

Rule = TypeVar("Rule", bound=Callable[..., None])


def when(condition: Callable[[Verbs], object]) -> Callable[[Rule], Rule]:
    """The rule could do something."""
    return precondition(lambda machine: bool(condition(machine)))


class Sending(Verbs):
    """Of notifications."""

    @rule(hub=HUBS, users=AUDIENCES)
    def a_notification_is_sent(self, hub: int, users: tuple[str, ...]) -> None:
        self.send(hub, *users)

    @rule(users=AUDIENCES, number=st.integers(2, 4))
    def both_hubs_send(self, users: tuple[str, ...], number: int) -> None:
        for place in range(number):
            self.send(place % 2, *users)


class Devices(Verbs):
    """And their lines, which may be held up, cut, or half-open."""

    @rule(device=DEVICES, hub=HUBS)
    def a_device_connects(self, device: int, hub: int) -> None:
        self.connect(self.world.devices[device], hub)

    @rule(device=DEVICES, place=PLACES, down=st.booleans(), up=st.booleans())
    def a_line_is_held_up(self, device: int, place: int, *, down: bool, up: bool) -> None:
        if tab := self.tab(device, place):
            tab.line.down_is_held |= down
            tab.line.up_is_held |= up or not down

    @when(lambda machine: machine.lines_held_up())
    @rule(place=PLACES)
    def a_line_goes_on(self, place: int) -> None:
        held = self.lines_held_up()
        self.world.do(held[place % len(held)].line.let_go)

    @rule(device=DEVICES, place=PLACES, both_notice=st.booleans())
    def a_line_breaks(self, device: int, place: int, *, both_notice: bool) -> None:
        if tab := self.tab(device, place):
            self.world.do(tab.line.cut if both_notice else tab.line.die)

    @rule(device=DEVICES, is_lazy=st.booleans(), is_eager=st.booleans())
    def a_device_changes(self, device: int, *, is_lazy: bool, is_eager: bool) -> None:
        one = self.world.devices[device]
        one.is_lazy, one.is_eager = is_lazy, is_eager
        if not is_lazy:
            self.world.do(one.ack)


class Store(Verbs):
    """Whose statements hang, fail, and overtake each other."""

    @rule(process=PROCESSES)
    def postgres_hangs(self, process: int) -> None:
        self.pool(process).is_slow = True

    @when(lambda machine: machine.pools_that_wait())
    @rule(place=PLACES, manner=MANNERS)
    def postgres_goes_on(self, place: int, manner: str) -> None:
        self.go_on(one_of(self.pools_that_wait(), place), manner)

    @when(lambda machine: machine.pools_that_wait())
    @rule(place=PLACES, which=PLACES)
    def a_statement_goes_further(self, place: int, which: int) -> None:
        statement = one_of(one_of(self.pools_that_wait(), place).waiting, which)
        self.world.do(lambda: self.world.postgres.step(statement))


class Hints(Verbs):
    """Which come late, twice, in any order or never."""

    @rule(hub=HUBS)
    def the_bus_is_held_up(self, hub: int) -> None:
        self.link(hub).is_held = True

    @when(lambda machine: machine.links_that_wait())
    @rule(place=PLACES, manner=st.sampled_from(["in order", "newest first", "twice", "without the last", "lost"]))
    def the_bus_goes_on(self, place: int, manner: str) -> None:
        link = one_of(self.links_that_wait(), place)
        link.is_held = False
        if manner == "newest first":
            link.waiting.reverse()
        elif manner == "twice":
            link.waiting *= 2
        elif not self.hints_arrive and manner == "without the last":
            link.waiting.pop()
        elif not self.hints_arrive and manner == "lost":
            link.waiting.clear()
        self.world.do(link.free)

    @when(lambda machine: machine.links_that_wait())
    @rule(place=PLACES, which=PLACES, keep=st.booleans())
    def a_hint_arrives(self, place: int, which: int, *, keep: bool) -> None:
        link = one_of(self.links_that_wait(), place)
        self.world.do(lambda: link.arrive(which % len(link.waiting), keep=keep))

    @when(lambda machine: not machine.hints_arrive)
    @rule(hub=HUBS, is_slow=st.booleans())
    def subscriptions_wait(self, hub: int, *, is_slow: bool) -> None:
        link = self.link(hub)
        link.is_slow = is_slow
        if not is_slow:
            self.world.do(link.confirm)

    @when(lambda machine: not machine.hints_arrive)
    @rule(which=st.sampled_from([0, 1, None]))
    def the_bus_goes(self, which: int | None) -> None:
        self.world.do(self.world.broker.die if which is None else self.link(which).lose)

    @when(lambda machine: machine.is_without_bus())
    @rule()
    def the_bus_is_back(self) -> None:
        self.world.do(self.world.broker.come_back)


class Servers(Verbs):
    """Which are killed, restored and slow."""

    @when(lambda machine: not machine.hints_arrive)
    @rule(process=st.integers(0, 3))
    def a_process_is_killed(self, process: int) -> None:
        if process < len(self.world.hubs):
            self.world.do(lambda: self.world.replace_hub(process))
        elif process == len(self.world.hubs):
            self.world.do(self.world.replace_worker)
        else:
            self.world.do(self.world.postgres.die)
            self.world.pass_time(1.1)
            self.world.postgres.is_down = False

    @rule()
    def the_database_is_backed_up(self) -> None:
        self.world.postgres.back_up()

    @when(lambda machine: not machine.hints_arrive)
    @rule(hubs_live_on=st.booleans(), behind=st.sampled_from([None, 0, 1, 2]))
    def the_database_is_restored(self, *, hubs_live_on: bool, behind: int | None) -> None:
        if behind is not None:
            device = self.world.devices[behind]
            self.hold(device)
            for hub in (0, 1, 0):
                self.send(hub, device.user)
        self.world.restore(hubs_live_on=hubs_live_on)

    @rule(is_slow=st.booleans())
    def the_push_service_changes(self, *, is_slow: bool) -> None:
        self.world.push_service.is_slow = is_slow


class Time(Verbs):
    """Which passes."""

    @rule(user=USERS, place=PLACES, deleted=st.booleans())
    def an_entry_expires(self, user: str, place: int, *, deleted: bool) -> None:
        (self.world.delete if deleted else self.world.expire)(user, place)

    @rule(seconds=st.sampled_from([0.6, 2.1, 5.1, 16.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def all_is_calm(self) -> None:
        self.world.calm()


class Races(Verbs):
    """Two things at once."""

    @rule(
        hub=HUBS,
        device=DEVICES,
        first=st.sampled_from(["connect", "return", "send", "send to nobody", "drain"]),
        steps=st.integers(0, 4),
        second=st.sampled_from(["connect", "send", "send", "ack", "hold"]),
        manner=MANNERS,
        is_checked=st.booleans(),
    )
    def two_things_race(  # the second is at the other hub; both are of one user
        self, hub: int, device: int, first: str, steps: int, second: str, manner: str, *, is_checked: bool
    ) -> None:
        pool = self.pool(hub)
        pool.is_slow = True
        self.act(first, hub, device)
        self.step(pool, steps)
        self.act(second, 1 - hub, device)
        self.go_on(pool, manner)
        if is_checked:  # what follows might heal it
            self.world.calm()

    @rule(device=DEVICES, steps=st.integers(0, 8), second=st.sampled_from(["ack", "ack", "connect"]), hub=HUBS)
    def a_device_and_the_worker_race(self, device: int, steps: int, second: str, hub: int) -> None:
        pool = self.world.worker.pool
        pool.is_slow = True
        self.world.pass_time(ACK_DEADLINE_S + SWEEP_S)
        self.step(pool, steps)
        self.act(second, hub, device)
        self.go_on(pool, "in order")


class Machine(Sending, Devices, Store, Hints, Servers, Time, Races):
    """All of it."""


class Racing(Races):
    """Nothing else happens: what needs a race is met the sooner."""


class Restoring(Sending, Devices, Servers):
    """Processes die and histories end, but Postgres and the bus do not hang."""


class Reading(Sending, Devices, Store, Races):
    """Nothing is lost and nobody dies, but much is read."""
