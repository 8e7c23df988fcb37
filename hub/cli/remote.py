"""What the command line asks of a running hub, over its REST API as any customer would: where it is, and a send."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Unpack

import msgspec

from hark_sdk import Hark
from hark_sdk.notification import Options
from hark_sdk.reports import UserStatus


class HubUnknown(Exception):
    """Nobody said which hub is meant; the message is one line for the operator."""


class Place(msgspec.Struct, frozen=True):
    """A hub and the key that opens it. In dev.json these two are named so."""

    url: str
    api_key: str


def place(*, url: str | None, key: str | None, environ: Mapping[str, str], dev_json: Path) -> Place:
    """As the options say, else HARK_URL and HARK_API_KEY, else the `hark dev` that runs here, whose key is not shown to
    another hub. Raises HubUnknown."""
    url, key = url or environ.get("HARK_URL"), key or environ.get("HARK_API_KEY")
    if url and key:
        return Place(url, key)
    if url or key:
        raise HubUnknown("give both --url (or HARK_URL) and --key (or HARK_API_KEY)")
    try:
        return msgspec.json.decode(dev_json.read_bytes(), type=Place)
    except FileNotFoundError:
        raise HubUnknown(f"no `hark dev` runs here ({dev_json}); give --url and --key") from None
    except (OSError, msgspec.DecodeError) as error:
        raise HubUnknown(f"cannot read {dev_json}: {error}") from None


def send(
    to: Place, user_id: str, title: str, *, wait_s: int | None, **options: Unpack[Options]
) -> Iterator[tuple[str, bool]]:
    """Lines for the terminal, and whether each is good news: the notification's id, and with `wait_s` what became of
    it. Raises HarkError."""
    with Hark(to.url, to.api_key) as hark:
        accepted = hark.send(user_id, title, wait_s=wait_s, **options)
    yield accepted.notification_id, True
    for line in accepted.users:
        yield _told(line), line.state not in {"accepted", "failed", "withdrawn"}


def _told(line: UserStatus) -> str:
    why = line.failure or line.withdrawal
    return f"{line.user_id}: {line.state}{f' ({why})' if why else ''}"
