"""Both clients by one name: a test says what it asks, and is run with each."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from hark_sdk import AsyncHark, Hark, Retries

Ask: TypeAlias = Callable[..., Any]  # a method's name and its arguments; gives what to await
Asking: TypeAlias = Callable[..., AbstractAsyncContextManager[Ask]]

EAGER = Retries(first_s=0.001)


@contextlib.asynccontextmanager
async def blocking(url: str, key: str, retries: Retries = EAGER) -> AsyncIterator[Ask]:
    """`Hark`, in a thread: the hub of a test lives in the test's own loop."""
    with Hark(url, key, retries=retries) as hark:
        yield lambda name, *args, **kwargs: asyncio.to_thread(getattr(hark, name), *args, **kwargs)


@contextlib.asynccontextmanager
async def awaiting(url: str, key: str, retries: Retries = EAGER) -> AsyncIterator[Ask]:
    """`AsyncHark`."""
    async with AsyncHark(url, key, retries=retries) as hark:
        yield lambda name, *args, **kwargs: getattr(hark, name)(*args, **kwargs)
