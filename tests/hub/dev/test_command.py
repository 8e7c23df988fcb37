"""`hark dev` as a person runs it. Hark's own processes are stand-ins; Postgres and Valkey are real."""

import asyncio
import json
import os
import signal
import socket
from urllib.parse import urlsplit

import asyncpg
import pytest

from hub.dev.credentials import load_or_create
from hub.dev.ports import LOOPBACK

from .heard import gone
from .standin import build
from .terminal_session import Desk


@pytest.fixture(autouse=True)
def _standin(desk: Desk) -> None:
    build(desk.project)


async def test_it_tells_person_tools_and_hark_where_everything_is(desk: Desk) -> None:
    async with desk.session(HARK_ACK_S="7", HARK_PORT="1") as session:
        await session.hears("Stop")
        report = desk.report()
        assert (desk.data_dir / "dev.json").stat().st_mode & 0o777 == 0o600
        assert sorted(report["pids"]) == ["dev", "hub", "postgres", "simulator", "valkey", "worker"]
        for name in ("url", "postgres_url", "redis_url", "simulator_url", "simulator_apns_url", "worker_url"):
            await _reachable(report[name])
        settings = await _settings(report["url"])
    for text in (f"{report['url']}/demo/", report["api_key"], str(desk.data_dir)):
        assert text in session.heard
    assert settings["HARK_DATABASE_URL"] == report["postgres_url"]
    assert settings["HARK_REDIS_URL"] == report["redis_url"]
    assert settings["HARK_PUSH_SERVICES"] == settings["HARK_DEMO_SIMULATOR_URL"] == report["simulator_url"]
    assert settings["HARK_APNS_URL"] == report["simulator_apns_url"]
    assert f"smtp://{settings['HARK_SMTP_HOST']}:{settings['HARK_SMTP_PORT']}" == report["simulator_smtp_url"]
    assert settings["HARK_TWILIO_URL"] == report["simulator_url"]
    assert settings["HARK_WEBHOOK_HTTP"] == "true"
    assert report["api_key"].startswith("hark_dev")
    assert report["api_key"].endswith("--roleadmin")
    assert settings["HARK_DEMO_API_KEY"].startswith("hark_demo")
    assert "--role" not in settings["HARK_DEMO_API_KEY"]
    assert settings["HARK_PORT"] == str(desk.port)
    assert settings["HARK_ACK_S"] == "7"  # the person's own


async def test_who_has_apples_own_credentials_pushes_to_apple(desk: Desk) -> None:
    async with desk.session(HARK_APNS_KEY="AuthKey.p8", HARK_APNS_TOPIC="com.example.shop") as session:
        await session.hears("Stop")
        settings = await _settings(desk.report()["url"])
    assert {name: value for name, value in settings.items() if name.startswith("HARK_APNS_")} == {
        "HARK_APNS_KEY": "AuthKey.p8",
        "HARK_APNS_TOPIC": "com.example.shop",
    }


async def test_who_has_a_mail_server_and_twilio_sends_by_them(desk: Desk) -> None:
    own = {"HARK_SMTP_HOST": "mail.example.com", "HARK_MAIL_FROM": "n@example.com", "HARK_TWILIO_FROM": "HARK"}
    async with desk.session(**own) as session:
        await session.hears("Stop")
        settings = await _settings(desk.report()["url"])
    ours = ("HARK_SMTP_", "HARK_MAIL_", "HARK_TWILIO_")
    assert {name: value for name, value in settings.items() if name.startswith(ours)} == own


async def test_the_children_stop_in_order_on_ctrl_c(desk: Desk) -> None:
    async with desk.session() as session:
        await session.hears("Stop")
        pids = desk.report()["pids"].values()
        session.send(signal.SIGINT)
        assert await session.end() == 0
    stopped = [line for line in session.heard.splitlines() if "was asked to stop" in line]
    assert [line.split()[0] for line in stopped] == ["hub", "worker", "simulator"]
    for pid in pids:
        await gone(pid)
    assert not (desk.data_dir / "dev.json").exists()


async def test_a_stop_during_the_start_is_clean(desk: Desk) -> None:
    async with desk.session() as session:
        await session.hears("starting")
        session.send(signal.SIGTERM)
        assert await session.end() == 0
    assert session.complaint == ""


async def test_a_second_start_finds_the_data_and_a_fresh_one_does_not(desk: Desk) -> None:
    async with desk.session() as session:
        await session.hears("Stop")
        first = desk.report()
        demo_api_key = (await _settings(first["url"]))["HARK_DEMO_API_KEY"]
        await _execute(first["postgres_url"], "CREATE TABLE kept ()")
    async with desk.session() as session:
        await session.hears("Stop")
        second = desk.report()
        await _execute(second["postgres_url"], "SELECT FROM kept")
        assert second["api_key"] == first["api_key"]
        assert (await _settings(second["url"]))["HARK_DEMO_API_KEY"] == demo_api_key
    async with desk.session("--fresh") as session:
        await session.hears("Stop")
        third = desk.report()
        with pytest.raises(asyncpg.UndefinedTableError):
            await _execute(third["postgres_url"], "SELECT FROM kept")
        assert third["api_key"] != first["api_key"]


async def test_a_key_of_a_database_that_was_lost_is_replaced(desk: Desk) -> None:
    desk.data_dir.mkdir()
    load_or_create(desk.data_dir).with_api_keys("hark_of_the_lost_one", "hark_of_its_demo").save(desk.data_dir)
    async with desk.session() as session:
        await session.hears("Stop")
        assert desk.report()["api_key"] != "hark_of_the_lost_one"
        assert (await _settings(desk.report()["url"]))["HARK_DEMO_API_KEY"] != "hark_of_its_demo"


async def test_killed_children_run_again_in_the_same_place_and_the_report_follows(desk: Desk) -> None:
    async with desk.session() as session:
        await session.hears("Stop")
        for name in ("hub", "worker", "postgres"):
            before = desk.report()
            os.kill(before["pids"][name], signal.SIGKILL)
            await session.hears(f"{name} runs again")
            after = desk.report()
            assert after["pids"].pop(name) != before["pids"].pop(name)
            assert after == before
        await _reachable(after["url"])
        await _reachable(after["worker_url"])
        await _execute(after["postgres_url"], "SELECT 1")


async def test_a_hub_that_cannot_run_stops_everything_with_the_reason(desk: Desk) -> None:
    async with desk.session(HARK_STANDIN="breaks") as session:
        assert await session.end() == 1
    assert "hub       | the hub has no wish to run" in session.heard
    assert "5 deaths within 60 s (hub, hub, hub, hub, hub)" in session.complaint
    assert "Traceback" not in session.complaint


async def test_a_port_in_use_is_named_before_anything_starts(desk: Desk) -> None:
    with socket.create_server((LOOPBACK, desk.port)):
        async with desk.session() as session:
            assert await session.end() == 1
    assert session.complaint == (
        f"hark dev: port {desk.port} is in use by another program; take another one with --port\n"
    )
    assert session.heard == ""
    assert [path.name for path in desk.data_dir.iterdir()] == ["lock"]


async def test_a_data_directory_in_use_names_the_process(desk: Desk) -> None:
    async with desk.session() as first:
        await first.hears("starting")
        async with desk.session() as second:
            assert await second.end() == 1
    assert f"is used by another `hark dev` (pid {first.pid})" in second.complaint


async def test_no_child_survives_a_killed_hark_dev_and_the_next_one_starts(desk: Desk) -> None:
    async with desk.session() as session:
        await session.hears("Stop")
        pids = desk.report()["pids"]
        session.send(signal.SIGKILL)
        await session.end()
        for pid in pids.values():
            await gone(pid)
    async with desk.session() as session:
        await session.hears("Stop")
        assert not set(pids.values()) & set(desk.report()["pids"].values())


async def _reachable(url: str) -> None:
    place = urlsplit(url)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.close()


async def _settings(url: str) -> dict[str, str]:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(b"GET /settings HTTP/1.0\r\n\r\n")
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    settings: dict[str, str] = json.loads(body)
    return settings


async def _execute(url: str, query: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(query)
    finally:
        await connection.close()
