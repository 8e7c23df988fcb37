"""Runs sentences that are written in JavaScript, where there is a Node.js to run them."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

NODE = shutil.which("node")
FOLDER = Path(__file__).parent

needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node.js here; the hub does not need it")


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
