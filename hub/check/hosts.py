"""Whether a name or address stays on this machine."""

from ipaddress import ip_address


def is_local(host: str) -> bool:
    """The machine itself: loopback, a socket in the file system, or no host at all."""
    if not host or host.startswith("/") or host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
