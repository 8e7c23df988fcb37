"""A client of each kind."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from tests.hark_sdk.asking import Ask, Asking, awaiting, blocking
from tests.hub_process import Customer


@pytest.fixture(params=[blocking, awaiting], ids=["Hark", "AsyncHark"])
def asking(request: pytest.FixtureRequest) -> Asking:
    return cast(Asking, request.param)


@pytest.fixture
def key(hub: Customer) -> str:
    """An API key of the hub."""
    return hub.http.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
async def ask(asking: Asking, hub: Customer, key: str) -> AsyncIterator[Ask]:
    async with asking(hub.url, key) as asked:
        yield asked
