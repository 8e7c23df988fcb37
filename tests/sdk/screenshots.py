"""What tested browsers showed, kept for people to look at: `build/screenshots` in this tree."""

import asyncio
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"


async def keep(name: str, png: bytes) -> None:
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread((FOLDER / f"{name}.png").write_bytes, png)
