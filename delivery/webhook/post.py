"""One call of a webhook."""

from collections.abc import Sequence
from datetime import UTC, datetime

from delivery.answer import Answer
from delivery.outbound.client import Outbound
from delivery.outbound.failed import Failed
from delivery.webhook.event import Event
from delivery.webhook.signature import headers


async def post(outbound: Outbound, url: str, signing: Sequence[str], event: Event) -> Answer | Failed:
    """Tells an event, signed with these secrets as of now; never without a signature."""
    if not signing:
        return Failed("no_secret")
    body = event.body()
    return await outbound.post(url, headers=headers(event.id, body, signing, datetime.now(UTC)), body=body)
