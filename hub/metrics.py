"""The hub's metrics (Prometheus). Labels are bounded; nothing here names a user."""

from prometheus_client import Counter, Gauge, Histogram

HOP_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

connections = Gauge("hark_connections", "Live connections on this node")
admitted = Counter("hark_admitted", "Hellos answered with a welcome")
accepted = Counter("hark_accepted", "Notifications answered with a 2xx")
stored = Counter("hark_stored", "Entries committed to Postgres")
published = Counter("hark_published", "Entries handed to the bus")
publish_failed = Counter("hark_publish_failed", "Entries the bus did not take; Postgres brings them")
written = Counter("hark_written", "Entries written to connections")
live_published = Counter("hark_live_published", "Messages of ephemeral topics handed to the bus")
live_written = Counter("hark_live_written", "Messages of ephemeral topics written to connections, joined ones once")
acked = Counter("hark_acked", "Entries acknowledged by clients")
caught_up = Counter("hark_caught_up", "Entries read from Postgres for connections that were behind")
closed = Counter("hark_closed", "Connections closed by the hub", ["code"])

_hop = Histogram("hark_hop_seconds", "Time of each hop of an entry", ["hop"], buckets=HOP_BUCKETS_S)
hop_stored = _hop.labels("accepted_to_stored")
hop_published = _hop.labels("stored_to_published")
hop_written = _hop.labels("published_to_written")
hop_acked = _hop.labels("written_to_acked")

due = Gauge("hark_due", "Entries that are due and not yet claimed by a worker")
due_age = Gauge("hark_due_age_seconds", "How long the oldest due entry has been due")
recent_attempts = Gauge("hark_attempts_last_hour", "Attempts of all workers in the last hour", ["channel", "outcome"])
