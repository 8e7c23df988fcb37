"""What Hark calls: webhooks and providers."""

from collections.abc import Iterator
from ipaddress import ip_network

from delivery.outbound.networks import Network, networks
from hub.check.finding import Finding, error, warning
from hub.check.hosts import is_local
from hub.settings import Settings

CHANNELS = ("webpush", "apns", "fcm", "email", "sms")
# This machine, by all its names, and where clouds hand out credentials.
INNERMOST: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "127.0.0.0/8", "::/96", "::ffff:0:0/96"),
            *("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::254/128"),
        ),
    )
)
WIDEST = {4: 12, 6: 32}  # of a network of one's own, in bits of its prefix


def findings(settings: Settings) -> Iterator[Finding]:
    """Of all rules here."""
    for network in networks(settings.webhooks.webhook_allowed_networks):
        yield from _network(network)
    if settings.webhooks.webhook_http:
        yield warning("HARK_WEBHOOK_HTTP", "Whoever is on the way reads what webhooks tell.", "Leave it out.")
    if missing := [channel for channel in CHANNELS if channel not in settings.channels]:
        yield warning(
            "channels",
            f"There are no credentials for {', '.join(missing)}: who can be reached by nothing else gets nothing.",
            "Fine if you send nothing there; .env.example has their settings.",
        )
    yield from _providers(settings)


def _network(network: Network) -> Iterator[Finding]:
    inner = [one for one in INNERMOST if one.version == network.version and one.overlaps(network)]
    if inner:
        yield error(
            "HARK_WEBHOOK_ALLOWED_NETWORKS",
            f"{network} has {inner[0]} in it, where this machine's own services are, and clouds hand out credentials.",
            "Name the network of your back ends.",
        )
    elif network.prefixlen < WIDEST[network.version]:
        yield warning(
            "HARK_WEBHOOK_ALLOWED_NETWORKS",
            f"Who may register webhooks can have {network} called: {network.num_addresses} addresses.",
            "Name the network of your back ends.",
        )


def _providers(settings: Settings) -> Iterator[Finding]:
    email, apns, sms = settings.email, settings.apns, settings.sms
    if email.configured and email.smtp_security == "none" and not is_local(email.smtp_host):
        yield error("HARK_SMTP_SECURITY", "Mails, and the password, go over the net unencrypted.", "Use starttls.")
    if apns.configured and apns.apns_environment == "sandbox":
        yield warning("HARK_APNS_ENVIRONMENT", "Only apps that Xcode installed get pushes.", "Use production.")
    if sms.configured and not sms.twilio_url.startswith("https://"):
        yield error("HARK_TWILIO_URL", "Texts, and the account's token, go over the net unencrypted.", "Use https.")
    for about, url in (
        ("HARK_APNS_URL", apns.apns_url),
        ("HARK_FCM_URL", settings.fcm.fcm_url),
        ("HARK_PUSH_SERVICES", ",".join(settings.webpush.push_services)),
    ):
        if url:
            yield warning(about, f"Pushes may go to {url}, which is none of the public services.", "Leave it out.")
