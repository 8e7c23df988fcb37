"""A command that runs to its end before anything else starts: initdb, the migrations, the first API key."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from hub.dev.account import Account
from hub.dev.errors import StartError
from hub.dev.orphans import die_with_parent
from hub.dev.process import as_account

LAST_WORDS = 2_000  # characters of what a failed command said


async def run(
    argv: Sequence[str], *, name: str, env: Mapping[str, str], within_s: float, account: Account | None = None
) -> str:
    """What it wrote to stdout. Raises StartError with its last words when it fails or takes too long.

    It is killed when the caller is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
        **as_account(account),
    )
    try:
        async with asyncio.timeout(within_s):
            out, err = await process.communicate()
    except TimeoutError:
        raise StartError(f"{name} did not end within {within_s:.0f} s") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        said = (out + err).decode(errors="replace").strip()
        raise StartError(f"{name} failed:\n{said[-LAST_WORDS:]}")
    return out.decode(errors="replace")
