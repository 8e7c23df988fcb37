"""Which devices are to be told now what they show no more. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from delivery.clearing import Past
from hub.store.clearings import OnScreen


class Screens(NamedTuple):
    """One user's."""

    past: dict[UUID, list[Past]]  # of each session, newest first
    waiting: set[int]  # entries of which more will be known soon


def screens(found: Iterable[OnScreen]) -> Screens:
    """A push that may yet arrive is cleared when it has; one that a newer one replaces, with that one."""
    past: dict[UUID, dict[int, Past]] = defaultdict(dict)
    waiting: dict[UUID, set[int]] = defaultdict(set)
    for one in found:
        if one.replaced:
            continue
        if one.in_flight or one.may_be_replaced:
            waiting[one.session_id].add(one.seq)
        past[one.session_id][one.seq] = Past(one.seq, str(one.notification_id), one.collapse_key)
    ready = {session_id: _newest_first(of, waiting[session_id]) for session_id, of in past.items()}
    return Screens({session_id: of for session_id, of in ready.items() if of}, set().union(*waiting.values()))


def _newest_first(of: dict[int, Past], waiting: set[int]) -> list[Past]:
    return [of[seq] for seq in sorted(of, reverse=True) if seq not in waiting]
