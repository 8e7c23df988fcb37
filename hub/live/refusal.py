"""Why a connection ends at the hub's wish."""

from hub.live.close_codes import CloseCode


class Refused(Exception):
    """A hello or a later frame that ends the connection: `error` with the message, then the close code."""

    def __init__(self, code: CloseCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Outdated(Refused):
    """With a token that was good until its time was over: nobody ended it."""
