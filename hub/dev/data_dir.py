"""The folder that `hark dev` keeps everything in: private, held by one process, emptied on request."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hub.dev import credentials, report
from hub.dev.account import account_for
from hub.dev.errors import DataDirRefusedError, DataDirTakenError
from hub.dev.postgres import Postgres

LOCK = "lock"
POSTGRES = "postgres"
VALKEY = "valkey"
SIMULATOR = "simulator"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Create `folder` if need be and be its only user. Raises DataDirTakenError, DataDirRefusedError."""
    try:
        if not folder.exists():
            _create(folder)
        lock = (folder / LOCK).open("a+")  # closed on exec: a child that survives us does not hold it
    except OSError as error:
        raise DataDirRefusedError(f"cannot use {folder}: {error.strerror}; take another --data-dir") from None
    with lock:
        _take(lock, folder)
        yield


def require_ours(folder: Path) -> None:
    """Raises DataDirRefusedError unless `folder` is absent, empty or made by us."""
    if not folder.exists() or (folder / credentials.FILE).exists():
        return
    if any(path.name != LOCK for path in folder.iterdir()):
        raise DataDirRefusedError(
            f"{folder} has no {credentials.FILE}: it is not Hark's, and --fresh does not touch it"
        )


async def empty(folder: Path) -> None:
    """Delete what we made in `folder`, nothing else; the secrets last: a second try knows it as ours."""
    await Postgres.delete(folder / POSTGRES)
    shutil.rmtree(folder / VALKEY, ignore_errors=True)
    shutil.rmtree(folder / SIMULATOR, ignore_errors=True)
    (folder / report.FILE).unlink(missing_ok=True)
    (folder / credentials.FILE).unlink(missing_ok=True)


def _create(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)
    if account := account_for(folder / POSTGRES):  # that account must get to its own folder in here
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)


def _take(lock: TextIO, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = lock.read().strip()
        raise DataDirTakenError(
            f"{folder} is used by another `hark dev` (pid {pid}); stop it or take another --data-dir"
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
