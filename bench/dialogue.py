"""How the load client talks to one server: where it connects, what it says first, how it publishes. Pure."""

from pathlib import Path

import msgspec

TEXT = (
    "Ada Lovelace: the Analytical Engine has no pretensions whatever to originate anything. It can do whatever we ask."
)
MARK = '"t":'  # stands before the time of sending in every message; a frame's own "t":"msg" is no number


def message(text: str = TEXT) -> str:
    """What is published: 190 bytes of JSON, as a chat message has. {t} is the time of sending."""
    return f'{{"id":"abc","title":"New message","body":"{text}","t":{{t}},"data":{{"type":"chat"}}}}'


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """{i} stands for a connection's number, {line} for its line of `lines`, {message} for what is published."""

    socket: str  # HOST:PORT/PATH
    publish: str
    body: str = "{message}"
    socket_headers: tuple[str, ...] = ()
    publish_headers: tuple[str, ...] = ()
    hellos: tuple[str, ...] = ()
    ready: str | None = None  # a connection is ready when a frame holds this; None: after the handshake
    lines: Path | None = None
    ping: str | None = None  # a frame of the server's own that must be answered, and the answer
    pong: str | None = None

    def arguments(self, text: str = TEXT) -> list[str]:
        """The options of the load client."""
        options = [("--ws", self.socket), ("--mark", MARK)]
        options += [("--header", header) for header in self.socket_headers]
        options += [("--hello", hello) for hello in self.hellos]
        optional = [("--ready", self.ready), ("--ping", self.ping), ("--pong", self.pong)]
        options += [(name, value) for name, value in optional if value is not None]
        if self.lines is not None:
            options.append(("--lines", str(self.lines)))
        options += [("--post", self.publish), ("--body", self.body.replace("{message}", message(text)))]
        options += [("--post-header", header) for header in self.publish_headers]
        return [word for option in options for word in option]
