"""A secret as operators give it: the text itself, or the path of the file it is in."""

from pathlib import Path

_TEXT_BEGINS = ("-----BEGIN ", "{")  # PEM, JSON


def read(given: str) -> str:
    """The text. ValueError, which quotes nothing, when `given` is neither text nor a readable file's path.

    In PEM a backslash and an n stand for a line's end: many places that keep variables allow only one line.
    """
    text = given.strip()
    if not text.startswith(_TEXT_BEGINS):
        try:
            text = Path(text).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise ValueError(f"neither the text nor the path of a file with it ({reason})") from None
    return text.replace("\\n", "\n") if text.startswith("-----BEGIN ") else text
