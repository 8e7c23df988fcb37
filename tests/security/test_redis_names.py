"""Redis has no id of anybody in its channels and keys: they would show who is online to whoever may list them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from redis.asyncio import Redis

from hub.redis_names import RedisNames
from hub.vault import Vault
from hub.vault_keys import Keys
from tests.device import device
from tests.encryption import KEYS, NAMES
from tests.hub_process import Customer

Start = Callable[..., AbstractAsyncContextManager[Customer]]
HIDDEN = "ada@example.org"
ROOM = "room-of-ada"


async def test_no_id_is_a_name_there(start_hub: Start, redis: Redis) -> None:
    async with start_hub(user_rate=0.1, key_rate=0.1) as hub:  # so that levels are there for a while
        minted = await hub.http.post("/api/v1/tokens", json={"user_id": HIDDEN, "topics": [ROOM]})
        async with device(hub.url, minted.json()["token"]) as page:
            await page.say("join", topic=ROOM)
            assert {(await page.heard())["t"] for _ in range(2)} == {"welcome", "joined"}
            await hub.send(HIDDEN)
            assert (await page.heard())["t"] == "msg"
            channels, keys = await redis.pubsub_channels("*"), await redis.keys("*")
    assert len(channels) >= 4  # of the node, of all nodes, of the user, of the topic
    assert len([key for key in keys if key.startswith(b"hark:rate:")]) >= 2  # of the API key and of the user
    assert not [name for name in (*channels, *keys) if b"ada" in name]


def test_whoever_has_other_keys_cannot_make_them() -> None:
    other = RedisNames(Vault(Keys(KEYS.named, bytes(32))))
    assert other.channel("user:ada") != NAMES.channel("user:ada")
    rotated = RedisNames(Vault(Keys({"second": bytes(32), **KEYS.named}, KEYS.lookup)))
    assert rotated.channel("user:ada") == NAMES.channel("user:ada")
