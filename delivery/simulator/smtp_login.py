"""How a client says who it is (RFC 4954): PLAIN in one word, or LOGIN in two. Pure."""

import base64
from collections.abc import Callable
from typing import NamedTuple


class Login(NamedTuple):
    username: str
    password: str


class Ask(NamedTuple):
    """The server has a question; what follows from the answer, a line."""

    question: str
    then: "Callable[[str], Ask | Login]"


def begin(rest: str) -> Ask | Login | None:
    """What follows from `AUTH <rest>`; None for a method that nobody knows here."""
    method, _, initial = rest.partition(" ")
    known: dict[str, Ask] = {"PLAIN": Ask("", _plain), "LOGIN": Ask("Username:", _name)}
    found = known.get(method.upper())
    return found.then(initial) if found and initial else found


def _plain(given: str) -> Login:
    _, username, password = (*_text(given).split("\0"), "", "")[:3]
    return Login(username, password)


def _name(given: str) -> Ask:
    return Ask("Password:", lambda password: Login(_text(given), _text(password)))


def _text(given: str) -> str:
    """Nothing when it is not what it should be: that is nobody's name."""
    try:
        return base64.b64decode(given, validate=True).decode()
    except ValueError:
        return ""
