"""The load client itself."""

import pytest

from bench.compiled import compiled
from bench.failure import BenchError
from bench.place import program
from bench.process import output_of

pytestmark = pytest.mark.skipif(program("cc") is None, reason="needs a C compiler")


@pytest.mark.parametrize("address", ["192.0.2.1:80/", "0.0.0.0:80/", "example.com:80/"])
async def test_only_this_machine_is_loaded(address: str) -> None:
    with pytest.raises(BenchError, match=r"loopback|IPv4"):
        await output_of(str(await compiled("wsload")), "--ws", address)


async def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(BenchError, match="unknown option"):
        await output_of(str(await compiled("wsload")), "--frobnicate", "1")
