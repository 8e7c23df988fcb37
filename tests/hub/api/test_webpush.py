"""`/api/v1/webpush`."""

import msgspec

from delivery.webpush.settings import WebPushSettings
from delivery.webpush.vapid import VapidKeys
from hub.settings import Settings
from hub.store.postgres import Pool
from tests.hub_process import Customer, running_hub


async def test_a_page_is_told_the_key_that_pushes_are_signed_with(hub: Customer, keys: VapidKeys) -> None:
    answer = await hub.http.get("/api/v1/webpush", headers={"Authorization": ""})
    assert answer.json() == {"application_server_key": keys.application_server_key}
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_without_a_key_web_push_is_off(settings: Settings, pool: Pool) -> None:
    off = msgspec.structs.replace(settings, webpush=WebPushSettings())
    async with running_hub(off, pool) as hub:
        answer = await hub.http.get("/api/v1/webpush")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Web Push is off (HARK_VAPID_PRIVATE_KEY)")
