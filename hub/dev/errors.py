"""What can stop `hark dev` for good. Messages are for the person at the terminal and say what to do."""


class DevError(Exception):
    """Ends `hark dev` with exit code 1; its text is all that is printed."""


class NotInstalledError(DevError):
    """A wheel of the `embedded` extra is missing, or has no server for this machine."""


class StartError(DevError):
    """A child ended, or stayed unready, when nobody was there to start it again."""


class GaveUpError(DevError):
    """Children died too often."""


class PortTakenError(DevError):
    """Something else listens on the port that was asked for, or only root may."""


class DataDirTakenError(DevError):
    """Another `hark dev` runs on this data directory."""


class DataDirRefusedError(DevError):
    """The data directory is not ours to delete, or cannot be used."""
