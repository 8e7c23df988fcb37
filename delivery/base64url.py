"""Base64url without padding (RFC 4648 section 5, RFC 7515 appendix C), the spelling of every Web Push key."""

import base64
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of `text`, padded or not. ValueError when it is not base64url.

    Stricter than the standard library, which drops what it does not know instead of refusing it.
    """
    bare = text.rstrip("=")
    if not _ALPHABET.fullmatch(bare):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
