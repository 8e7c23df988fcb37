"""What the stores need of whoever keeps secrets from readers of the database. Knows no cipher and no key."""

from typing import Literal, Protocol

import msgspec

Flaw = Literal["no_key", "damaged"]


class Unreadable(msgspec.Struct, frozen=True):
    """A stored text that cannot be opened: its key is not here, or it was altered, or is in another row's place."""

    flaw: Flaw


class Seals(Protocol):
    """`place` names the column and the row: what was sealed for one place cannot be opened in another."""

    def seal(self, text: str, *place: str) -> str:
        """What to store in place of `text`."""
        ...

    def open(self, stored: str, *place: str) -> str | Unreadable:
        """The text again."""
        ...

    def digest(self, text: str, *place: str) -> bytes:
        """By what equal texts are recognised without being read. It stays the same when the encryption key changes."""
        ...
