"""`Hark` and `AsyncHark`: the same calls over two transports."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Self, TypeVar

import httpx

from hark_sdk import devices, endpoints, reports, sends, users
from hark_sdk import topics as of_topics
from hark_sdk.call import Call
from hark_sdk.errors import HarkError
from hark_sdk.retry import Retries
from hark_sdk.road import Road, documented

T = TypeVar("T")
P = ParamSpec("P")

TIMEOUT_S = 10.0


def _sync(build: Callable[P, Call[T]]) -> Callable[Concatenate["Hark", P], T]:
    def method(self: "Hark", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.do(build(*args, **kwargs))

    return documented(method, build)


def _async(build: Callable[P, Call[T]]) -> Callable[Concatenate["AsyncHark", P], Awaitable[T]]:
    async def method(self: "AsyncHark", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.do(build(*args, **kwargs))

    return documented(method, build)


class Hark:
    """A back end's client. Every method raises HarkError: Refused when the hub said no, NoAnswer when it said nothing.

    Safe for threads. What fails in passing is said again, as patiently as `retries` says; a send that is said again is
    sent once. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = TIMEOUT_S,
        retries: Retries | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        """`url` is the hub's, such as https://hark.example.org; `http` a client of your own, with your proxies and
        certificates."""
        self._road = Road(url, api_key, timeout_s, retries or Retries())
        self._http = http or httpx.Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def do(self, call: Call[T]) -> T:
        """Any call."""
        tried = 0
        while True:
            tried += 1
            try:
                return call.read(self._http.send(self._road.request(self._http, call), follow_redirects=False))
            except (HarkError, httpx.TransportError) as error:
                pause_s = self._road.pause_s(call, error, tried)
            time.sleep(pause_s)

    send = _sync(sends.send)
    send_to_users = _sync(sends.send_to_users)
    send_to_topic = _sync(sends.send_to_topic)
    send_batch = _sync(sends.send_batch)
    cancel = _sync(sends.cancel)
    notification = _sync(reports.notification)
    status = _sync(reports.status)
    explain = _sync(reports.explain)
    foresee = _sync(reports.foresee)
    dead_letters = _sync(reports.dead_letters)
    replay = _sync(reports.replay)
    replay_all = _sync(reports.replay_all)
    user_token = _sync(devices.user_token)
    user_tokens = _sync(devices.user_tokens)
    revoke_tokens = _sync(devices.revoke_tokens)
    revocations = _sync(devices.revocations)
    undo_revocation = _sync(devices.undo_revocation)
    register_session = _sync(devices.register_session)
    sessions = _sync(devices.sessions)
    unregister_session = _sync(devices.unregister_session)
    unregister_sessions = _sync(devices.unregister_sessions)
    put_user = _sync(users.put_user)
    user = _sync(users.user)
    inbox = _sync(users.inbox)
    topics = _sync(of_topics.topics)
    create_topic = _sync(of_topics.create_topic)
    topic = _sync(of_topics.topic)
    delete_topic = _sync(of_topics.delete_topic)
    topic_members = _sync(of_topics.topic_members)
    change_topic_members = _sync(of_topics.change_topic_members)
    publish_live = _sync(of_topics.publish_live)
    create_webhook = _sync(endpoints.create_webhook)
    webhooks = _sync(endpoints.webhooks)
    webhook = _sync(endpoints.webhook)
    change_webhook = _sync(endpoints.change_webhook)
    delete_webhook = _sync(endpoints.delete_webhook)
    rotate_webhook = _sync(endpoints.rotate_webhook)
    test_webhook = _sync(endpoints.test_webhook)


class AsyncHark:
    """As Hark, with methods to await. Of one event loop (asyncio)."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = TIMEOUT_S,
        retries: Retries | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """As Hark."""
        self._road = Road(url, api_key, timeout_s, retries or Retries())
        self._http = http or httpx.AsyncClient()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    async def do(self, call: Call[T]) -> T:
        """Any call."""
        tried = 0
        while True:
            tried += 1
            try:
                return call.read(await self._http.send(self._road.request(self._http, call), follow_redirects=False))
            except (HarkError, httpx.TransportError) as error:
                pause_s = self._road.pause_s(call, error, tried)
            await asyncio.sleep(pause_s)

    send = _async(sends.send)
    send_to_users = _async(sends.send_to_users)
    send_to_topic = _async(sends.send_to_topic)
    send_batch = _async(sends.send_batch)
    cancel = _async(sends.cancel)
    notification = _async(reports.notification)
    status = _async(reports.status)
    explain = _async(reports.explain)
    foresee = _async(reports.foresee)
    dead_letters = _async(reports.dead_letters)
    replay = _async(reports.replay)
    replay_all = _async(reports.replay_all)
    user_token = _async(devices.user_token)
    user_tokens = _async(devices.user_tokens)
    revoke_tokens = _async(devices.revoke_tokens)
    revocations = _async(devices.revocations)
    undo_revocation = _async(devices.undo_revocation)
    register_session = _async(devices.register_session)
    sessions = _async(devices.sessions)
    unregister_session = _async(devices.unregister_session)
    unregister_sessions = _async(devices.unregister_sessions)
    put_user = _async(users.put_user)
    user = _async(users.user)
    inbox = _async(users.inbox)
    topics = _async(of_topics.topics)
    create_topic = _async(of_topics.create_topic)
    topic = _async(of_topics.topic)
    delete_topic = _async(of_topics.delete_topic)
    topic_members = _async(of_topics.topic_members)
    change_topic_members = _async(of_topics.change_topic_members)
    publish_live = _async(of_topics.publish_live)
    create_webhook = _async(endpoints.create_webhook)
    webhooks = _async(endpoints.webhooks)
    webhook = _async(endpoints.webhook)
    change_webhook = _async(endpoints.change_webhook)
    delete_webhook = _async(endpoints.delete_webhook)
    rotate_webhook = _async(endpoints.rotate_webhook)
    test_webhook = _async(endpoints.test_webhook)
