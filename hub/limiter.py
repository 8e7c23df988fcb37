"""Rate limits for all nodes together: the levels are in Redis, and all that is asked at once is one call.

While Redis is away each node counts for itself, and allows its part.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from hub.batcher import Batcher
from hub.rates import SECOND_US, Rate, Standing, fits, level_after, part, standing
from hub.redis_link import RedisLink, command
from hub.redis_names import RedisNames

TIMEOUT_S = 0.1  # a send waits no longer for it
KEYS_A_CALL = 1000  # Redis does nothing else meanwhile
LOCAL_KEYS = 100_000

# KEYS: all keys. ARGV: for each take the number of its charges, and for each of these the number of its keys, the
# interval, the room, the cost. Answers for each take: the place of the charge that is refused, or 0, and each charge's
# highest level. A key holds when its level is 0 again; Redis' own clock is the only one.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answers, k, a = {}, 1, 1
while a <= #ARGV do
  local charges, first, refused, answer, levels = tonumber(ARGV[a]), k, 0, {}, {}
  a = a + 1
  for c = 1, charges do
    local keys, interval, room = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
    local more, highest = interval * tonumber(ARGV[a + 3]), 0
    a = a + 4
    for _ = 1, keys do
      local level = math.max(0, tonumber(redis.call('GET', KEYS[k]) or 0) - now) + more
      levels[#levels + 1] = level
      if level > highest then highest = level end
      k = k + 1
    end
    if highest > math.max(room, more) and refused == 0 then refused = c end
    answer[c + 1] = highest
  end
  if refused == 0 then
    for i, level in ipairs(levels) do
      redis.call('SET', KEYS[first + i - 1], string.format('%.0f', now + level), 'PX', math.ceil(level / 1000) + 1)
    end
  end
  answer[1] = refused
  answers[#answers + 1] = answer
end
return answers
"""
_SHA1 = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()  # its name in Redis


class Charge(NamedTuple):
    """So much is taken from each of these keys."""

    keys: Sequence[str]
    cost: int
    rate: Rate


Take = Sequence[Charge]


class Verdict(NamedTuple):
    """Whether all of it was taken, or none of it because of one charge."""

    take: Take
    refused: int | None  # the charge's place
    levels: Sequence[int]  # of each charge's tightest key

    def standing(self, place: int) -> Standing:
        """How a charge's tightest key stands."""
        _, cost, rate = self.take[place]
        return standing(self.levels[place], cost, rate, refused=self.refused == place)


class Limiter:
    """Takes, for everybody who asks at once, in one call."""

    def __init__(self, redis_url: str, names: RedisNames, *, nodes: int = 1, timeout_s: float = TIMEOUT_S) -> None:
        self._name = names.level
        self._link = RedisLink(redis_url, timeout_s=timeout_s, first=[command("SCRIPT", "LOAD", _SCRIPT)])
        self._takes: Batcher[Take, Verdict] = Batcher(self._run, limit=KEYS_A_CALL, weight=_keys)
        self._local = _Local(nodes)

    async def take(self, charges: Take) -> Verdict:
        """Takes all of it or nothing. A key stands in one charge only."""
        return await self._takes.submit(charges)

    async def serve(self) -> NoReturn:
        """Runs until cancelled."""
        await self._takes.serve()

    async def aclose(self) -> None:
        """Closes the link."""
        await self._link.aclose()

    async def _run(self, takes: list[Take]) -> list[Verdict]:
        keys = [self._name(key) for take in takes for charge in take for key in charge.keys]
        numbers: list[int] = []
        for take in takes:
            numbers.append(len(take))
            for several, cost, rate in take:
                numbers += (len(several), rate.interval_us, rate.room_us, cost)
        answers = await self._link.ask([command("EVALSHA", _SHA1, len(keys), *keys, *numbers)])
        if answers is None:
            return [self._local.take(take) for take in takes]
        return [
            Verdict(take, refused - 1 if refused else None, levels)
            for take, (refused, *levels) in zip(takes, answers[0], strict=True)
        ]


class _Local:
    """The same arithmetic in this process, for one of so many nodes."""

    def __init__(self, nodes: int) -> None:
        self._nodes = nodes
        self._empty_at: dict[str, int] = {}  # by key: when its level is 0 again, in microseconds

    def take(self, take: Take) -> Verdict:
        charges = [charge._replace(rate=part(charge.rate, self._nodes)) for charge in take]
        now = time.monotonic_ns() * SECOND_US // 1_000_000_000
        levels = {
            key: level_after(self._empty_at.get(key, now) - now, charge.cost, charge.rate)
            for charge in charges
            for key in charge.keys
        }
        highest = [max((levels[key] for key in charge.keys), default=0) for charge in charges]
        over = (
            place
            for place, (charge, level) in enumerate(zip(charges, highest, strict=True))
            if not fits(level, charge.cost, charge.rate)
        )
        refused = next(over, None)
        if refused is None:
            self._keep(levels, now)
        return Verdict(charges, refused, highest)

    def _keep(self, levels: Mapping[str, int], now: int) -> None:
        if len(self._empty_at) + len(levels) > LOCAL_KEYS:
            self._empty_at = {key: at for key, at in self._empty_at.items() if at > now}
        if len(self._empty_at) + len(levels) > LOCAL_KEYS:
            self._empty_at.clear()
        self._empty_at.update((key, now + level) for key, level in levels.items())


def _keys(take: Take) -> int:
    return sum(len(charge.keys) for charge in take)
