"""The escalation ladder of one notification: which step runs, and what follows it. Pure: no clock, no random.

An entry is in the app from the moment it is stored. Each step of its ladder waits until its time, looks whether the
user has noticed meanwhile, and if not, calls the targets of its channels.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from delivery.message import Priority
from delivery.retry import Retry, Stop

Channel: TypeAlias = Literal["webpush", "apns", "fcm", "email", "sms", "chat"]
Condition: TypeAlias = Literal["unacked", "unseen", "unread"]

PUSH: frozenset[Channel] = frozenset({"webpush", "apns", "fcm"})

STEPS = 10
LONGEST_S = 7 * 86400
BACKGROUND_S = 30.0  # an ack of a device nobody looks at puts the next step off for so long


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"condition": "if"}):
    """`after_s` seconds after the notification was accepted, if the user has not noticed: over these channels."""

    channels: Annotated[list[Literal["push"] | Channel], Meta(min_length=1, max_length=7)]
    after_s: Annotated[float, Meta(ge=0, le=LONGEST_S)] = 0.0
    condition: Condition = "unacked"
    """`unacked`: no device acknowledged it, or only devices that nobody looked at, and it was not seen either."""
    targets: Literal["all", "first"] = "all"
    """`first`: one after the other, the newest device first, until a provider takes it."""

    @property
    def reaches(self) -> frozenset[Channel]:
        """Its channels, with `push` spelt out."""
        return frozenset(
            channel for each in self.channels for channel in (PUSH if each == "push" else frozenset({each}))
        )


Ladder: TypeAlias = Sequence[Step]


class Marks(NamedTuple):
    """What is known of the user."""

    acked: bool = False
    background: bool = False  # acknowledged, but only by devices that nobody looked at
    seen: bool = False
    read: bool = False


class Run(msgspec.Struct, frozen=True):
    """This step now."""

    step: int


class Later(msgspec.Struct, frozen=True):
    """This step, in so many seconds."""

    step: int
    due_in_s: float
    reached: bool = False  # a provider accepted it in the step before


class Finished(msgspec.Struct, frozen=True):
    """The ladder ended. `failure` says why nobody was reached, or is None when somebody was, or need not be."""

    failure: str | None
    reached: bool = False


Move: TypeAlias = Later | Finished


@cache
def default(priority: Priority, ack_deadline_s: float) -> Ladder:
    """Of a notification that has none of its own: a push to every device. A critical one waits for nobody, and what is
    on a screen that nobody may look at does not stop it."""
    if priority == "critical":
        return (Step(channels=["push"], condition="unseen"),)
    return (Step(channels=["push"], after_s=ack_deadline_s),)


def stored(text: str | None) -> Ladder | None:
    """As it was kept: JSON, or nothing for the default one."""
    return None if text is None else msgspec.json.decode(text, type=list[Step])


class Start(NamedTuple):
    """How an entry begins."""

    due_in_s: float | None  # of the first step, after the acceptance. None: it stays in the app
    goal: int  # what a user has to do for nothing to be left: 0 acknowledge, 1 see, 2 read
    hurries: bool  # the first step need not wait while no device is connected: nobody could acknowledge


def start(ladder: Ladder) -> Start:
    """Of an entry with this ladder."""
    if not ladder:
        return Start(None, 0, hurries=False)
    goal = max(_GOALS[step.condition] for step in ladder)
    return Start(ladder[0].after_s, goal, hurries=ladder[0].condition == "unacked")


@cache
def default_start(priority: Priority, ack_deadline_s: float) -> Start:
    """Of most entries."""
    return start(default(priority, ack_deadline_s))


def at(ladder: Ladder, step: int, marks: Marks, age_s: float) -> Run | Move:
    """An entry accepted `age_s` ago whose `step` (from 1) is due: what is to be done. A step that is not needed is
    passed over, and the next one has its own time."""
    for here in range(step, len(ladder) + 1):
        found = ladder[here - 1]
        if not _unnoticed(found.condition, marks):
            continue
        if here > step and found.after_s > age_s:
            return Later(here, found.after_s - age_s)
        return Run(here)
    return Finished(None)


def after(ladder: Ladder, step: int, results: Sequence[Retry | Stop], age_s: float, *, reached: bool) -> Move:
    """What follows when all targets of a step have answered; `results` holds the latest of each, `reached` whether
    another step had reached somebody. The next step starts on time, whatever this one still waits for."""
    here = any(isinstance(result, Stop) and result.state == "accepted" for result in results)
    delays = [result.delay_s for result in results if isinstance(result, Retry)]
    if here and ladder[step - 1].targets == "first":
        delays = []
    next_in_s = max(0.0, ladder[step].after_s - age_s) if step < len(ladder) else None
    if delays and (next_in_s is None or min(delays) < next_in_s):
        return Later(step, min(delays), here)
    return next_or_end(ladder, step, age_s, failure=_failure(results), here=here, reached=reached)


def next_or_end(
    ladder: Ladder, step: int, age_s: float, *, failure: str, here: bool = False, reached: bool = False
) -> Move:
    """What follows a step that is over: `here` whether it reached somebody, else `failure` says why not."""
    if step < len(ladder):
        return Later(step + 1, max(0.0, ladder[step].after_s - age_s), here)
    return Finished(None if here or reached else failure, here)


def _failure(results: Sequence[Retry | Stop]) -> str:
    states = [result.state for result in results if isinstance(result, Stop)]
    return states[0] if states else "no_target"


_GOALS: dict[Condition, int] = {"unacked": 0, "unseen": 1, "unread": 2}


def _unnoticed(condition: Condition, marks: Marks) -> bool:
    match condition:
        case "unacked":
            return not marks.acked or (marks.background and not marks.seen)
        case "unseen":
            return not marks.seen
        case "unread":
            return not marks.read
