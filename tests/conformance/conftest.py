"""Sockets to try RFC 6455 on: an echo before and after the socket is handed over, and the hub itself."""

import logging
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from delivery.webpush.vapid import VapidKeys
from hub.limits import LiveSettings, RateSettings
from hub.settings import HubSettings, Settings
from hub.store import postgres
from hub.vault_keys import EncryptionSettings
from sessions.user_tokens import UserTokenSettings
from tests.conformance.echo import Echo, running_echo
from tests.conformance.peer import Peer, echo_peer, hub_guest, hub_peer
from tests.delivery.sample import trusting
from tests.encryption import ENCRYPTION_KEYS
from tests.hub_process import Customer, running_hub


@pytest.fixture(autouse=True)
def _no_surprises(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client does is no error of ours: nothing here may leave a traceback in the log."""
    uvicorns = logging.getLogger("uvicorn.error")
    uvicorns.addHandler(caplog.handler)  # the simulator, which runs in this process too, has silenced it
    caplog.set_level(logging.WARNING, uvicorns.name)
    yield
    uvicorns.removeHandler(caplog.handler)
    logged = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [record.getMessage() for record in logged if record.exc_info or record.levelno >= logging.ERROR] == []


@pytest.fixture(scope="package")
async def shared_settings(postgres_url: str, template: str, valkey_url: str, keys: VapidKeys) -> Settings:
    """One hub for the whole folder, as in life: a client that breaks the rules must not hurt the next one."""
    postgres_server = await asyncpg.connect(postgres_url)
    try:
        await postgres_server.execute("drop database if exists conformance with (force)")  # left by another file
        await postgres_server.execute(f"create database conformance template {template}")
    finally:
        await postgres_server.close()
    return Settings(
        live=LiveSettings(drain_s=0, frames_per_s=10_000),
        rates=RateSettings(),  # its users say thousands of frames a second
        hub=HubSettings(database_url=f"{postgres_url.rpartition('/')[0]}/conformance", redis_url=valkey_url),
        user_tokens=UserTokenSettings(token_secret="a secret of at least 32 characters"),
        webpush=trusting("https://push.example", keys),
        encryption=EncryptionSettings(encryption_keys=ENCRYPTION_KEYS),
    )


@pytest.fixture(scope="package")
async def customer(shared_settings: Settings) -> AsyncIterator[Customer]:
    """Of the hub; its user ada has one entry, which can be acknowledged over and over."""
    async with (
        postgres.pool(shared_settings.hub.database_url, size=2) as pool,
        running_hub(shared_settings, pool) as customer,
    ):
        await customer.send("ada")
        yield customer


@pytest.fixture(scope="package")
def echo(shared_settings: Settings) -> Iterator[Echo]:
    with running_echo(shared_settings) as echo:
        yield echo


@pytest.fixture(params=["attached", "hub"])
async def peer(request: pytest.FixtureRequest, echo: Echo, customer: Customer) -> AsyncIterator[Peer]:
    """Of each kind of server."""
    opened = hub_peer(customer) if request.param == "hub" else echo_peer(echo, request.param)
    async with opened as peer:
        yield peer


@pytest.fixture
async def attached(echo: Echo) -> AsyncIterator[Peer]:
    """Where every text comes back at once, in the read that brought it."""
    async with echo_peer(echo, "attached") as peer:
        yield peer


@pytest.fixture
async def device(customer: Customer) -> AsyncIterator[Peer]:
    """At the hub."""
    async with hub_peer(customer) as peer:
        yield peer


@pytest.fixture
async def guest(customer: Customer) -> AsyncIterator[Peer]:
    """At the hub, before the hello."""
    async with hub_guest(customer) as peer:
        yield peer
