"""hark-client.js, where there is a Node to run it: client.test.mjs has the sentences."""

import asyncio
import shutil
from pathlib import Path

import pytest

NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="there is no Node.js here; the hub does not need it")
async def test_the_client_keeps_its_promises() -> None:
    assert NODE is not None
    tests = Path(__file__).with_name("client.test.mjs")
    process = await asyncio.create_subprocess_exec(
        NODE, "--test", tests, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()

    assert process.returncode == 0, said.decode()
