"""Which of several apps' credentials a session's push takes. Pure."""

from collections.abc import Mapping
from typing import TypeVar

DEFAULT = ""

Chosen = TypeVar("Chosen")


def choose(by_app: Mapping[str, Chosen], app: str) -> Chosen | None:
    """What belongs to a session of `app`.

    Where apps are named, one that is not is nobody's: pushed to as another app, its tokens would look dead.
    """
    alone = len(by_app) == 1 and DEFAULT in by_app
    return by_app.get(DEFAULT if alone else app)
