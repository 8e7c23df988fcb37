"""Who reaches the hub, and by what way."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from delivery.outbound.networks import networks
from hub.check.finding import Finding, error, warning
from hub.check.hosts import is_local
from hub.limits import RateSettings
from hub.settings import HubSettings, Settings

NARROW = {4: 8, 6: 16}  # bits of a prefix; clouds' own networks are narrower
# As browsers write one: in lower case, with the port only if it is another than the usual one (RFC 6454 §6.2).
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
USUAL_PORTS = {"http": ":80", "https": ":443"}


def findings(settings: Settings, public_url: str) -> Iterator[Finding]:
    """`public_url`: at which clients reach it, as far as anybody said."""
    yield from _url(public_url)
    yield from _listening(settings.hub)
    for origin in settings.hub.allowed_origins:
        yield from _origin(origin)
    yield from _rates(settings.rates)


def _listening(hub: HubSettings) -> Iterator[Finding]:
    if not is_local(hub.host):
        yield warning(
            "HARK_HOST",
            f"The hub speaks plain HTTP on {hub.host}: whoever is on the way reads keys and tokens.",
            "Let it listen on 127.0.0.1 behind a proxy with TLS, or see to it that only the proxy reaches the port.",
        )
        if hub.worker_port:
            yield warning(
                "HARK_WORKER_PORT",
                f"The worker's /metrics answer whoever reaches {hub.host}:{hub.worker_port}.",
                "Let only your monitoring reach that port.",
            )
    for network in networks(hub.trusted_proxies):
        if network.prefixlen < NARROW[network.version]:
            yield error(
                "HARK_TRUSTED_PROXIES",
                f"{network} is not proxies alone: whoever calls from there may say what address they come from, and "
                "no limit on one holds.",
                "Name the proxy.",
            )
    if hub.demo_api_key:
        yield (warning if is_local(hub.host) else error)(
            "HARK_DEMO_API_KEY",
            "The demo sends with this key for whoever opens /demo/, and makes them any user they like.",
            "Leave it out.",
        )


def _rates(rates: RateSettings) -> Iterator[Finding]:
    for name, rate in (("KEY", rates.key_rate), ("USER", rates.user_rate)):
        if rate == 0:
            yield warning(f"HARK_{name}_RATE", "There is no limit.", "Set one, however high: senders have bugs.")
    if rates.address_rate == 0:
        yield warning(
            "HARK_ADDRESS_RATE", "Anybody may try API keys as fast as Postgres looks them up.", "Set a limit."
        )


def _url(public_url: str) -> Iterator[Finding]:
    url = _split(public_url)
    if not url.hostname:
        yield warning(
            "TLS",
            "Nobody said at which URL clients reach the hub.",
            "Run `hark check --url https://…`, or set HARK_URL.",
        )
    elif url.scheme not in {"https", "wss"} and not is_local(url.hostname):
        yield error(
            "TLS",
            f"Clients reach the hub by {url.scheme}: keys, tokens and messages cross the net in the clear.",
            "Put a proxy with a certificate in front.",
        )


def _origin(origin: str) -> Iterator[Finding]:
    url = _split(origin)
    if origin == "null":
        yield error(
            "HARK_ALLOWED_ORIGINS",
            "null is the origin of any page in a sandbox, whoever made it.",
            "Name the origins of your pages.",
        )
    elif not ORIGIN.fullmatch(origin) or origin.endswith(USUAL_PORTS.get(url.scheme, " ")):
        yield error(
            "HARK_ALLOWED_ORIGINS",
            f"{origin} is no origin, and no page has it: they are compared as they stand.",
            "Write scheme, host and port as browsers do, as in https://shop.example.",
        )
    elif url.scheme == "http" and not is_local(url.hostname or ""):
        yield warning(
            "HARK_ALLOWED_ORIGINS",
            f"Whoever is on the way can change the pages of {origin}, and speak for their users.",
            "Serve them by https.",
        )


def _split(text: str) -> SplitResult:
    """Nothing of what is no URL."""
    try:
        return urlsplit(text)
    except ValueError:  # between brackets, no address
        return urlsplit("")
