"""The two programs in C: the load client and the floor, compiled when their source is newer than what is there."""

from pathlib import Path

from bench import place
from bench.failure import BenchError
from bench.process import output_of


async def compiled(name: str) -> Path:
    """The program made of `programs/NAME.c`. Raises BenchError where there is no compiler."""
    source, made = place.PROGRAMS / f"{name}.c", place.CACHE / name
    if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
        return made
    if place.program("cc") is None:
        raise BenchError("no C compiler for the load client: apt-get install gcc libc6-dev")
    place.CACHE.mkdir(exist_ok=True)
    await output_of("cc", "-O2", "-o", str(made), str(source))
    return made
