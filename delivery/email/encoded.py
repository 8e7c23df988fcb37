"""Text as mails carry it: in ASCII, and without a character that could end a line. Pure.

Written out because the standard library's EmailMessage, which does the same, takes a millisecond for a mail.
"""

import binascii
import re

from delivery.plain_text import cleaned

_PLAIN = re.compile(r"[\x20-\x7e]{1,66}")  # with "Subject: " in front the line has the 78 that RFC 5322 would like
_WORD_BYTES = 45  # 60 in base64, and 72 with what is around it; RFC 2047 section 2 allows 75


def header_text(line: str) -> str:
    """One line of text as a header's value, in several encoded words (RFC 2047) where it must be."""
    if _PLAIN.fullmatch(line) and "=?" not in line:
        return line
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in _words(line))


def _words(line: str) -> list[bytes]:
    """In pieces that each hold whole characters."""
    words = [b""]
    for character in line:
        encoded = character.encode()
        if len(words[-1]) + len(encoded) > _WORD_BYTES:
            words.append(b"")
        words[-1] += encoded
    return words


def quoted_printable(text: str) -> bytes:
    """A part's content (RFC 2045 section 6.7), with CRLF at the end of each of its lines."""
    lines = cleaned(text).rstrip("\n") + "\n"
    return binascii.b2a_qp(lines.replace("\n", "\r\n").encode(), istext=True)
