"""An e-mail address (RFC 5321 section 4.1.2, RFC 6531), read so strictly that it can stand in a command or a header.

Pure. What is refused though some server somewhere takes it: quoted local parts, address literals, comments, and what
could be an encoded word.
"""

import re

import idna
import msgspec

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

# RFC 5321 section 4.5.3.1, in bytes; the whole is a path of 256 without its brackets.
_LOCAL_BYTES = 64
_DOMAIN_BYTES = 253
_WHOLE_BYTES = 254


class Address(msgspec.Struct, frozen=True):
    """Its text is `local@domain`."""

    local: str
    domain: str
    """In ASCII and lower case, whatever script it was written in."""

    @property
    def is_ascii(self) -> bool:
        """Any server takes it; else only one that knows SMTPUTF8."""
        return self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def read(text: str) -> Address | None:
    """The address, or None when it is none that a mail can be sent to."""
    local, at, domain = text.rpartition("@")
    ascii_domain = _ascii(domain)
    if not at or ascii_domain is None or not _is_local_part(local):
        return None
    found = Address(local, ascii_domain)
    return found if len(str(found).encode()) <= _WHOLE_BYTES else None


def _is_local_part(local: str) -> bool:
    if "=?" in local:
        return False  # it may begin an encoded word (RFC 2047): there are programs that make another address of it
    return all(map(_is_atom, local.split("."))) and len(local.encode()) <= _LOCAL_BYTES


def _is_atom(atom: str) -> bool:
    # What is beyond ASCII may be anything that is seen: no control, blank, direction mark or half of a character.
    seen = "".join("x" if character > "\x7f" and character.isprintable() else character for character in atom)
    return _ATOM.fullmatch(seen) is not None


def _ascii(domain: str) -> str | None:
    """By the rules that browsers and registries have (UTS 46): Python's own codec would send ß's mail to ss."""
    if len(domain) > _DOMAIN_BYTES:
        return None
    try:
        written = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return None
    return written if _DOMAIN.fullmatch(written) and len(written) <= _DOMAIN_BYTES else None
