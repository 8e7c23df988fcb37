"""Simulated phone numbers. Every number has a phone."""

import re

_NUMBER = re.compile(r"[+ ](?P<digits>[1-9][0-9]{6,14})")


def phone_number(token: str) -> str | None:
    """The number (E.164) that a token is; None for what is none. A plus that stood in a URL has become a blank."""
    found = _NUMBER.fullmatch(token)
    return f"+{found['digits']}" if found else None
