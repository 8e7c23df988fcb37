"""`hark dev` with nothing stood in for: the commands, settings and paths it relies on are Hark's own."""

import signal

import httpx
import pytest

from delivery.message import Platform
from tests.hub_process import Customer
from tests.phone import install

from .terminal_session import Desk


@pytest.mark.parametrize("platform", ["ios", "android"])
async def test_a_notification_reaches_a_phone_from_the_first_start_on(desk: Desk, platform: Platform) -> None:
    desk.project.mkdir()
    async with desk.session() as session:
        await session.hears("Stop")
        report = desk.report()
        key = {"Authorization": f"Bearer {report['api_key']}"}
        async with (
            httpx.AsyncClient(base_url=report["url"], headers=key) as http,
            httpx.AsyncClient(base_url=report["simulator_url"]) as simulator,
        ):
            customer, phone = Customer(report["url"], http), await install(simulator, platform=platform)
            await customer.register_phone("ann", platform, phone.token)
            await customer.send("ann", "hi", message="you")
            while not await phone.heard():
                pass  # looking is the pause; the test's time limit is the deadline
            assert await phone.text() == ("hi", "you")
        session.send(signal.SIGINT)
        assert await session.end() == 0
    assert all(f"'{channel}'" in session.heard for channel in ("email", "sms", "webpush"))  # the worker's
    assert "Traceback" not in session.heard
