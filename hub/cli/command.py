"""The `hark` command.

What runs servers is imported when it is asked for: it takes a second, and the other commands need none of it.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import structlog

from hark_sdk import HarkError
from hark_sdk.notification import Options
from hub import settings as settings_of
from hub.cli import audit, check, keys, remote, revoke, webhooks
from hub.cli.console import CommandError, asked, checked_vault, fail, read_settings, say, with_database
from hub.cli.remote import HubUnknown
from hub.cli.rotation import look_before, seal_the_rest
from hub.cli.show import progress
from hub.dev import report
from hub.settings import SettingsError
from hub.store.migrate import MigrationError, migrate
from hub.store.postgres import Connection

DEFAULT_PORT = 8080
DEFAULT_DATA_DIR = Path(".hark")
DEFAULT_WAIT_S = 10
DEFAULT_PAPERS = Path(".hark-simulator")  # not that of a running `hark dev`: a paper in there names its port


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # servers set up their own
    try:
        return command(options)
    except (SettingsError, MigrationError, CommandError, HubUnknown, HarkError) as error:
        return fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hark", description="Hark, the push hub that does not lose messages.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    started = add("dev", _dev, "Start everything on this machine, with its own Postgres and Valkey.")
    started.add_argument("--port", type=int, default=DEFAULT_PORT, help="port of the hub (default %(default)s)")
    started.add_argument(
        "--data-dir",
        type=Path,
        default=DEFAULT_DATA_DIR,
        help="where everything is kept (default %(default)s)",
    )
    started.add_argument("--fresh", action="store_true", help="delete what is kept there and start from nothing")
    _add_simulate(add("simulate", _simulate, "Run simulated APNs, FCM, Web Push, mail server and Twilio, alone."))
    served = add("serve", _serve, "Run the hub: REST API and sockets.")
    served.add_argument("--workers", type=_positive, default=1, help="processes on the one port (default %(default)s)")
    add("worker", _worker, "Run the worker: what is due goes up its ladder.")
    add("migrate", _migrate, "Bring the database up to this version.")
    shown = add("show", _show, "Tell how far a notification is.")
    shown.add_argument("id", type=_uuid, help="of the notification, as the send call answered it")
    shown.add_argument("--follow", action="store_true", help="go on until nothing more will happen to it")
    _add_send(add("send", _send, "Send a notification to a user of a running hub, and print its id."))
    revoke.add_to(add("revoke", revoke.revoke, "End user tokens before their time, on all nodes."))
    add("settings", _settings, "Print every setting with its meaning and default (.env.example).")
    keys.add_to(
        add(
            "keys",
            keys.list_keys,
            "API keys, VAPID keys, encryption keys; without a further word: list the API keys.",
        )
    )
    webhooks.add_to(add("webhooks", webhooks.list_webhooks, "Where your back end hears what became of notifications."))
    check.add_to(commands.add_parser("check", help=check.HELP, description=check.HELP))
    audit.add_to(commands.add_parser("audit", help=audit.HELP, description=audit.HELP))
    return parser


def _add_send(sent: argparse.ArgumentParser) -> None:
    sent.add_argument("user", metavar="USER", help="your own id of the user")
    sent.add_argument("title", metavar="TITLE")
    sent.add_argument("--message", default="")
    sent.add_argument("--data", type=_json_object, default={}, metavar="JSON", help="an object for the devices")
    sent.add_argument("--priority", choices=["low", "normal", "high", "critical"], default="normal")
    sent.add_argument(
        "--wait",
        type=_positive,
        nargs="?",
        const=DEFAULT_WAIT_S,
        metavar="SECONDS",
        help="until a device or a provider has it, or nobody will (default %(const)s, at most 60); 1 if nobody has",
    )
    sent.add_argument("--url", help="of the hub (default HARK_URL, else the `hark dev` that runs here)")
    sent.add_argument("--key", help="API key (default HARK_API_KEY, which other users of this machine do not see)")
    sent.add_argument("--data-dir", type=Path, default=DEFAULT_DATA_DIR, help="of `hark dev` (default %(default)s)")


def _add_simulate(simulated: argparse.ArgumentParser) -> None:
    simulated.add_argument("--host", default="127.0.0.1", help="address it listens on (default %(default)s)")
    for option, port, what in (
        ("--port", 8090, "the page, FCM, Web Push and Twilio"),
        ("--apns-port", 8091, "APNs"),
        ("--smtp-port", 8025, "the mail server"),
    ):
        simulated.add_argument(option, type=int, default=port, help=f"port of {what} (default %(default)s; 0: any)")
    simulated.add_argument(
        "--papers",
        type=Path,
        default=DEFAULT_PAPERS,
        help="folder of its keys and certificates (default %(default)s)",
    )
    simulated.add_argument("--quiet", action="store_true", help="do not print the settings that lead to it")


def _dev(options: argparse.Namespace) -> int:
    from hub.dev.command import dev  # noqa: PLC0415

    return dev(port=options.port, data_dir=options.data_dir, fresh=options.fresh)


def _simulate(options: argparse.Namespace) -> int:
    from delivery.simulator.command import Places  # noqa: PLC0415
    from hub.cli.simulate import simulate  # noqa: PLC0415

    places = Places(options.host, options.port, options.apns_port, options.smtp_port)
    return simulate(places, options.papers, quiet=options.quiet)


def _serve(options: argparse.Namespace) -> int:
    from hub.serve import serve  # noqa: PLC0415

    settings = read_settings()
    checked_vault(settings)
    return serve(settings, workers=options.workers)


def _worker(_: argparse.Namespace) -> int:
    os.execv(sys.executable, [sys.executable, "-m", "jobs"])  # noqa: S606 - the hub may not import the worker


def _migrate(_: argparse.Namespace) -> int:
    settings = read_settings()
    look_before(settings)
    for name in asked(migrate(settings.hub.database_url)):
        say(f"applied {name}")
    seal_the_rest(settings)
    say("the database is up to date")
    return 0


def _show(options: argparse.Namespace) -> int:
    async def tell(connection: Connection) -> bool:
        found = False
        async for line in progress(connection, options.id, follow=options.follow):
            found = True
            say(line)
        return found

    try:
        return 0 if with_database(tell) else fail(f"there is no notification {options.id}")
    except KeyboardInterrupt:
        return 0


def _send(options: argparse.Namespace) -> int:
    dev_json = options.data_dir / report.FILE
    place = remote.place(url=options.url, key=options.key, environ=os.environ, dev_json=dev_json)
    said: Options = {"message": options.message, "data": options.data, "priority": options.priority}
    all_good = True
    for line, good in remote.send(place, options.user, options.title, wait_s=options.wait, **said):
        say(line)
        all_good = all_good and good
    return 0 if all_good else 1


def _settings(_: argparse.Namespace) -> int:
    sys.stdout.write(settings_of.example())
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _json_object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise argparse.ArgumentTypeError(f"must be a JSON object ({error})") from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be the id of a notification") from None
