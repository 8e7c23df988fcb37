"""The keys that encrypt what is stored: how operators give them, and how new ones are made."""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

KEY_BYTES = 32
LOOKUP = "lookup"

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_ENTRY = re.compile(r"[^:]*:[A-Za-z0-9_=-]*")


class EncryptionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How device tokens, addresses and signing secrets are stored."""

    encryption_keys: Annotated[
        str,
        Meta(
            description="Keys that encrypt device tokens, addresses and signing secrets in Postgres, the same on hub "
            "and worker: name:key, comma separated, or the path of a file with them. The first one encrypts. A secret; "
            "`hark keys encryption` makes one. Hub and worker do not start without."
        ),
    ] = ""

    def __repr__(self) -> str:
        """Without the secrets, for the places where settings get printed."""
        return f"EncryptionSettings(encryption_keys={'…' if self.encryption_keys else ''!r})"


class Keys(msgspec.Struct, frozen=True):
    """`named` in their order, the newest first; `lookup` recognises equal texts and is never changed."""

    named: Mapping[str, bytes]
    lookup: bytes

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Keys({', '.join(self.named)})"

    def text(self) -> str:
        """As a setting has them."""
        return ",".join(f"{name}:{_encoded(key)}" for name, key in [*self.named.items(), (LOOKUP, self.lookup)])


def load(given: str) -> Keys:
    """The keys of a setting, or of the file it names. ValueError says in one line what is wrong, and quotes no key."""
    entries = _entries(given)
    if not all(_ENTRY.fullmatch(entry) for entry in entries):
        try:
            entries = _entries(Path(given.strip()).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ValueError(
                f"neither name:key, comma separated, nor the path of a file with that ({reason})"
            ) from None
    return _keys(entries)


def generate(before: Keys | None = None, *, today: date) -> Keys:
    """A new key in front of those there were; without any, a look-up key too."""
    name = f"{today:%Y-%m-%d}-{secrets.token_hex(2)}"
    old = before or Keys({}, secrets.token_bytes(KEY_BYTES))
    return Keys({name: secrets.token_bytes(KEY_BYTES), **old.named}, old.lookup)


def _entries(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]


def _keys(entries: list[str]) -> Keys:
    named: dict[str, bytes] = {}
    for entry in entries:
        name, separator, key = entry.partition(":")
        if not separator or not _NAME.fullmatch(name):
            raise ValueError("each is name:key, the name of up to 32 letters, digits, '.', '_' and '-'")
        if name in named:
            raise ValueError(f"{name!r} is there twice")
        named[name] = _decoded(key, name)
    lookup = named.pop(LOOKUP, None)
    if lookup is None:
        raise ValueError(
            f"{LOOKUP!r} is missing, the key that recognises equal texts; it comes from the first list there was"
        )
    if not named:
        raise ValueError(f"there is no key beside {LOOKUP!r}")
    return Keys(named, lookup)


def _decoded(key: str, name: str) -> bytes:
    try:
        decoded = base64.b64decode(key + "=" * (-len(key) % 4), altchars=b"-_", validate=True)
    except ValueError:
        decoded = b""
    if len(decoded) != KEY_BYTES:
        raise ValueError(f"{name!r} is not {KEY_BYTES} bytes in base64url")
    return decoded


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()
