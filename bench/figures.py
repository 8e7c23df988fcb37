"""What one workload measured at one server, and what a whole sitting found. Values, and the JSON they are kept as."""

from collections.abc import Sequence

import msgspec

from bench.load import Report


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """None: this workload does not measure it."""

    cpu_us: float | None = None  # of the server, for one delivery, connect or resume
    beside_us: float | None = None  # of its database and broker, for one delivery
    postgres_us: float | None = None  # of these two and of the worker apart
    valkey_us: float | None = None
    worker_us: float | None = None
    per_s: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    kib: float | None = None  # a connection, in the server's process
    kernel_kib: float | None = None  # a connection, in the kernel's socket buffers
    left_kib: float | None = None  # of both, at the end
    seconds: float | None = None
    ratio: float | None = None
    refused: int | None = None  # sends that were not accepted
    calls: int | None = None  # of a provider that is down
    early: int | None = None  # of them before it wanted any
    lost: int | None = None  # messages that were never received, or connections
    twice: int | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One server under one workload, or one case of a study; without figures it failed."""

    server: str
    figures: Figures | None = None
    failure: str | None = None
    disturbed: float = 0.0  # the share of the machine that other programs used meanwhile


class Column(msgspec.Struct, frozen=True):
    """Of a workload's table: a heading, the figure's name, its decimals; whether ratios are made of it."""

    heading: str
    figure: str
    decimals: int = 0
    compared: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One workload's runs."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    runs: Sequence[Run]
    of: str = "server"  # what a row is about


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A server of the sitting: its version, or why it was skipped and what would bring it here."""

    name: str
    title: str
    version: str | None = None
    skipped: str | None = None
    install: str | None = None


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured in one go, on one machine: only these figures may be compared."""

    date: str
    machine: str
    quick: bool
    servers: Sequence[ServerInfo]
    tables: Sequence[Table]


def of_deliveries(report: Report) -> Figures:
    """The figures of a run that delivered messages."""
    return Figures(
        cpu_us=report.cpu_us_per_delivery,
        beside_us=report.beside_cpu_us_per_delivery or None,
        per_s=report.deliveries_per_s,
        p50_ms=report.p50_ms,
        p99_ms=report.p99_ms,
        max_ms=report.max_ms,
        lost=report.missing + report.connect_failed,
    )


def value(figures: Figures | None, name: str) -> float | None:
    """One figure by its name."""
    found: float | None = getattr(figures, name, None)
    return found
