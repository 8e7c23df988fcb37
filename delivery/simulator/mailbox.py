"""Simulated mailboxes. Every address has one; it is the same however its owner writes it."""

import idna


def mailbox_id(address: str) -> str | None:
    """The mailbox of an e-mail address; None for what is none."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or not (local + domain).isprintable():
        return None
    return f"{local.lower()}@{_ascii(domain)}"


def _ascii(domain: str) -> str:
    try:
        return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain
