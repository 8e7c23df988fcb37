"""What can go wrong, as one kind of exception; its text is for the person who runs the bench."""


class BenchError(Exception):
    """This measurement, or the whole sitting, cannot be made."""
