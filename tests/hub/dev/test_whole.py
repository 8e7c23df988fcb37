"""`hark dev` with nothing stood in for: the commands, settings and paths it relies on are Hark's own."""

import signal

import httpx

from .terminal_session import Desk


async def test_a_notification_is_accepted_from_the_first_start_on(desk: Desk) -> None:
    desk.project.mkdir()
    async with desk.session() as session:
        await session.hears("Stop")
        report = desk.report()
        key = {"Authorization": f"Bearer {report['api_key']}"}
        async with httpx.AsyncClient(base_url=report["url"], headers=key) as client:
            answer = await client.post(
                "/api/v1/notifications", json={"user_id": "ann", "title": "hi", "message": "you"}
            )
        assert answer.status_code == 202, answer.text
        session.send(signal.SIGINT)
        assert await session.end() == 0
    assert all(f"'{channel}'" in session.heard for channel in ("email", "sms", "webpush"))  # the worker's
    assert "Traceback" not in session.heard
