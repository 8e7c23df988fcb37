"""What the person in front of `hark dev` sees: the children's lines side by side, and a few of our own."""

import os
import sys

WIDTH = len("simulator")  # the longest name of a child


class Terminal:
    """Writes whole lines to stdout, at once; a reader that went away (`hark dev | head`) stops nothing."""

    def line(self, name: str, text: str) -> None:
        self._write(f"{name:<{WIDTH}} | {text}\n")

    def note(self, text: str) -> None:
        """A line of our own."""
        self.line("dev", text)

    def block(self, text: str) -> None:
        self._write(f"\n{text}\n\n")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # from here on, to nowhere; otherwise Python complains once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
