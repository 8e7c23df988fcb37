"""What commands share: settings, a connection, a line for whoever runs them."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from hub import settings as settings_of
from hub import vault_keys
from hub.settings import Settings, SettingsError
from hub.store import encryption, postgres
from hub.store.postgres import Connection
from hub.vault import Vault
from hub.vault_keys import Keys
from hub.visible import visible

CHECK_WITHIN_S = 30.0  # whole tables may have to be read

Result = TypeVar("Result")


class CommandError(Exception):
    """A command cannot do its work; the message is one line for the operator."""


def read_settings() -> Settings:
    """Of the environment. Raises SettingsError."""
    return settings_of.load(os.environ)


def with_database(ask: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Runs `ask` with a connection. Raises CommandError for what Postgres says against it."""

    async def run() -> Result:
        async with postgres.connection(read_settings().hub.database_url) as connection:
            return await ask(connection)

    return asked(run())


def checked_vault(settings: Settings) -> Vault:
    """Of settings whose keys are those of the database. Raises SettingsError when they are not; while Postgres is away,
    or not migrated, nobody can tell."""
    vault = settings_of.vault(settings)

    async def check() -> None:
        async with asyncio.timeout(CHECK_WITHIN_S), postgres.connection(settings.hub.database_url) as connection:
            await encryption.check(connection, vault)

    with contextlib.suppress(*postgres.FAILED):
        asyncio.run(check())
    return vault


def more_encryption_keys() -> Keys:
    """Those of the environment, with a new one in front. Raises SettingsError."""
    given = os.environ.get("HARK_ENCRYPTION_KEYS")
    try:
        before = vault_keys.load(given) if given else None
    except ValueError as error:
        raise SettingsError(f"HARK_ENCRYPTION_KEYS: {error}") from None
    return vault_keys.generate(before, today=datetime.now(UTC).date())


def asked(question: Coroutine[Any, Any, Result]) -> Result:
    """Runs it to its end. Raises CommandError for what Postgres says against it."""
    try:
        return asyncio.run(question)
    except postgres.FAILED as error:
        raise CommandError(f"Postgres: {error}") from None


def say(line: str) -> None:
    """On stdout; what others wrote into it does nothing to the terminal."""
    sys.stdout.write(visible(line) + "\n")
    sys.stdout.flush()


def fail(line: str) -> int:
    """On stderr; gives the exit code."""
    sys.stderr.write(f"hark: {visible(line)}\n")
    return 1
