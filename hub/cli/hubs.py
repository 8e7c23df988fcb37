"""What commands tell the running hubs."""

from hub.publisher import Publisher
from hub.redis_names import RedisNames
from hub.settings import Settings, vault


async def tell_hubs(settings: Settings, channel: str) -> str:
    """Something was revoked: has them look into Postgres at once. Gives the rest of the line for the operator, which
    says when they cannot be told."""
    if not settings.encryption.encryption_keys:
        return "; without HARK_ENCRYPTION_KEYS hubs cannot be told: they see it within seconds"
    publisher = Publisher(settings.hub.redis_url, RedisNames(vault(settings)))
    heard = await publisher.publish([(channel, b"")])
    await publisher.aclose()
    if heard is None:
        return "; Redis is away: hubs see it within seconds"
    return (
        "" if any(heard) else "; no hub listens there that has these HARK_ENCRYPTION_KEYS: any sees it within seconds"
    )
