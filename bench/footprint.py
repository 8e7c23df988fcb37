"""What a server uses, and what the kernel holds for its sockets, read from /proc."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PAGE_KIB = 4


class Footprint(NamedTuple):
    """At one moment."""

    sockets: int  # that the server has open
    kib: float  # of its processes (PSS)
    kernel_kib: float  # in the buffers of all TCP sockets of this machine, on both sides of each connection

    @property
    def all_kib(self) -> float:
        """In the processes and in the kernel."""
        return self.kib + self.kernel_kib

    def or_more(self, other: "Footprint") -> "Footprint":
        """The greater of each."""
        return Footprint(
            max(self.sockets, other.sockets), max(self.kib, other.kib), max(self.kernel_kib, other.kernel_kib)
        )


def footprint(pid: int) -> Footprint:
    """Of a process with its children; of one that is gone, nothing."""
    family = list(_family(pid))
    return Footprint(sum(map(_sockets, family)), sum(map(_kib, family)), kernel_kib(_sockstat()))


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process and its children have used, those that have ended included."""
    return sum(map(_cpu_s, _family(pid)))


def kernel_kib(sockstat: str) -> float:
    """From the text of /proc/net/sockstat: `TCP: inuse 3 orphan 0 tw 0 alloc 3 mem 1`, in pages."""
    words = sockstat.split("TCP:")[1].splitlines()[0].split()
    return float(words[words.index("mem") + 1]) * PAGE_KIB


def _sockstat() -> str:
    return Path("/proc/net/sockstat").read_text()


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))


def _cpu_s(pid: int) -> float:
    with suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / os.sysconf("SC_CLK_TCK")  # utime, stime, cutime, cstime
    return 0.0


def _sockets(pid: int) -> int:
    count = 0
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed while we looked
                count += str(link.readlink()).startswith("socket:")
    return count


def _kib(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1])
    return 0.0
