"""Real servers for every test: one Postgres and one Valkey a run, a database of its own a test."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import asyncpg
import httpx
import msgspec
import pytest
from asyncpg import Record
from hypothesis import settings as hypothesis_settings
from redis.asyncio import Redis

from delivery.apns.provider import Apns
from delivery.apns.settings import ApnsSettings
from delivery.email.provider import Email
from delivery.email.settings import EmailSettings
from delivery.fcm.provider import Fcm
from delivery.fcm.settings import FcmSettings
from delivery.sms.provider import Sms
from delivery.sms.settings import SmsSettings
from delivery.webhook.settings import WebhookSettings
from delivery.webpush import vapid
from delivery.webpush.provider import WebPush
from delivery.webpush.settings import WebPushSettings
from delivery.webpush.vapid import VapidKeys
from hub import logs, metrics
from hub.announce import Announcer
from hub.dev.postgres import embedded_postgres_server
from hub.dev.valkey import embedded_valkey_server
from hub.limits import LiveSettings, RateSettings
from hub.publisher import Publisher
from hub.queue import Queue, connect
from hub.settings import HubSettings, Settings
from hub.store import postgres
from hub.store.migrate import migrate
from hub.vault import Vault
from hub.vault_keys import EncryptionSettings, load
from jobs.audiences import AudienceEngine
from jobs.rounds import Rounds
from sessions.user_tokens import UserTokenSettings
from tests.browser import Browser, subscribe
from tests.clearing_engine import Cleaner
from tests.delivery.sample import simulated_apns, simulated_smtp, simulated_twilio, trusting
from tests.devices import Devices, buy
from tests.due_engine import Engine, due_engine
from tests.encryption import ENCRYPTION_KEYS, NAMES
from tests.hub_process import Customer, running_hub
from tests.receiver import Receiver, receiver
from tests.simulator import Simulator, running_simulator
from tests.webhook_engine import Webhooks, webhook_engine

TEMPLATE = "hark_template"

# A slow machine is no bug; pytest's own time limit still ends a test that hangs.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    logs.configure(style="console", level="warning", process="test")


@pytest.fixture(autouse=True)
def _nobody_is_connected() -> None:
    """A test that ends with its event loop may take the last goodbyes with it; the next one counts from nothing."""
    metrics.connections.set(0)


@pytest.fixture(scope="session")
async def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A server whose durability is off: it is never killed. Tests that kill one start their own."""
    folder = tmp_path_factory.mktemp("postgres")
    async with embedded_postgres_server(folder, extra_flags=("-c", "fsync=off")) as url:
        yield url


@pytest.fixture(scope="session")
async def template(postgres_url: str) -> str:
    await _run(postgres_url, f"create database {TEMPLATE}")
    await migrate(_database(postgres_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def database_url(postgres_url: str, template: str) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{next(_numbers)}"
    # Half the time of copying through the WAL, and here are hundreds.
    await _run(postgres_url, f"create database {name} template {template} strategy file_copy")
    yield _database(postgres_url, name)
    await _run(postgres_url, f"drop database {name} with (force)")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[Record]"]:
    async with postgres.pool(database_url, size=8) as pool:
        yield pool


@pytest.fixture(scope="session")
async def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with embedded_valkey_server(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """Empty at the start of a test."""
    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture
def redis_url(valkey_url: str, redis: Redis) -> str:  # noqa: ARG001 - emptied
    return valkey_url


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with running_simulator() as running:
        yield running


@pytest.fixture(scope="session")
def simulator_url(simulator: Simulator) -> str:
    return simulator.url


@pytest.fixture
async def http(simulator_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The simulator, with no fault of an earlier test in it."""
    async with httpx.AsyncClient(base_url=simulator_url) as client:
        (await client.delete("/faults")).raise_for_status()
        yield client


@pytest.fixture
async def browser(http: httpx.AsyncClient) -> Browser:
    """A simulated browser that subscribed to pushes."""
    return await subscribe(http)


@pytest.fixture(scope="session")
def keys() -> VapidKeys:
    return vapid.generate()


@pytest.fixture
def webpush_settings(keys: VapidKeys, simulator_url: str) -> WebPushSettings:
    return trusting(simulator_url, keys)


@pytest.fixture
def apns_settings(simulator: Simulator) -> ApnsSettings:
    return simulated_apns(simulator)


@pytest.fixture
async def apns(apns_settings: ApnsSettings) -> AsyncIterator[Apns]:
    """The APNs provider, against the simulator."""
    provider = Apns(apns_settings)
    yield provider
    await provider.aclose()


@pytest.fixture
def fcm_settings(simulator: Simulator) -> FcmSettings:
    return FcmSettings(fcm_credentials=str(simulator.papers.fcm_account), fcm_url=simulator.url)


@pytest.fixture
async def fcm(fcm_settings: FcmSettings) -> AsyncIterator[Fcm]:
    """The FCM provider, against the simulator."""
    provider = Fcm(fcm_settings)
    yield provider
    await provider.aclose()


@pytest.fixture
def email_settings(simulator: Simulator) -> EmailSettings:
    return simulated_smtp(simulator)


@pytest.fixture
async def email(email_settings: EmailSettings) -> AsyncIterator[Email]:
    """The e-mail provider, against the simulator."""
    provider = Email(email_settings)
    yield provider
    await provider.aclose()


@pytest.fixture
def sms_settings(simulator: Simulator) -> SmsSettings:
    return simulated_twilio(simulator)


@pytest.fixture
async def sms(sms_settings: SmsSettings) -> AsyncIterator[Sms]:
    """The SMS provider, against the simulator."""
    provider = Sms(sms_settings)
    yield provider
    await provider.aclose()


@pytest.fixture
def settings(
    database_url: str,
    redis_url: str,
    webpush_settings: WebPushSettings,
    apns_settings: ApnsSettings,
    fcm_settings: FcmSettings,
) -> Settings:
    return Settings(
        hub=HubSettings(database_url=database_url, redis_url=redis_url),
        live=LiveSettings(drain_s=0),
        rates=RateSettings(),
        user_tokens=UserTokenSettings(token_secret="a secret of at least 32 characters"),
        webpush=webpush_settings,
        apns=apns_settings,
        fcm=fcm_settings,
        webhooks=WebhookSettings(webhook_allowed_networks=("127.0.0.0/8",), webhook_http=True),
        encryption=EncryptionSettings(encryption_keys=ENCRYPTION_KEYS),
    )


@pytest.fixture(scope="session")
def vault() -> Vault:
    """That of the settings."""
    return Vault(load(ENCRYPTION_KEYS))


@pytest.fixture
async def hub(settings: Settings, pool: "asyncpg.Pool[Record]") -> AsyncIterator[Customer]:
    """A running hub with the default settings."""
    async with running_hub(settings, pool) as customer:
        yield customer


@pytest.fixture
def start_hub(settings: Settings, pool: "asyncpg.Pool[Record]") -> Callable[..., AbstractAsyncContextManager[Customer]]:
    """Starts a hub with other settings: `async with start_hub(ack_deadline_s=0.1) as hub`."""

    def start(**changes: object) -> AbstractAsyncContextManager[Customer]:
        of_live = {name: value for name, value in changes.items() if name in LiveSettings.__struct_fields__}
        of_rates = {name: value for name, value in changes.items() if name in RateSettings.__struct_fields__}
        of_webhooks = {name: value for name, value in changes.items() if name in WebhookSettings.__struct_fields__}
        of_hub = {name: value for name, value in changes.items() if name not in of_live | of_rates | of_webhooks}
        hub = msgspec.structs.replace(settings.hub, **of_hub)
        live = msgspec.structs.replace(settings.live, **of_live)
        rates = msgspec.structs.replace(settings.rates, **of_rates)
        webhooks = msgspec.structs.replace(settings.webhooks, **of_webhooks)
        changed = msgspec.structs.replace(settings, hub=hub, live=live, rates=rates, webhooks=webhooks)
        return running_hub(changed, pool)

    return start


@pytest.fixture
async def endpoint() -> AsyncIterator[Receiver]:
    """A customer's endpoint for webhooks."""
    async with receiver() as listening:
        yield listening


@pytest.fixture
async def webpush(webpush_settings: WebPushSettings) -> AsyncIterator[WebPush]:
    """The Web Push provider, against the simulator."""
    provider = WebPush(webpush_settings)
    yield provider
    await provider.aclose()


@pytest.fixture
async def engine(
    pool: "asyncpg.Pool[Record]", vault: Vault, webpush: WebPush, apns: Apns, fcm: Fcm, email: Email, sms: Sms
) -> AsyncIterator[Engine]:
    """A worker's due engine; it runs when a test runs it."""
    async with due_engine(pool, vault, webpush, apns, fcm, email, sms) as made:
        yield made


@pytest.fixture
async def devices(hub: Customer, http: httpx.AsyncClient) -> Devices:
    """An iPhone, an Android phone and a browser of ada's."""
    return await buy(hub, http)


@pytest.fixture
def cleaner(pool: "asyncpg.Pool[Record]", vault: Vault, webpush: WebPush, apns: Apns, fcm: Fcm) -> Cleaner:
    """A worker's clearing engine; it runs when a test runs it."""
    return Cleaner(pool, vault, [webpush, apns, fcm])


@pytest.fixture
async def webhooks(pool: "asyncpg.Pool[Record]", vault: Vault) -> AsyncIterator[Webhooks]:
    """A worker's webhook engine; it runs when a test runs it."""
    async with webhook_engine(pool, vault) as made:
        yield made


@pytest.fixture
def pushing(engine: Engine) -> Rounds:
    """When it runs in a worker, for tests that let it serve."""
    return Rounds("due", engine.take, interval_s=0.05)


@pytest.fixture
async def announcer(pool: "asyncpg.Pool[Record]", redis_url: str) -> AsyncIterator[Announcer]:
    """A worker's announcer."""
    publisher, queue = Publisher(redis_url, NAMES), Queue(connect(redis_url))
    yield Announcer(pool, queue, publisher.publish, ack_deadline_s=5.0)
    await publisher.aclose()
    await queue.aclose()


@pytest.fixture
def audience_engine(pool: "asyncpg.Pool[Record]", announcer: Announcer) -> AudienceEngine:
    """A worker's audience engine, 100 users a batch; it runs when a test runs it."""
    return AudienceEngine(pool, announcer, ack_deadline_s=5.0, batch=100, turn=asyncio.Lock())


def _database(server_url: str, name: str) -> str:
    return f"{server_url.rpartition('/')[0]}/{name}"


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
