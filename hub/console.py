"""What commands share: settings, a connection, a line for whoever runs them."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from hub import settings as settings_of
from hub.settings import Settings
from hub.store import postgres
from hub.store.postgres import Connection

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


def asked(question: Coroutine[Any, Any, Result]) -> Result:
    """Runs it to its end. Raises CommandError for what Postgres says against it."""
    try:
        return asyncio.run(question)
    except postgres.FAILED as error:
        raise CommandError(f"Postgres: {error}") from None


def say(line: str) -> None:
    """On stdout."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fail(line: str) -> int:
    """On stderr; gives the exit code."""
    sys.stderr.write(f"hark: {line}\n")
    return 1
