"""One thing that is not as it should be."""

from typing import Literal, NamedTuple

Level = Literal["error", "warning"]  # error: not to be run like this; warning: fine if it is meant


class Finding(NamedTuple):
    """`about` names a setting, or what else it concerns; `what` is wrong with it, and what `to_do`: a sentence each."""

    level: Level
    about: str
    what: str
    to_do: str

    def __str__(self) -> str:
        return f"{self.level}: {self.about}: {self.what} {self.to_do}"


def error(about: str, what: str, to_do: str) -> Finding:
    """Not to be run like this."""
    return Finding("error", about, what, to_do)


def warning(about: str, what: str, to_do: str) -> Finding:
    """Fine if it is meant."""
    return Finding("warning", about, what, to_do)
