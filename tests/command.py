"""The `hark` command, as an operator runs it: a process of its own."""

import asyncio
import os
import sys

DEFAULTS = {
    "HARK_REDIS_URL": "redis://127.0.0.1:1",  # nobody is there
    "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
}


async def started(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """It runs, and what it says can be read."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", *arguments), env=os.environ | DEFAULTS | environment, stdout=pipe, stderr=pipe
    )


async def ran(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Its exit code, and what it said on stdout and stderr."""
    process = await started(*arguments, **environment)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
