"""A due engine on a real database, pushing to the simulator."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from asyncpg import Record

from delivery.webpush import WebPush, WebPushSettings
from jobs.due import DueEngine


@pytest.fixture
async def webpush(webpush_settings: WebPushSettings) -> AsyncIterator[WebPush]:
    provider = WebPush(webpush_settings, deadline_s=2)
    yield provider
    await provider.aclose()


@pytest.fixture
def engine(pool: "asyncpg.Pool[Record]", webpush: WebPush) -> DueEngine:
    return DueEngine(pool, [webpush], lease=timedelta(seconds=15), sweep_interval_s=0.05)
