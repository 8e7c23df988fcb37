"""Which targets of a due entry are to be tried now. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, assert_never
from uuid import UUID

from delivery.ladder import Step
from delivery.message import Target
from delivery.outcome import Misconfigured, Outcome, Rejected
from delivery.retry import MAX_ATTEMPTS, Retry, Stop
from hub.store.due import LastAttempt
from sessions.sealing import Flaw
from sessions.session import Reachable


class Try(NamedTuple):
    """One attempt to make."""

    session: Reachable
    target: Target
    number: int  # of its row
    counted: int  # which try it is towards the limit, 1 is the first


class Plan(NamedTuple):
    """What to do for one entry: attempts to make now, and what is already known of the other targets."""

    tries: list[Try]
    known: list[Retry | Stop]
    failure: str | None  # why there is nobody to try at all


def plan(step: Step, sessions: Sequence[Reachable], last: Mapping[UUID, LastAttempt], channels: frozenset[str]) -> Plan:
    """`last` is the newest attempt at each target in this step; `channels` are those that have a provider."""
    tries: list[Try] = []
    known: list[Retry | Stop] = []
    meant = [session for session in sessions if session.channel in step.reaches]
    for session in meant:
        if session.channel not in channels:
            continue
        attempt = last.get(session.session_id)
        standing = _standing(attempt)
        if standing is None:
            target = Target(session.channel, session.token, session.app, session.platform)
            number, counted = (attempt.number + 1, attempt.counted + 1) if attempt else (1, 1)
            tries.append(Try(session, target, number, counted))
        else:
            known.append(standing)
    known += _departed(sessions, last)
    failure = None if tries or known else "no_channel" if meant else "no_target"
    return _one_by_one(tries, known, failure) if step.targets == "first" else Plan(tries, known, failure)


def _one_by_one(tries: Sequence[Try], known: list[Retry | Stop], failure: str | None) -> Plan:
    """The newest device that is left, unless one took it; the others come when it has answered."""
    if any(isinstance(each, Stop) and each.state == "accepted" for each in known):
        return Plan([], [Stop("accepted")], None)
    others = [Retry(0.0)] if len(tries) > 1 else []
    return Plan(list(tries[-1:]), [*known, *others], failure)


def _standing(attempt: LastAttempt | None) -> Retry | Stop | None:
    """What is known of a target, or None when it is to be tried now."""
    if attempt is None or attempt.outcome == "replayed":
        return None
    if attempt.outcome is None:  # its worker died with it in flight
        return Stop("exhausted") if attempt.counted >= MAX_ATTEMPTS else None
    if attempt.retry_in_s is None:
        return _stopped(attempt.outcome)
    return Retry(attempt.retry_in_s) if attempt.retry_in_s > 0 else None


def _departed(sessions: Sequence[Reachable], last: Mapping[UUID, LastAttempt]) -> list[Retry | Stop]:
    """Targets that were tried and are no longer registered: what they answered still counts."""
    present = {session.session_id for session in sessions}
    return [
        _stopped(str(attempt.outcome))
        for session_id, attempt in last.items()
        if session_id not in present and attempt.outcome not in {None, "replayed"}
    ]


def _stopped(outcome: str) -> Stop:
    match outcome:
        case "accepted":
            return Stop("accepted")
        case "gone":
            return Stop("gone")
        case "rejected":
            return Stop("rejected")
        case _:
            return Stop("exhausted")


def code_of(outcome: Outcome) -> str | None:
    """The provider's own word, for the attempt's row."""
    return getattr(outcome, "code", None)


def unreadable(flaw: Flaw) -> Outcome:
    """In place of an answer when a target's address cannot be read, so that nobody can be called."""
    match flaw:
        case "no_key":  # an operator can mend that, and no message is lost to it
            return Misconfigured("no_key", "HARK_ENCRYPTION_KEYS lacks the key that the address is encrypted with")
        case "damaged":
            return Rejected("unreadable", "the stored address was altered, or is another target's")
        case _:
            assert_never(flaw)
