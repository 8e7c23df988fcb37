"""The hub's metrics (Prometheus). Labels are bounded; nothing here names a user."""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import REGISTRY, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

HOP_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Tally(Collector):
    """A counter that one thread counts: the library's own takes a lock each time, which costs more than all that is
    done for an entry beside it."""

    def __init__(self, name: str, documentation: str) -> None:
        self._name, self._documentation = name, documentation
        self._value = 0
        REGISTRY.register(self)

    def inc(self, amount: int = 1) -> None:
        """So many more."""
        self._value += amount

    def collect(self) -> Iterator[CounterMetricFamily]:
        """For the scrape."""
        yield CounterMetricFamily(self._name, self._documentation, value=self._value)


class Hop:
    """How long one hop took, each time; counted by one thread, like a Tally."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts = [0] * (len(HOP_BUCKETS_S) + 1)
        self.sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Once more."""
        self.counts[bisect_left(HOP_BUCKETS_S, seconds)] += 1
        self.sum_s += seconds


class _Hops(Collector):
    def __init__(self, *hops: Hop) -> None:
        self._hops = hops
        REGISTRY.register(self)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily("hark_hop_seconds", "Time of each hop of an entry", labels=["hop"])
        for hop in self._hops:
            total = 0
            buckets = []
            for bound, count in zip((*HOP_BUCKETS_S, "+Inf"), hop.counts, strict=True):
                total += count
                buckets.append((str(bound), total))
            family.add_metric([hop.name], buckets, hop.sum_s)
        yield family


connections = Gauge("hark_connections", "Live connections on this node")
admitted = Tally("hark_admitted", "Hellos answered with a welcome")
accepted = Tally("hark_accepted", "Notifications answered with a 2xx")
stored = Tally("hark_stored", "Entries committed to Postgres")
published = Tally("hark_published", "Entries handed to the bus")
publish_failed = Tally("hark_publish_failed", "Entries the bus did not take; Postgres brings them")
written = Tally("hark_written", "Entries written to connections")
live_published = Tally("hark_live_published", "Messages of ephemeral topics handed to the bus")
live_written = Tally("hark_live_written", "Messages of ephemeral topics written to connections, joined ones once")
acked = Tally("hark_acked", "Entries acknowledged by clients")
caught_up = Tally("hark_caught_up", "Entries read from Postgres for connections that were behind")
foreign = Tally("hark_foreign", "Times that something of another user was about to be told, and was not: 0, or a fault")
rate_limited = Counter("hark_rate_limited", "Requests answered with a 429", ["limit"])
take_overs_refused = Tally("hark_take_overs_refused", "Registrations of a device that is another user's: answered 409")
closed = Counter("hark_closed", "Connections closed by the hub", ["code"])
issuer_fetches = Counter("hark_issuer_fetches", "Fetches of the issuer's keys: fetched or failed", ["result"])

hop_stored = Hop("accepted_to_stored")
hop_published = Hop("stored_to_published")
hop_written = Hop("published_to_written")
hop_acked = Hop("written_to_acked")
_Hops(hop_stored, hop_published, hop_written, hop_acked)

due = Gauge("hark_due", "Entries that are due and not yet claimed by a worker")
due_age = Gauge("hark_due_age_seconds", "How long the oldest due entry has been due")
webhooks_due = Gauge("hark_webhooks_due", "Events that webhooks are to be told and no worker has taken yet")
webhooks_due_age = Gauge("hark_webhooks_due_age_seconds", "How long the oldest of them has been due")
recent_attempts = Gauge("hark_attempts_last_hour", "Attempts of all workers in the last hour", ["channel", "outcome"])
