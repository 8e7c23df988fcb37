"""When an access token is fetched: through the real google-auth, from a simulated endpoint."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from google.auth import _helpers

from delivery.fcm.access_token import LEAST_AGE, AccessToken
from delivery.fcm.credentials import load
from delivery.fcm.settings import FcmSettings

NOW = datetime.now(UTC)
LATER = NOW + LEAST_AGE


@pytest.fixture
async def access_token(fcm_settings: FcmSettings) -> AsyncIterator[AccessToken]:
    token = AccessToken(load(fcm_settings)[""], deadline_s=5)
    yield token
    await token.aclose()


def ends_in(access_token: AccessToken, left: timedelta) -> None:
    access_token._credentials.expiry = _helpers.utcnow() + left


async def test_it_is_fetched_once_for_all_who_ask(access_token: AccessToken) -> None:
    headers = await asyncio.gather(*(access_token.header(NOW) for _ in range(10)))

    assert len(set(headers)) == 1
    assert str(headers[0]).startswith("Bearer ya29.")
    assert await access_token.header(NOW) == headers[0]


async def test_before_it_ends_another_is_fetched_while_it_still_serves(access_token: AccessToken) -> None:
    old = await access_token.header(NOW)
    ends_in(access_token, timedelta(minutes=2))
    meanwhile = await access_token.header(NOW)
    assert access_token._fetching is not None
    await access_token._fetching

    assert meanwhile == old
    assert await access_token.header(NOW) != old


async def test_one_that_ended_is_never_used(access_token: AccessToken) -> None:
    old = await access_token.header(NOW)
    ends_in(access_token, timedelta(seconds=-1))

    assert await access_token.header(NOW) != old


async def test_one_that_is_refused_is_replaced_once(access_token: AccessToken) -> None:
    old = await access_token.header(NOW)
    assert isinstance(old, str)
    assert access_token.refused(old, LATER)
    new = await access_token.header(LATER)

    assert new != old
    assert access_token.refused(old, LATER)
    assert await access_token.header(LATER) == new


async def test_a_fresh_one_that_is_refused_is_not_replaced_over_and_over(access_token: AccessToken) -> None:
    fresh = await access_token.header(NOW)
    assert isinstance(fresh, str)

    assert not access_token.refused(fresh, LATER - timedelta(seconds=1))
    assert await access_token.header(NOW) == fresh


async def test_who_is_cancelled_leaves_the_fetch_to_the_others(access_token: AccessToken) -> None:
    first, second = [asyncio.create_task(access_token.header(NOW)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()

    assert isinstance(await second, str)
    assert first.cancelled()
