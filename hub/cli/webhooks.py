"""`hark webhooks`: list, add, test."""

import argparse
import contextlib
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from delivery.outbound.client import Outbound
from delivery.webhook.event import EVENT_TYPES, EventType
from delivery.webhook.signature import new_secret
from hub.audit import CLI, Deed
from hub.cli.console import CommandError, checked_vault, read_settings, say, with_database
from hub.ids import uuid7
from hub.store import audit
from hub.store import webhooks as store
from hub.store.postgres import Connection
from hub.store.webhooks import Webhook
from hub.vault import Vault
from hub.webhooks import Tested, outbound, refusal, try_out


def add_to(webhooks: argparse.ArgumentParser) -> None:
    """The actions."""
    actions = webhooks.add_subparsers(metavar="ACTION")
    actions.add_parser("list", help="every webhook and how it fares").set_defaults(command=list_webhooks)
    added = actions.add_parser("add", help="register an endpoint and print its signing secret, once")
    added.add_argument("url", help="where events are posted to")
    added.add_argument("--event", action="append", choices=EVENT_TYPES, help="only this one; may be repeated")
    added.add_argument("--description", default="", help="whose endpoint it is")
    added.set_defaults(command=_add)
    tested = actions.add_parser("test", help="tell an endpoint a webhook.test and say what it answered")
    tested.add_argument("id", type=_uuid, help="of the webhook")
    tested.set_defaults(command=_test)


def list_webhooks(_: argparse.Namespace) -> int:
    """A line for each: id, state, URL."""
    for webhook in with_database(store.all_webhooks):
        say(f"{webhook.id}  {_state(webhook):38}  {webhook.url}")
    return 0


def _add(options: argparse.Namespace) -> int:
    webhook_id, secret = uuid7(), new_secret()
    vault = checked_vault(read_settings())
    with_database(lambda db: _stored(db, vault, webhook_id, options.url, options.event, options.description, secret))
    say(f"id      {webhook_id}")
    say(f"secret  {secret}")
    return 0


def _test(options: argparse.Namespace) -> int:
    vault = checked_vault(read_settings())

    async def ask(db: Connection) -> Tested | None:
        async with _outbound() as client:
            return await try_out(db, vault, client, options.id)

    tested = with_database(ask)
    if tested is None:
        raise CommandError(f"there is no webhook {options.id}")
    say(f"{'told' if tested.told else 'not told'}: {tested.answer} after {tested.took_ms} ms")
    return 0 if tested.told else 1


async def _stored(
    db: Connection,
    vault: Vault,
    webhook_id: UUID,
    url: str,
    events: Sequence[EventType] | None,
    description: str,
    secret: str,
) -> None:
    async with _outbound() as client:
        if refused := await refusal(client, url):
            raise CommandError(f"{url}: expected {refused}")
    async with db.transaction():
        made = await store.create(db, vault, webhook_id, url=url, events=events, description=description, secret=secret)
        if made is None:
            raise CommandError(f"there are {store.MOST} webhooks already")
        await audit.append(db, Deed(CLI, "webhook.created", {"webhook_id": str(webhook_id)}))


@contextlib.asynccontextmanager
async def _outbound() -> AsyncIterator[Outbound]:
    client = outbound(read_settings().webhooks)
    try:
        yield client
    finally:
        await client.aclose()


def _state(webhook: Webhook) -> str:
    if webhook.disabled_at is not None:
        return f"disabled {webhook.disabled_at:%Y-%m-%d} ({webhook.disabled_reason})"
    return "enabled" if webhook.failing_since is None else f"failing since {webhook.failing_since:%Y-%m-%d %H:%M} UTC"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be the id of a webhook") from None
