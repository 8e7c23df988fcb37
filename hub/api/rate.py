"""Who may call how often: API keys, users they send to, and addresses that have not shown a good key. 429 for the rest.

The headers are those of draft-ietf-httpapi-ratelimit-headers-07, section 3: whole numbers of the limit that was met,
or of the key's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from hub import metrics
from hub.api.problem import Problem
from hub.draft import Draft
from hub.limiter import Charge, Limiter
from hub.limits import RateSettings
from hub.rates import SECOND_US, Rate, Standing, rate


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
            await self._charge([Charge((f"address:{address}",), 1, self._address)])

    async def charge_send(self, sender: str, drafts: Sequence[Draft]) -> dict[str, str]:
        """For notifications of this key, and each of their users; gives the answer's headers. Of a topic that is too
        large to be charged for each member, the topic is, as much as one of them. Raises Problem 429: then nothing was
        charged."""
        take = [] if self._key is None else [Charge((f"key:{sender}",), len(drafts), self._key)]
        if self._user is not None:
            take += _of_targets([target for draft in drafts for target in _targets(draft)], self._user)
        return await self._charge(take)

    async def _charge(self, take: list[Charge]) -> dict[str, str]:
        if not take:
            return {}
        verdict = await self._limiter.take(take)
        if verdict.refused is None:
            return _headers(verdict.standing(0))
        refused, standing = take[verdict.refused], verdict.standing(verdict.refused)
        name = refused.keys[0].partition(":")[0]
        metrics.rate_limited.labels(name).inc()
        raise Problem(
            429,
            f"over the limit of this {name}: {SECOND_US / refused.rate.interval_us:g} a second",
            headers={**_headers(standing), "Retry-After": str(standing.retry_after_s)},
        )


def _rate(per_s: float, burst: int | None = None) -> Rate | None:
    return rate(per_s, burst or max(1, round(per_s))) if per_s else None


def _targets(draft: Draft) -> list[str]:
    if draft.audience is None:
        return [f"user:{user_id}" for user_id in draft.user_ids]
    if draft.audience.topic is not None:
        return [f"topic:{draft.audience.topic}"]
    return [f"user:{user_id}" for user_id in draft.audience.user_ids or ()]


def _of_targets(targets: Sequence[str], limit: Rate) -> Iterable[Charge]:
    if len(targets) == 1:  # most of all
        return (Charge((targets[0],), 1, limit),)
    by_cost: dict[int, list[str]] = defaultdict(list)
    for target, cost in Counter(targets).items():
        by_cost[cost].append(target)
    return (Charge(keys, cost, limit) for cost, keys in by_cost.items())


def _headers(standing: Standing) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(standing.limit),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_s),
    }
