"""Why a user got a notification the way they did, or did not: one line a fact, in words. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from delivery.ladder import Ladder, Step
from hub.store.explained import Explained
from hub.store.notifications import Attempt
from sessions.session import Reachable


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact. `step` is 0 for what happened in the app, else the place in the ladder."""

    step: int
    what: str
    at: datetime | None = None
    channel: str | None = None
    target_id: str | None = None


_WHY_NOBODY = {
    "no_target": "there is nobody to call: the user has no device or address for these channels",
    "no_channel": "the user's devices are on channels that have no credentials here",
    "expired": "its time was over before anybody took it",
    "gone": "every target was called dead by its provider",
    "rejected": "no provider will ever take this message for this user",
    "exhausted": "every attempt was used up: the provider was away or throttling",
}


def explain(entry: Explained, ladder: Ladder, attempts: Sequence[Attempt]) -> list[Line]:
    """What happened to one user's copy, in order, and what is to come."""
    lines = [*_in_app(entry)]
    for number, step in enumerate(ladder, start=1):
        lines += _step(entry, number, step, [attempt for attempt in attempts if attempt.step == number])
    if not ladder:
        lines.append(Line(step=0, what="its ladder is empty: it stays in the app"))
    return [*lines, *_end(entry)]


def foresee(ladder: Ladder, targets: Sequence[Reachable], channels: frozenset[str], *, connected: int) -> list[Line]:
    """What would happen to a notification that is sent now; `channels` are those that have credentials."""
    lines = [Line(step=0, what=f"stored in the inbox and shown on {_count(connected, 'connection')} of this node")]
    for number, step in enumerate(ladder, start=1):
        lines.append(Line(step=number, what=_plan(step)))
        meant = [target for target in targets if target.channel in step.reaches]
        lines += [_call(number, target, channels) for target in meant]
        if not meant:
            lines.append(Line(step=number, what=_WHY_NOBODY["no_target"]))
    if not ladder:
        lines.append(Line(step=0, what="its ladder is empty: it stays in the app"))
    return lines


def _in_app(entry: Explained) -> Iterator[Line]:
    yield Line(step=0, at=entry.accepted_at, what=f"accepted and stored as entry {entry.seq} of the user's inbox")
    if entry.acked_at is None:
        yield Line(step=0, what="no device has acknowledged it")
    elif entry.background:
        yield Line(step=0, at=entry.acked_at, what="acknowledged, but only by devices that nobody looked at")
    else:
        yield Line(step=0, at=entry.acked_at, what="a device acknowledged it")
    if entry.seen_at is not None:
        yield Line(step=0, at=entry.seen_at, what="the user saw it")
    if entry.read_at is not None:
        yield Line(step=0, at=entry.read_at, what="the user read it")
    if entry.archived_at is not None:
        yield Line(step=0, at=entry.archived_at, what="the user archived it")


def _step(entry: Explained, number: int, step: Step, attempts: Sequence[Attempt]) -> Iterator[Line]:
    yield Line(step=number, what=_plan(step))
    for attempt in attempts:
        yield _attempt(attempt)
        if attempt.cleared_at is not None:
            yield _clearing(attempt, attempt.cleared_at)
    if number == entry.step and entry.due_at is not None:
        yield Line(step=number, at=entry.due_at, what="due again" if attempts else "due")
    elif not attempts and (number < entry.step or entry.due_at is None):
        yield Line(step=number, what=_why_not(entry, number))
    elif number > entry.step:
        yield Line(step=number, what="waits for its time")


def _why_not(entry: Explained, number: int) -> str:
    if number == entry.step and entry.failure in _WHY_NOBODY:
        return f"nobody was called: {_WHY_NOBODY[entry.failure]}"
    if entry.withdrawn_at is not None:
        return f"nobody was called: the entry was {entry.withdrawal}"
    if entry.acked_at is not None:
        return "nobody was called: the user had noticed by then"
    return "nobody was called: there was nobody to call over these channels"


def _plan(step: Step) -> str:
    who = "every target" if step.targets == "all" else "one target after the other"
    return f"{', '.join(step.channels)} to {who} after {step.after_s:g} s, if {step.condition}"


def _attempt(attempt: Attempt) -> Line:
    match attempt.outcome:
        case None:
            what = "called; no answer yet, or its worker died"
        case "accepted":
            what = "accepted by the provider"
        case "gone":
            what = f"the provider calls it dead ({attempt.code}): taken out of use"
        case "misconfigured" if attempt.code == "no_key":
            what = "not called: its address is encrypted with a key that the worker does not have"
        case "misconfigured":
            what = f"the provider refuses our credentials ({attempt.code})"
        case outcome:
            what = f"{outcome} ({attempt.code})"
    if attempt.retry_at is not None:
        what += f"; again at {attempt.retry_at:%H:%M:%S} UTC"
    return Line(
        step=attempt.step,
        at=attempt.started_at,
        channel=attempt.channel,
        target_id=str(attempt.session_id),
        what=f"attempt {attempt.number}: {what}",
    )


def _clearing(attempt: Attempt, at: datetime) -> Line:
    return Line(
        step=attempt.step,
        at=at,
        channel=attempt.channel,
        target_id=str(attempt.session_id),
        what="the device was told to show it no more",
    )


def _call(number: int, target: Reachable, channels: Iterable[str]) -> Line:
    what = "would be called"
    if target.channel not in channels:
        what = "would not be called: no credentials for this channel"
    elif target.flaw is not None:
        what = f"would not be called: its address cannot be read ({target.flaw})"
    return Line(step=number, channel=target.channel, target_id=str(target.session_id), what=what)


def _end(entry: Explained) -> Iterator[Line]:
    if entry.withdrawn_at is not None:
        yield Line(step=entry.step, at=entry.withdrawn_at, what=f"withdrawn: {entry.withdrawal}")
    if entry.failed_at is not None and entry.failure is not None:
        why = _WHY_NOBODY.get(entry.failure, entry.failure)
        yield Line(step=entry.step, at=entry.failed_at, what=f"failed: {why}")
    elif entry.pushed_at is not None and entry.acked_at is None:
        yield Line(
            step=entry.step, at=entry.pushed_at, what="a provider has it; whether the user does, nobody has said"
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
