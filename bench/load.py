"""Driving the load client: what it is asked to do, and what it reports."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import IO, TypeVar

import msgspec

from bench.compiled import compiled
from bench.dialogue import TEXT, Dialogue
from bench.failure import BenchError
from bench.place import CLIENT_CORE, on_core

Shape = TypeVar("Shape")

WITHIN_S = 180.0  # it gives up by itself 10 s after the last frame
WORDS = 400  # characters of its complaints that are shown


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the load client."""

    conns: int
    messages: int = 0
    rate: float = 0.0  # messages a second; 0: as fast as `window` allows
    window: int = 1  # publish requests in flight at once
    each: bool = False  # a message reaches one connection, the next one the next; else all of them
    burst: int = 64  # handshakes in flight at once
    settle_s: float = 1.0  # before memory is read
    first: int = 0  # number of the first connection
    deaf: bool = False  # reads nothing
    item: str | None = None  # what a request's {items} is made of
    items: int = 1  # in one request
    targets: int | None = None  # users it is sent to in turn; None: those that are connected
    unheard: bool = False  # they are not connected: the answers are all there is
    text: str = TEXT
    more: tuple[str, ...] = ()  # further options

    def arguments(self) -> list[str]:
        """The options of the load client."""
        options = {
            "--conns": self.conns,
            "--messages": self.messages,
            "--rate": self.rate,
            "--window": self.window,
            "--target": "each" if self.each else "broadcast",
            "--burst": self.burst,
            "--settle": self.settle_s,
            "--first": self.first,
        }
        options |= {"--items": self.items} if self.item is not None else {}
        options |= {"--targets": self.targets} if self.targets is not None else {}
        words = [word for name, value in options.items() for word in (name, str(value))]
        words += ["--item", self.item] if self.item is not None else []
        words += ["--unheard", "yes"] if self.unheard else []
        return [*words, *(["--deaf", "yes"] if self.deaf else []), *self.more]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the load client says about a run."""

    connections: int
    connect_failed: int
    dropped: int
    connects_per_s: float
    connect_cpu_us: float
    kib_per_connection: float
    published: int
    publish_refused: int
    delivered: int
    missing: int
    seconds: float
    deliveries_per_s: float
    cpu_us_per_delivery: float
    beside_cpu_us_per_delivery: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    peak_mib: float
    beside_each_us: Sequence[float] = ()  # of each process beside, for one delivery


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """What it says after all connections were cut and opened again."""

    resumed: int
    retried: int  # connections that had to be opened more than once
    welcomed_s: float  # until the last one was ready
    seconds: float  # until the last one had what it missed
    received: int
    lost: int
    twice: int
    cpu_us_per_resume: float


class Client:
    """A load client that runs."""

    def __init__(self, process: asyncio.subprocess.Process, complaints: IO[bytes]) -> None:
        self._process = process
        self._complaints = complaints

    async def report(self) -> Report:
        """Waits for the end of the run. Raises BenchError when nothing could be measured."""
        report = parse(await self._line(), Report)
        nothing = not report.delivered if report.published else not report.connections
        if nothing or report.publish_refused > 0:
            self._complaints.seek(0)
            first = self._complaints.read().decode(errors="replace").removeprefix("wsload: ").partition("\nwsload: ")[0]
            raise BenchError(" ".join(first.split())[:WORDS] or "nothing was delivered")
        return report

    async def cut(self) -> None:
        """Returns when all connections are cut; `resume` opens them again."""
        await self._line()

    async def resume(self) -> None:
        """Has it open its connections again."""
        if self._process.stdin is not None:
            self._process.stdin.write(b"go\n")
            await self._process.stdin.drain()

    async def resumed(self) -> Resumed:
        """What it says once every connection has what it missed, or nothing more came."""
        return parse(await self._line(), Resumed)

    async def _line(self) -> bytes:
        if self._process.stdout is None:
            raise BenchError("the load client has no output")
        try:
            async with asyncio.timeout(WITHIN_S):
                return await self._process.stdout.readline()
        except TimeoutError:
            raise BenchError(f"the load client took more than {WITHIN_S:g} s") from None


def parse(line: bytes, shape: type[Shape]) -> Shape:
    """Raises BenchError for what is no report."""
    try:
        return msgspec.json.decode(line, type=shape)
    except msgspec.DecodeError as error:
        raise BenchError(f"the load client said {line[:200]!r}: {error}") from None


@asynccontextmanager
async def loading(
    dialogue: Dialogue, load: Load, *, servers: Sequence[int] = (), beside: Sequence[int] = ()
) -> AsyncIterator[Client]:
    """A load client that runs until the block ends; it reports what the processes `servers` and `beside` used."""
    words = [*dialogue.arguments(load.text), *load.arguments()]
    words += [word for pid in servers for word in ("--pid", str(pid))]
    words += [word for pid in beside for word in ("--beside", str(pid))]
    argv = on_core(CLIENT_CORE, [str(await compiled("wsload")), *words])
    pipe = asyncio.subprocess.PIPE
    with tempfile.TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=complaints)
        try:
            yield Client(process, complaints)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def measure(dialogue: Dialogue, load: Load, *, servers: Sequence[int], beside: Sequence[int] = ()) -> Report:
    """One run from its start to its end."""
    async with loading(dialogue, load, servers=servers, beside=beside) as client:
        return await client.report()
