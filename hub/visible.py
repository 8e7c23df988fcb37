"""Text of others on a line of ours: in a log, on a terminal. Pure."""

import re

# C0, DEL and C1, which move a cursor or ring a bell; what Unicode ends a line with; what turns the direction of what
# follows; and halves of characters, which no file takes.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The same on one line, with `\\x1b` and the like in place of characters that do something."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
