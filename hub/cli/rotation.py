"""`hark keys rotate`, and what `hark migrate` does with rows from before they were encrypted."""

import argparse
import time

from hub import settings as settings_of
from hub.cli.console import CommandError, checked_vault, fail, read_settings, say, with_database
from hub.settings import Settings
from hub.store import api_keys, encryption, resealing
from hub.store.postgres import Connection
from hub.store.resealing import Progress
from hub.vault import Vault

SAY_EVERY_S = 1.0


def rotate(_: argparse.Namespace) -> int:
    """Seals everything with the first key, and says which ones nothing needs any more."""
    vault = checked_vault(read_settings())

    async def ask(db: Connection) -> tuple[int, list[str]]:
        await encryption.check(db, vault)
        await _reseal(db, vault, plain_only=False)
        return await resealing.left(db, vault), await encryption.forget_spare(db, vault)

    try:
        left, spare = with_database(ask)
    except KeyboardInterrupt:
        return fail("stopped; the same again goes on from here")
    if left:
        raise CommandError(
            f"{left} rows are not encrypted with {vault.newest!r}: they cannot be read, or were written since"
        )
    say(f"everything is encrypted with {vault.newest!r}")
    if spare:
        say(f"nothing needs these any more, once every hub and worker has {vault.newest!r} first: {', '.join(spare)}")
    return 0


def look_before(settings: Settings) -> None:
    """Before a migration that API keys of before do not outlive alone. Raises SettingsError when they could not be
    keyed behind it."""

    async def ask(db: Connection) -> None:
        if await api_keys.are_of_before(db):
            vault = settings_of.vault(settings)
            if await encryption.is_known(db):
                await encryption.check(db, vault)

    with_database(ask)


def seal_the_rest(settings: Settings) -> None:
    """Seals what was stored before there were keys, and keys what was a plain digest. Raises SettingsError when there
    may be any, and still no key."""

    async def ask(db: Connection) -> None:
        if not await resealing.complete(db) or await api_keys.are_of_before(db):
            vault = settings_of.vault(settings)
            await encryption.check(db, vault)
            if keyed := await api_keys.key_those_of_before(db, vault):
                say(f"api_keys.digest: {keyed:,} of {keyed:,}")
            await _reseal(db, vault, plain_only=True)
        await api_keys.require_keyed(db)

    with_database(ask)


async def _reseal(db: Connection, vault: Vault, *, plain_only: bool) -> None:
    said_s = time.monotonic()
    last: Progress | None = None
    async for progress in resealing.reseal(db, vault, plain_only=plain_only):
        if last is not None and (last.column != progress.column or time.monotonic() - said_s > SAY_EVERY_S):
            _say(last)
            said_s = time.monotonic()
        last = progress
    if last is not None:
        _say(last)


def _say(progress: Progress) -> None:
    unreadable = f", {progress.unreadable} cannot be read" if progress.unreadable else ""
    say(f"{progress.column}: {progress.done:,} of {progress.of:,}{unreadable}")
