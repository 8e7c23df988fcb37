"""Runs sentences that are written in JavaScript, where there is a Node.js to run them."""

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
FOLDER = Path(__file__).parent
OLDEST = (20, 10)  # the first one with WebSockets, behind a flag


def why_not(version: str | None) -> str | None:
    """Why the tests that need Node.js are skipped, and what to do; `version`: what it says, None when there is none."""
    wanted = f"Node.js {'.'.join(map(str, OLDEST))} or newer (the hub does not need it)"
    if version is None:
        return f"there is no Node.js here: apt-get install nodejs, where that is {wanted}, else https://nodejs.org/en/download"
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    return (
        None
        if numbers >= OLDEST
        else f"{version.strip()} is too old: these tests need {wanted}, https://nodejs.org/en/download"
    )


def _version() -> str | None:
    return NODE and subprocess.run((NODE, "--version"), capture_output=True, check=True, text=True).stdout  # noqa: S603


WHY_NOT = why_not(_version())
needs_node = pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")


async def passes(name: str, **environment: str) -> None:
    """Runs a `.test.mjs` of this folder; what it said is the message when it fails."""
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        *(NODE, "--test", "--experimental-websocket", "--no-warnings", FOLDER / name),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
