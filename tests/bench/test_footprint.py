"""What /proc says."""

import os

from bench.footprint import Footprint, footprint, kernel_kib

SOCKSTAT = "sockets: used 120\nTCP: inuse 13 orphan 0 tw 2 alloc 14 mem 25\nUDP: inuse 1 mem 3\n"


def test_kernel_memory_is_counted_in_pages() -> None:
    assert kernel_kib(SOCKSTAT) == 100.0


def test_a_process_that_is_gone_has_no_footprint() -> None:
    assert footprint(2**22 + 1)[:2] == (0, 0.0)


def test_our_own_process_has_one() -> None:
    assert footprint(os.getpid()).kib > 1_000


def test_the_peak_is_the_greater_of_each() -> None:
    assert Footprint(1, 20.0, 3.0).or_more(Footprint(2, 10.0, 3.0)) == Footprint(2, 20.0, 3.0)
