"""Settings of webhooks, and what is wrong with them."""

import pytest

from delivery.webhook.settings import WebhookSettings
from delivery.webhook.way import outbound


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (WebhookSettings(webhook_allowed_networks=("10.0.0.1/8",)), "HARK_WEBHOOK_ALLOWED_NETWORKS: not a network"),
        (WebhookSettings(webhook_ca="/nowhere.pem"), "HARK_WEBHOOK_CA: neither the text nor the path"),
        (WebhookSettings(webhook_ca="-----BEGIN CERTIFICATE-----\nAA\n"), "HARK_WEBHOOK_CA: TLS cannot be used"),
    ],
)
async def test_a_wrong_setting_is_told_in_one_line(settings: WebhookSettings, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        outbound(settings)


async def test_the_defaults_can_be_used() -> None:
    await outbound(WebhookSettings()).aclose()
