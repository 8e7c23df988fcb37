"""`hark simulate`: the simulated providers alone, and the settings that lead a Hark to them.

What is printed on stdout is an env file: `hark simulate > simulator.env` and, elsewhere, `set -a; . simulator.env`.
"""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from delivery.simulator.command import Places, run
from delivery.webpush import vapid
from hub.dev import simulated
from hub.dev.simulated import Simulated

_VAPID_FILE = "vapid-private-key"


def simulate(wanted: Places, folder: Path, *, quiet: bool) -> int:
    """Run until interrupted. Keys and certificates stay in `folder`: settings that were printed once stay good."""
    home = folder.absolute()
    try:
        run(wanted, home, ready=lambda taken: None if quiet else _tell(taken, home))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"hark simulate: {error.strerror or error}; take other ports (--help)\n")
        return 1
    return 0


def lines(where: Simulated, *, vapid_private_key: str) -> Iterator[str]:
    """Of the env file; for other senders than Hark, comments say what the values mean to them."""
    groups = (
        ("Web Push: any VAPID key; subscriptions come from POST /devices there", _webpush(where, vapid_private_key)),
        ("APNs: HTTP/2 over TLS; the provider token's key, or apns-certificate.pem beside it", simulated.apns(where)),
        ("FCM: HTTP v1; its service account names the token endpoint", simulated.fcm(where)),
        ("E-mail: SMTP with STARTTLS and a login", simulated.smtp(where)),
        ("SMS: Twilio's Messages resource, with the account's id and auth token", simulated.twilio(where)),
    )
    for title, settings in groups:
        yield f"# {title}"
        yield from (f"{name}={shlex.quote(value)}" for name, value in settings.items())


def _webpush(where: Simulated, vapid_private_key: str) -> simulated.Settings:
    return simulated.webpush(where, vapid_private_key=vapid_private_key)


def _tell(taken: Places, folder: Path) -> None:
    key = folder / _VAPID_FILE
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(vapid.generate().private_key)
    where = Simulated(taken.url, taken.apns_url, taken.host, taken.smtp_port, folder)
    for line in lines(where, vapid_private_key=key.read_text()):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    sys.stderr.write(f"what was sent, and what is to fail: {taken.url}/ (Ctrl-C stops)\n")
