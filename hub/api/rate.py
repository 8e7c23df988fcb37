"""Who may call how often: API keys, users they send to, and addresses that have not shown a good key. 429 for the rest.

The headers are those of draft-ietf-httpapi-ratelimit-headers-07, section 3: whole numbers of the limit that was met,
or of the key's.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from hub import metrics
from hub.api.problem import Problem
from hub.limiter import Charge, Limiter
from hub.limits import RateSettings
from hub.rates import Rate, Standing

IPV6_PREFIX = 64  # what one customer of a provider has


class RateGate:
    """Charges requests."""

    def __init__(self, limiter: Limiter, settings: RateSettings) -> None:
        self._limiter = limiter
        self._key = _rate(settings.key_rate)
        self._user = _rate(settings.user_rate, settings.user_burst)
        self._address = _rate(settings.address_rate)

    async def charge_address(self, address: str) -> None:
        """For a request whose key has to be looked up. Raises Problem 429."""
        if self._address is not None:
            await self._charge({"address": [Charge([f"address:{_network(address)}"], 1, self._address)]})

    async def charge_send(self, sender: str, notifications: int, user_ids: Iterable[str]) -> Mapping[str, str]:
        """For notifications of this key to these users, each named once a notification; gives the answer's headers.
        Raises Problem 429: then nothing was charged."""
        charges: dict[str, list[Charge]] = {}
        if self._key is not None:
            charges["key"] = [Charge([f"key:{sender}"], notifications, self._key)]
        if self._user is not None:
            charges["user"] = list(_of_users(user_ids, self._user))
        return await self._charge(charges)

    async def _charge(self, charges: Mapping[str, list[Charge]]) -> Mapping[str, str]:
        named = [(name, charge) for name, several in charges.items() for charge in several]
        if not named:
            return {}
        verdict = await self._limiter.take([charge for _, charge in named])
        if verdict.refused is None:
            return _headers(verdict.standings[0])
        name, standing = named[verdict.refused][0], verdict.standings[verdict.refused]
        metrics.rate_limited.labels(name).inc()
        raise Problem(
            429,
            f"more than the {name}'s {named[verdict.refused][1].rate.per_s:g} a second",
            headers={**_headers(standing), "Retry-After": str(standing.retry_after_s)},
        )


def _rate(per_s: float, burst: int | None = None) -> Rate | None:
    return Rate(per_s, burst or max(1, round(per_s))) if per_s else None


def _of_users(user_ids: Iterable[str], rate: Rate) -> Iterable[Charge]:
    by_cost: dict[int, list[str]] = defaultdict(list)
    for user_id, cost in Counter(user_ids).items():
        by_cost[cost].append(f"user:{user_id}")
    for cost, keys in by_cost.items():
        yield Charge(keys, cost, rate)


def _headers(standing: Standing) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(standing.limit),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_s),
    }


def _network(address: str) -> str:
    """An IPv6 address stands for its whole network: its owner has all of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
