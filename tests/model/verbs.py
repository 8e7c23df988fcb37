"""What every state machine of the world has: its beginning, its end, and the verbs that rules are made of."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.model.bus import Link
from tests.model.device import Device, Tab
from tests.model.postgres import Pool
from tests.model.world import MOST_TABS, Make, World

T = TypeVar("T")


class Verbs(RuleBasedStateMachine):
    """One run begins with devices that are connected or not, and ends in a calm."""

    make = Make()
    # Every commit is announced, and every hint arrives: late, twice and in any order as it may be. For faults that
    # the position check would heal.
    hints_arrive = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.make)

    def teardown(self) -> None:
        """The calm after the last rule; not after a violation, whose run is over."""
        try:
            if not self.world.is_broken:
                self.world.calm()
        finally:
            self.world.end()

    @initialize(hubs=st.tuples(*[st.sampled_from([0, 1, None])] * 3), moods=st.tuples(*[st.integers(0, 3)] * 3))
    def devices_are_connected(self, hubs: tuple[int | None, ...], moods: tuple[int, ...]) -> None:
        """To one hub, the other or none; each lazy, eager, both or neither."""
        for device, hub, mood in zip(self.world.devices, hubs, moods, strict=True):
            device.is_lazy, device.is_eager = bool(mood & 1), bool(mood & 2)
            if hub is not None:
                self.connect(device, hub)

    def lines_held_up(self) -> list[Tab]:
        """Tabs on them."""
        tabs = [tab for device in self.world.devices for tab in device.tabs]
        return [tab for tab in tabs if tab.line.is_open and not tab.line.is_healthy]

    def pools_that_wait(self) -> list[Pool]:
        """Statements of theirs hang."""
        return [pool for pool in self.world.postgres.pools if pool.waiting]

    def links_that_wait(self) -> list[Link]:
        """Hints for them are held up."""
        return [link for link in self.world.broker.links if link.waiting]

    def is_without_bus(self) -> bool:
        """Some hub."""
        return any(not link.connected for link in self.world.broker.links)

    def act(self, what: str, hub: int, device: int) -> None:
        """One of the things that races are made of, by or for this device, at this hub."""
        one = self.world.devices[device]
        acts: dict[str, Callable[[], None]] = {
            "connect": lambda: self.connect(one, hub),
            "send": lambda: self.send(hub, one.user),
            "ack": lambda: self.world.do(one.ack),
            "hold": lambda: self.hold(one),
            "drain": lambda: self.drain(one),
            "return": lambda: self.fall_behind_and_connect(one, hub),
            "send to nobody": lambda: self.send_to_nobody(one.user, hub),
        }
        acts[what]()

    def send(self, hub: int, *users: str) -> None:
        """Some back end asks this hub."""
        self.world.do(lambda: self.world.send(hub, *users))

    def connect(self, device: Device, hub: int) -> None:
        """Another tab; when it has no room, in place of one."""
        if len(device.tabs) >= MOST_TABS or (device.tabs and device.cursor is None):
            self.world.do(device.tabs[0].line.cut)
        self.world.do(lambda: self.world.connect(device, hub))

    def leave(self, device: Device) -> None:
        """All its tabs are closed."""
        for tab in list(device.tabs):
            self.world.do(tab.line.cut)

    def hold(self, device: Device) -> None:
        """It reads nothing."""
        for tab in device.tabs:
            tab.line.down_is_held = True

    def drain(self, device: Device) -> None:
        """It reads again."""
        for tab in list(device.tabs):
            self.world.do(tab.line.let_go)

    def fall_behind_and_connect(self, device: Device, hub: int) -> None:
        """There is a page to be read for it, in two frames with a gap between them."""
        self.leave(device)
        for _ in range(3):
            self.send(1 - hub, device.user)
        self.world.expire(device.user, -2)
        self.connect(device, hub)

    def send_to_nobody(self, user: str, hub: int) -> None:
        """Nobody is there, so it is due at once."""
        for device in self.world.devices:
            self.leave(device)
        self.send(hub, user)

    def step(self, pool: Pool, steps: int) -> None:
        """The oldest statement goes a step further, and again, or else the next."""
        for _ in range(steps):
            if pool.waiting:
                self.world.do(lambda: self.world.postgres.step(pool.waiting[0]))

    def go_on(self, pool: Pool, manner: str) -> None:
        """Nothing hangs any more."""
        pool.is_slow = False
        if manner == "newest first":
            pool.waiting.reverse()
        elif "fail" in manner and not self.hints_arrive:
            for statement in list(pool.waiting):
                if manner == "fail" or self.world.postgres.commit(statement):
                    self.world.postgres.fail(statement)
        self.world.do(self.world.postgres.go_on)

    def tab(self, device: int, place: int) -> Tab | None:
        """One of the device's, if it has any."""
        tabs = self.world.devices[device].tabs
        return one_of(tabs, place) if tabs else None

    def link(self, hub: int) -> Link:
        """To the bus."""
        return self.world.hubs[hub].bus

    def pool(self, process: int) -> Pool:
        """Of a hub or, behind them, the worker."""
        return self.world.hubs[process].pool if process < len(self.world.hubs) else self.world.worker.pool


def one_of(those: Sequence[T], place: int) -> T:
    """Whatever place a rule has drawn."""
    return those[place % len(those)]
