"""Columns that several workloads have."""

from bench.figures import Column

CPU = Column("CPU µs a delivery", "cpu_us", 1, compared=True)
PER_S = Column("deliveries/s", "per_s")
P50 = Column("p50 ms", "p50_ms", 1)
P99 = Column("p99 ms", "p99_ms", 1)
MAX = Column("max ms", "max_ms", 1)
LOST = Column("lost", "lost")
BESIDE = Column("Postgres and Valkey, CPU µs", "beside_us", 1)

HUB = Column("hub, CPU µs", "cpu_us", 1)
WORKER = Column("worker", "worker_us", 1)
POSTGRES = Column("Postgres", "postgres_us", 1)
VALKEY = Column("Valkey", "valkey_us", 1)

LATENCY = (P50, P99, MAX)
