"""The way webhooks take, as the operator's settings say."""

from delivery import secret_text
from delivery.outbound.client import Outbound
from delivery.outbound.networks import networks
from delivery.webhook.settings import WebhookSettings


def outbound(settings: WebhookSettings) -> Outbound:
    """To be called inside the loop it will be used in. ValueError says in one line which setting is wrong."""
    try:
        own = networks(settings.webhook_allowed_networks)
    except ValueError as error:
        raise ValueError(f"HARK_WEBHOOK_ALLOWED_NETWORKS: {error}") from None
    try:
        authority = secret_text.read(settings.webhook_ca) if settings.webhook_ca else ""
        return Outbound(own=own, http=settings.webhook_http, extra_ca=authority)
    except ValueError as error:
        raise ValueError(f"HARK_WEBHOOK_CA: {error}") from None
