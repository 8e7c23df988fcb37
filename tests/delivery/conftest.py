"""The Web Push provider, against the simulator."""

from collections.abc import AsyncIterator

import pytest

from delivery.webpush import WebPush, WebPushSettings


@pytest.fixture
async def webpush(webpush_settings: WebPushSettings) -> AsyncIterator[WebPush]:
    provider = WebPush(webpush_settings)
    yield provider
    await provider.aclose()
