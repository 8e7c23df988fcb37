"""Many users who are offline, each with one device that a simulated provider serves."""

import asyncio
from collections.abc import Sequence

import asyncpg
import msgspec
from asyncpg import Record

from delivery.simulator.device_desk import fcm_token, ios_token
from delivery.simulator.devices import device
from hub.ids import uuid7
from hub.vault import Vault
from sessions import store
from sessions.session import PROVIDERS, Platform, Registration
from tests.hub_process import Customer

PLATFORMS: Sequence[Platform] = ("ios", "android", "web")  # by turns
TOPIC = "everybody"


async def gather_crowd(
    hub: Customer, pool: "asyncpg.Pool[Record]", vault: Vault, size: int, *, push_service: str
) -> dict[str, Platform]:
    """All members of TOPIC, none with a page open; gives whose device is what."""
    crowd = {f"user-{number:05}": PLATFORMS[number % len(PLATFORMS)] for number in range(size)}
    devices = [_registration(user, platform, push_service) for user, platform in crowd.items()]
    await asyncio.gather(*(store.register(pool, vault, uuid7(), one) for one in devices))
    (await hub.http.put(f"/api/v1/topics/{TOPIC}")).raise_for_status()
    (await hub.http.patch(f"/api/v1/topics/{TOPIC}/members", json={"add": list(crowd)})).raise_for_status()
    return crowd


def any_token(user: str, platform: Platform) -> str:
    """Of that user's device, for a look at it."""
    match platform:
        case "web":
            return device(user, None).id
        case "ios":
            return ios_token(user)
        case "android":
            return fcm_token(platform, user)


def _registration(user: str, platform: Platform, push_service: str) -> Registration:
    """As the hub stores it; over REST ten thousand would take longer than what is to be tried."""
    token = unique = any_token(user, platform)
    if platform == "web":
        subscription = device(user, None).subscription(push_service)
        token, unique = msgspec.json.encode(subscription).decode(), subscription.endpoint
    return Registration(
        user_id=user,
        platform=platform,
        token=token,
        unique_part=unique,
        provider=PROVIDERS[platform][0],
    )
