"""Text without what nobody sees. Pure."""

import re

# C0 without tab and newline, DEL, C1, and halves of characters: some of them are dangerous where text is a line.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cleaned(text: str) -> str:
    """`text` with newlines of one kind and without controls."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """`text` without controls and line ends, whatever Unicode takes for one."""
    return " ".join(cleaned(text).split())
