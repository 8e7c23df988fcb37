"""Every method is a call of the OpenAPI document, and every call of a back end has a method."""

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from hark_sdk import AsyncHark, Chat, Dedupe, Hark, Notification, Step
from hark_sdk.call import Call
from tests.openapi import Document, committed

OF_THE_CLIENT = {"close", "aclose", "do"}
EVERYTHING = {
    "message": "It arrives on Thursday.",
    "data": {"order": 42},
    "priority": "high",
    "expires_in_s": 60,
    "collapse_key": "order-42",
    "dedupe": Dedupe(key="order-42", window_s=60),
    "ladder": [Step(channels=["push"]), Step(channels=["email"], after_s=60, condition="unread", targets="first")],
}
ONE = "01a1fb24-36c5-7a27-8d1f-8ffd5652fad8"
ARGUMENTS: Mapping[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "send": (("ada", "Hello"), EVERYTHING | {"wait_s": 5}),
    "send_to_users": ((["ada", "grace"], "Hello"), EVERYTHING),
    "send_to_topic": (("news", "Hello"), EVERYTHING | {"exclude": ["ada"]}),
    "send_batch": (([Notification(title="Hello", user_id="ada"), Notification(title="x", topic="news")],), {}),
    "cancel": ((ONE,), {}),
    "notification": ((ONE,), {}),
    "status": ((ONE,), {"after": "ada", "limit": 10}),
    "explain": ((ONE, "ada"), {}),
    "foresee": (("ada", "Hello"), EVERYTHING),
    "dead_letters": ((), {"failure": "exhausted", "before": "x", "limit": 10}),
    "replay": ((), {"notification_id": ONE, "user_id": "ada", "failure": "exhausted"}),
    "replay_all": ((), {}),
    "user_token": (("ada",), {"topics": ["news"], "session_id": "laptop"}),
    "user_tokens": ((["ada", "grace"],), {}),
    "revoke_tokens": ((), {"user_id": "ada", "issued_before": datetime.now(UTC)}),
    "revocations": ((), {"before": "x", "limit": 10}),
    "undo_revocation": ((ONE,), {}),
    "register_session": (("ada", "web", {"endpoint": "https://x", "keys": {"p256dh": "x", "auth": "x"}}), {}),
    "sessions": (("ada",), {}),
    "unregister_session": (("ada", ONE), {}),
    "unregister_sessions": (("ada",), {}),
    "put_user": (("ada",), {"email": "ada@example.org", "phone": "+4915112345678", "chats": [Chat("telegram", "1")]}),
    "user": (("ada",), {}),
    "inbox": (("ada",), {"before": 10, "limit": 10}),
    "topics": ((), {"after": "news", "limit": 10}),
    "create_topic": (("a/b c",), {}),
    "topic": (("news",), {}),
    "delete_topic": (("news",), {}),
    "topic_members": (("news",), {"after": "ada", "limit": 10}),
    "change_topic_members": (("news",), {"add": ["ada"], "remove": ["grace"]}),
    "publish_live": (("news", [1, None]), {}),
    "create_webhook": (("https://shop.example/hark",), {"events": ["notification.failed"], "description": "shop"}),
    "webhooks": ((), {}),
    "webhook": ((ONE,), {}),
    "change_webhook": ((ONE,), {"url": "https://shop.example/hark", "events": None, "enabled": False}),
    "delete_webhook": ((ONE,), {}),
    "rotate_webhook": ((ONE,), {}),
    "test_webhook": ((ONE,), {}),
}


class _Recorder(Hark):
    """Keeps the call that a method makes."""

    def do(self, call: Call[Any]) -> Any:
        return call


@pytest.fixture
def document() -> Document:
    return committed()


def _call(method: str) -> Call[Any]:
    args, kwargs = ARGUMENTS[method]
    with _Recorder("http://hub", "key") as hark:
        call: Call[Any] = getattr(hark, method)(*args, **kwargs)
        return call


def _methods(client: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(client, inspect.isfunction) if name[0] != "_"} - OF_THE_CLIENT


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    assert _methods(Hark) == _methods(AsyncHark) == set(ARGUMENTS)
    for name in ARGUMENTS:
        assert inspect.signature(getattr(Hark, name)) == inspect.signature(getattr(AsyncHark, name))
        assert getattr(AsyncHark, name).__doc__


@pytest.mark.parametrize("method", ARGUMENTS)
def test_a_method_is_a_call_of_the_document(method: str, document: Document) -> None:
    call = _call(method)
    path = document.path_of(call.path)
    [found] = [one for one in document.calls() if (one.path, one.method) == (path, call.method.lower())]
    assert found.takes_a_body == (call.body is not None)
    if found.takes_a_body:
        steps = ("paths", found.path, found.method, "requestBody", "content", "application/json", "schema")
        document.validate(msgspec.json.decode(call.content or b""), *steps)
    assert set(call.query) <= set(found.parameters("query"))
    assert set(call.headers) <= set(found.parameters("header"))
    for name, value in call.query.items():
        document.validate(int(value) if value.isdecimal() else value, *_query(found.path, found.method, name, document))


def test_every_call_of_a_back_end_has_a_method(document: Document) -> None:
    calls = [_call(method) for method in ARGUMENTS]
    there = {(document.path_of(call.path), call.method.lower()) for call in calls}
    assert there == {
        (one.path, one.method) for one in document.calls() if any("api_key" in way for way in one.told["security"])
    }


def _query(path: str, method: str, name: str, document: Document) -> list[str]:
    parameters = document.content["paths"][path][method]["parameters"]
    [place] = [number for number, one in enumerate(parameters) if one["name"] == name]
    return ["paths", path, method, "parameters", str(place), "schema"]
