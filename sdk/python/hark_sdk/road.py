"""What both transports share: the request of a call, and when it is said again."""

import functools
import inspect
import random
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from hark_sdk.call import Call, lost
from hark_sdk.errors import HarkError
from hark_sdk.retry import Retries

Method = TypeVar("Method", bound=Callable[..., Any])


class Road:
    """To one hub, with one key."""

    def __init__(self, url: str, api_key: str, timeout_s: float, retries: Retries) -> None:
        if httpx.URL(url).scheme not in {"http", "https"}:
            raise ValueError(f"expected the URL of a hub, not {url!r}")
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "User-Agent": "hark-sdk-python"}
        self._timeout_s = timeout_s
        self._retries = retries

    def request(self, http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
        """The request of a call; the same one each time."""
        content = call.content
        return http.build_request(
            call.method,
            self._url + call.path,
            params=call.query or None,
            headers={
                **self._headers,
                **call.headers,
                **({} if content is None else {"Content-Type": "application/json"}),
            },
            content=content,
            timeout=self._timeout_s + call.waits_s,
        )

    def pause_s(self, call: Call[Any], error: HarkError | httpx.TransportError, tried: int) -> float:
        """Seconds until the next try. Raises what failed when there is none."""
        failure = error if isinstance(error, HarkError) else lost(error)
        dice = random.random()  # noqa: S311 - spreads clients, guards nothing
        pause_s = self._retries.pause_s(failure, tried=tried, repeatable=call.repeatable, dice=dice)
        if pause_s is None:
            raise failure from (None if failure is error else error)
        return pause_s


def documented(method: Method, build: Callable[..., Any]) -> Method:
    """So that `help` tells what the call says, with a self."""
    functools.update_wrapper(method, build)
    del method.__dict__["__wrapped__"]
    told = inspect.signature(build)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    # A `self` that is positional only goes before parameters of any kind.
    method.__dict__["__signature__"] = told.replace(parameters=[own, *told.parameters.values()])
    return method
