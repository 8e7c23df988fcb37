"""Where mails go out and in whose name: read from settings at the start, and checked there."""

import ipaddress
import re
import ssl
import urllib.parse

import msgspec

from delivery import secret_text
from delivery.email.address import Address, read
from delivery.email.encoded import header_text
from delivery.email.settings import EmailSettings, Security
from delivery.plain_text import one_line

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LITERAL = re.compile(r"\[(?:IPv6:)?(?P<address>[0-9A-Fa-f:.]+)\]")  # RFC 5321 section 4.1.3
_NAMED = re.compile(r"(?P<name>.*\S)\s*<(?P<address>[^<>]+)>")

_PLACE = "{user_id}"
_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!#-;=?-Z_a-z~]*\{user_id\}[!#-;=?-Z_a-z~]*")
# RFC 5322 section 2.1.1: a line has 998 characters, and a URL cannot be folded.
_LINE_LENGTH = 998 - len("List-Unsubscribe: <>")


class Server(msgspec.Struct, frozen=True):
    """A mail server that takes our mails."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext
    username: str
    password: str
    hello: str


class Sender(msgspec.Struct, frozen=True):
    """Whom mails are from."""

    address: Address
    written: str
    """As the From header has it."""
    unsubscribe: str = ""
    """The URL with a place for the user's id, or nothing."""

    def unsubscribe_url(self, user_id: str) -> str:
        """What ends this user's mails; empty when there is nothing that does, or it would be too long to be said."""
        url = self.unsubscribe.replace(_PLACE, urllib.parse.quote(user_id, safe=""))
        return url if len(url) <= _LINE_LENGTH else ""


def server(settings: EmailSettings) -> Server:
    """ValueError says in one line which setting is wrong."""
    host = settings.smtp_host.strip()
    if not _HOST.fullmatch(host) and _ip_address(host) is None:
        raise ValueError("HARK_SMTP_HOST is neither a host's name nor an address")
    if settings.smtp_security == "none" and not _is_here(host):
        raise ValueError("HARK_SMTP_SECURITY=none would send mails, and the password, readable for all on the way")
    if bool(settings.smtp_username) != bool(settings.smtp_password):
        raise ValueError("HARK_SMTP_USERNAME and HARK_SMTP_PASSWORD: one is no good without the other")
    hello = settings.smtp_hello or sender(settings).address.domain
    literal = _LITERAL.fullmatch(hello)
    if not _HOST.fullmatch(hello) and (literal is None or _ip_address(literal["address"]) is None):
        raise ValueError("HARK_SMTP_HELLO is neither a host's name nor an address such as [192.0.2.1]")
    return Server(
        host,
        settings.smtp_port,
        settings.smtp_security,
        _tls(settings.smtp_ca),
        settings.smtp_username,
        settings.smtp_password,
        hello,
    )


def sender(settings: EmailSettings) -> Sender:
    """ValueError says in one line which setting is wrong."""
    given = settings.mail_from.strip()
    named = _NAMED.fullmatch(given)
    address = read(named["address"] if named else given)
    if address is None or not address.is_ascii:
        raise ValueError("HARK_MAIL_FROM is neither `someone@host` nor `Name <someone@host>`")
    name = one_line(named["name"].strip('"')) if named else ""
    unsubscribe = settings.mail_unsubscribe_url.strip()
    if unsubscribe and not _URL.fullmatch(unsubscribe):
        raise ValueError(f"HARK_MAIL_UNSUBSCRIBE_URL is not of the form https://host/path with one {_PLACE} in it")
    return Sender(address, f"{_phrase(name)} <{address}>" if name else str(address), unsubscribe)


def _phrase(name: str) -> str:
    """A name in front of an address: quoted (RFC 5322 section 3.2.4), or encoded."""
    encoded = header_text(name)
    return encoded if encoded != name else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_here(host: str) -> bool:
    address = _ip_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _tls(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority:
        try:
            context.load_verify_locations(cadata=secret_text.read(authority))
        except ssl.SSLError:
            raise ValueError("HARK_SMTP_CA: there is no certificate in it that can be read") from None
        except ValueError as error:
            raise ValueError(f"HARK_SMTP_CA: {error}") from None
    return context
