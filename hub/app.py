"""The hub's composition root: makes every pool and client, wires them, and gives back the ASGI application."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

import sdk
import web_demo.app
from delivery.webpush import vapid
from delivery.webpush.push_services import endpoint_allowed, extra_origins
from hub.announce import Announcer
from hub.api.application import Application
from hub.api.asyncapi import AsyncApi
from hub.api.auth import KeyRing, UserGate
from hub.api.dead_letters import DeadLettersApi
from hub.api.explain import ExplainApi
from hub.api.key_uses import KeyUses
from hub.api.me import MeApi
from hub.api.mints import Mints
from hub.api.notifications import NotificationsApi
from hub.api.openapi import OpenApi
from hub.api.operation import public
from hub.api.operations import OperationsApi
from hub.api.origins import Origins
from hub.api.rate import RateGate
from hub.api.revocations import RevocationsApi
from hub.api.room import as_they_come
from hub.api.sdk import SdkApi
from hub.api.send import SendApi
from hub.api.send_request import Drafting
from hub.api.sessions import SessionsApi
from hub.api.socket import SocketApi
from hub.api.stream import StreamApi
from hub.api.tokens import TokensApi
from hub.api.topics import TopicsApi
from hub.api.users import UsersApi
from hub.api.webhooks import WebhooksApi
from hub.api.webpush import WebPushApi
from hub.hint import KEY_REVOKED
from hub.issuer import Issuer
from hub.limiter import Limiter
from hub.live.node import Node
from hub.queue import Queue, connect
from hub.redis_names import RedisNames
from hub.send import Sender
from hub.settings import HubSettings, Settings, vault
from hub.store import postgres
from hub.store.clearings import GATHERED_S
from hub.waits import Waits
from hub.webhooks import outbound
from sessions.user_tokens import UserTokens

log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """The application of one node, made inside the loop it will run in. Nothing connects before its lifespan."""
    parts = _Parts(settings)
    app = Application(parts.routes(), {("POST", "/api/v1/notifications")}, parts.lifespan)
    app.state.node = parts.node
    return app


class _Parts:
    """Everything one node is made of."""

    def __init__(self, settings: Settings) -> None:
        hub = settings.hub
        self._settings = settings
        self._pool = postgres.pool(hub.database_url, size=hub.database_pool)
        self._vault = vault(settings)
        self._issuer = Issuer(settings.user_tokens)
        self._tokens = UserTokens(settings.user_tokens, self._issuer.keys)
        names = RedisNames(self._vault)
        self.node = Node(self._pool, self._tokens, hub.redis_url, names, settings.live)
        self._queue = Queue(connect(hub.redis_url))
        self._announcer = Announcer(self._pool, self._queue, self.node.bus.publish, ack_deadline_s=hub.ack_deadline_s)
        self._sender = Sender(self._pool, self._announcer, ack_deadline_s=hub.ack_deadline_s)
        self._waits = Waits(self._pool)
        self.node.receipts.on_acked = self._waits.nudge
        self.node.receipts.on_maybe_shown = partial(self._queue.clear, GATHERED_S)
        self._limiter = Limiter(hub.redis_url, names, nodes=settings.rates.rate_hubs)
        self._key_uses = KeyUses(self._pool)
        self._mints = Mints(self._pool)
        self._outbound = outbound(settings.webhooks)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._pool:
            parts = (
                self.node,
                self._sender,
                self._waits,
                self._limiter,
                self._key_uses,
                self._issuer,
                self._mints,
            )
            async with _running(*(part.serve() for part in parts)):
                log.info("hub.started", port=self._settings.hub.port)
                yield
                log.info("hub.stopping")
            await self._mints.write()
            await self.node.aclose()
            await self._queue.aclose()
            await self._limiter.aclose()
            await self._outbound.aclose()

    def routes(self) -> list[BaseRoute]:
        pool, node, settings = self._pool, self.node, self._settings
        gate = RateGate(self._limiter, settings.rates)
        keys = KeyRing(pool, self._vault, gate, self._key_uses.note)
        node.on_revoked[KEY_REVOKED] = keys.doubt
        users = UserGate(self._tokens, node.revoked)
        origins = Origins(settings.hub.allowed_origins)
        drafting = Drafting(pool, batch=settings.hub.audience_batch)
        may_push_to = partial(endpoint_allowed, extra_origins=extra_origins(settings.webpush.push_services))
        routes: list[BaseRoute] = [
            *SendApi(pool, keys, gate, self._sender, drafting, self._waits, self._announcer).routes(),
            *OperationsApi(pool, self._vault, node).routes(),
            *NotificationsApi(pool, keys).routes(),
            *self._explaining(keys, drafting).routes(),
            *DeadLettersApi(pool, keys, self._queue).routes(),
            *SessionsApi(pool, self._vault, keys, endpoint_allowed=may_push_to).routes(),
            *TokensApi(keys, self._tokens, self._mints.note).routes(),
            *RevocationsApi(pool, keys, node).routes(),
            *SocketApi(node, origins, as_they_come(settings.hub.trusted_proxies)).routes(),
            *StreamApi(node, users, origins).routes(),
            *TopicsApi(pool, node.bus, keys).routes(),
            *MeApi(pool, node, users, origins).routes(),  # before any user: `me` is nobody's id
            *UsersApi(pool, self._vault, keys).routes(),
            *WebhooksApi(pool, self._vault, keys, self._outbound).routes(),
            *WebPushApi(_application_server_key(settings)).routes(),
            *SdkApi(sdk.JS).routes(),
            *AsyncApi().routes(),
        ]
        routes += OpenApi(routes).routes()
        return [*routes, *_demo(settings)]

    def _explaining(self, keys: KeyRing, drafting: Drafting) -> ExplainApi:
        return ExplainApi(
            self._pool,
            self._vault,
            keys,
            self.node,
            drafting,
            ack_deadline_s=self._settings.hub.ack_deadline_s,
            channels=self._settings.channels,
        )


@contextlib.asynccontextmanager
async def _running(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(_vital(part)) for part in parts]
        yield
        for task in running:
            task.cancel()


async def _vital(part: Coroutine[Any, Any, None]) -> None:
    """A hub that lost a part of itself must not go on answering: it stops, and is started again."""
    try:
        await part
    except Exception:
        log.exception("hub.part_failed")
        signal.raise_signal(signal.SIGTERM)


def _application_server_key(settings: Settings) -> str | None:
    private_key = settings.webpush.vapid_private_key
    return vapid.load(private_key).application_server_key if private_key else None


def _demo(settings: Settings) -> list[BaseRoute]:
    if not settings.hub.demo_api_key:
        return []
    demo = web_demo.app.create_app(
        hark_url=_own_url(settings.hub),
        api_key=settings.hub.demo_api_key,
        simulator_url=settings.hub.demo_simulator_url,
    )
    return [Mount("/demo", public(demo)), Route("/demo", _to_demo), Route("/", _to_demo)]


@public
async def _to_demo(_: Request) -> Response:
    return RedirectResponse("/demo/")


def _own_url(hub: HubSettings) -> str:
    return f"http://[{hub.host}]:{hub.port}" if ":" in hub.host else f"http://{hub.host}:{hub.port}"
