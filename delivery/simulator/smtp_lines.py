"""What a client of SMTP has said and is not answered yet: lines, and whole mails (RFC 5321 section 4.5.2). Pure."""

_MAX_LINE_BYTES = 4096  # eight times what a command has at most; extensions lengthen them
_END = b"\r\n.\r\n"


class TooLong(Exception):
    """A line has no end."""


class Lines:
    """Bytes in, lines and mails out, in the order of the bytes."""

    def __init__(self, max_mail_bytes: int) -> None:
        self._max_mail_bytes = max_mail_bytes
        self._coming = bytearray()
        self.too_big = False
        """Of the last mail: it had more bytes than that."""

    def feed(self, said: bytes) -> None:
        self._coming += said

    def forget(self) -> None:
        """What is said before encryption does not count after it (RFC 3207 section 4.2)."""
        self._coming.clear()

    def line(self) -> str | None:
        """The next line, or None until it is whole. Raises TooLong."""
        end = self._coming.find(b"\r\n")
        if max(end, len(self._coming) if end < 0 else 0) > _MAX_LINE_BYTES:
            raise TooLong
        return None if end < 0 else self._taken(end, 2).decode(errors="replace")

    def begin_mail(self) -> None:
        """What comes next is a mail."""
        self._coming[:0] = b"\r\n"  # so that its end is found even when there is nothing before it
        self.too_big = False

    def mail(self) -> bytes | None:
        """The mail, or None until it is whole; whatever, when it is `too_big`."""
        end = self._coming.find(_END)
        surely = end if end >= 0 else len(self._coming) - len(_END)
        if surely > self._max_mail_bytes:
            self.too_big = True
            del self._coming[:surely]
            end = min(end, 0)
        if end < 0:
            return None
        return self._taken(end + 2, len(_END) - 2).replace(b"\r\n.", b"\r\n").removeprefix(b"\r\n")

    def _taken(self, end: int, skipped: int) -> bytes:
        taken = bytes(self._coming[:end])
        del self._coming[: end + skipped]
        return taken
