"""Seeded faults: each puts one broken part into the world, which the machine must find.

Layers hide each other's faults: the position check finds within 5 seconds whatever a race lost. A fault of that kind is
looked for with the check off, on a bus that loses nothing; without the fault, nothing is broken then either.
"""

from typing import Any, NamedTuple

from hub.live.connection import Connection
from tests.model.broken import admissions, connections, devices, nodes, senders, stores
from tests.model.hub import Wiring
from tests.model.rules import Machine, Racing, Reading, Restoring
from tests.model.verbs import Verbs
from tests.model.world import Make


class Fault(NamedTuple):
    """A broken world, the checks one of which finds it first (see `tests.model`), and where it shows soonest."""

    make: Make
    breaks: str
    hints_arrive: bool = False
    machine: type[Verbs] = Machine


def _live(breaks: str, machine: type[Verbs] = Machine, **parts: Any) -> Fault:
    return Fault(Make(Wiring(**parts)), breaks, machine=machine)


def _connection(connection: type[Connection], breaks: str, machine: type[Verbs] = Machine) -> Fault:
    return _live(breaks, machine, connection=connection)


def _unhealed(**parts: Any) -> Fault:
    make = Make(Wiring(position_check=nodes.NoPositionCheck, **parts))
    return Fault(make, "reached", hints_arrive=True, machine=Racing)


NOTHING_HEALED = _unhealed()  # and nothing to heal: the control

FAULTS = {
    # A connection begins.
    "the inbox is read before its user is subscribed": _unhealed(admission=admissions.ReadsBeforeItSubscribes),
    "a connection is registered after its inbox was read": _unhealed(admission=admissions.RegistersAfterItRead),
    "pushes before the hello's answer are forgotten": _unhealed(connection=connections.ForgetsPushesBeforeItIsPlaced),
    "pushes before the welcome": _live("unbroken", Racing, admission=admissions.PushesBeforeItIsPlaced),
    "a cursor needs no proof": _live("history|reached|unbroken", admission=admissions.CursorIsTrusted),
    "hellos are answered from a cache": _live(
        "forward|history|reached|unbroken", Racing, admission=admissions.AnswersFromACache
    ),
    "every hello begins at the head": _connection(connections.BeginsAtTheHead, "reached|unbroken"),
    "a hello that comes meanwhile wakes nobody": _live(
        "reached", Reading, admission=admissions.LosesHellosThatComeMeanwhile
    ),
    # It is pushed to, falls behind and is fed.
    "no gap is read": _connection(connections.NoGapRead, "unbroken"),
    "no position is checked": _live("reached", position_check=nodes.NoPositionCheck),
    "duplicates are shown": Fault(Make(device=devices.NoDeduplication), "history"),
    "hints that come twice are pushed twice": _connection(connections.PushesWhatWasSent, "unbroken"),
    "pushes while a page is read are forgotten": _unhealed(connection=connections.ForgetsPushesWhileItReads),
    "unsubscribed when the first of two leaves": _unhealed(registry=nodes.UnsubscribesWithTheFirst),
    "a hint reaches everybody": _live("addressed|history|unbroken", fan_out=nodes.TellsEverybody),
    "a drained transport is not fed": _connection(connections.AsksNothingWhenDrained, "reached"),
    "a full transport is pushed to": _connection(connections.PushesWhenFull, "room"),
    "a full transport gets pages": _connection(connections.PagesWhenFull, "room", Reading),
    "no gap is told": _connection(connections.TellsNothingOfWhatExpired, "room|unbroken"),
    "the feeder forgets when Postgres fails": _live("reached", Racing, feeder=nodes.ForgetsOnFailure),
    "who asks for a page meanwhile wakes nobody": _live("reached", Reading, feeder=nodes.LosesWhoAsksMeanwhile),
    "a page that is lost is asked for again and again": _live("busy", Restoring, feeder=nodes.AsksForWhatIsLost),
    "a restored backup is not noticed": _live(
        "history|reached|receipt", Restoring, position_check=nodes.NoticesNoRestore
    ),
    # It acknowledges.
    "delivered is what was written to the socket": _connection(connections.WrittenIsDelivered, "receipt"),
    "an ack counts beyond what was sent": _connection(connections.AckIsTrusted, "receipt", Restoring),
    "acks are dropped when Postgres fails": _live("receipt", Racing, receipts=nodes.DropsAcksOnFailure),
    "acks are confirmed before the commit": _live("receipt", receipts=nodes.ConfirmsBeforeTheCommit),
    "an ack that comes meanwhile wakes nobody": _live("receipt", receipts=nodes.LosesAcksThatComeMeanwhile),
    "lost acks are not said again": Fault(Make(device=devices.LostAcksStayLost), "receipt", machine=Reading),
    # Somebody sends.
    "a 2xx before the commit": _live("stored", sender=senders.AcceptsBeforeTheCommit),
    "a plain sequence instead of the row lock": Fault(Make(postgres=stores.PlainSequence), "order"),
    "a page's head is newer than its entries": Fault(Make(postgres=stores.TornPages), "unbroken", machine=Racing),
    # Nobody acknowledges.
    "presence cancels the push": _live("pushed", announcer=senders.PresenceCancels),
    "a claim has no lease": Fault(Make(tables=stores.ClaimsWithoutALease), "pushed"),
    "an ack does not stop the ladder": Fault(Make(tables=stores.AckStopsNothing), "stopped"),
    "an ack after the claim does not stop the push": Fault(
        Make(tables=stores.PushesWhatIsAcknowledged), "stopped", machine=Racing
    ),
    "hurry revives what is acknowledged": Fault(
        Make(tables=stores.HurriesWhatIsAcknowledged), "stopped", machine=Racing
    ),
}
