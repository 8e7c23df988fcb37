"""The JavaScript client in a Node.js of its own, as a test sees it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from tests.hub_process import Customer
from tests.sdk.node import FOLDER, NODE


class Page:
    """What the client of one user tells; its back end is the customer."""

    def __init__(self, process: asyncio.subprocess.Process, customer: Customer, user_id: str) -> None:
        self._process = process
        self._customer = customer
        self._user_id = user_id
        self.tokens = 0  # that it asked for
        self.states: list[dict[str, Any]] = []
        self.arrived: list[int] = []  # seqs, as often as the page was told of them
        self.has: dict[str, Any] = {}
        self.live: list[Any] = []

    async def say(self, *command: Any) -> None:
        """Calls a method of the client."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(command) + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> None:
        """The next line it tells; whether it wants a token is answered here."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the page has ended"
        match msgspec.json.decode(line):
            case {"wants": "token"}:
                self.tokens += 1
                answer = await self._customer.http.post("/api/v1/tokens", json={"user_id": self._user_id})
                await self.say("token", answer.raise_for_status().json())
            case {"state": state}:
                self.states.append(state)
            case {"arrived": seqs}:
                self.arrived += seqs
            case {"has": has}:
                self.has = has
            case {"live": live}:
                self.live.append(live)

    async def becomes(self, name: str, **more: Any) -> None:
        """Hears until its last state is this one."""
        while not self.states or self.states[-1] != {"name": name, **more}:
            await self.hear()

    async def shows(self, seqs: list[int], *, read: list[int], unread: int, archived: Sequence[int] = ()) -> None:
        """Hears until this is what there is to be seen; newest first."""
        while self.has != {"seqs": seqs, "archived": [*archived], "read": read, "unread": unread}:
            await self.hear()

    async def gets(self, seqs: list[int]) -> None:
        """Hears until it was told of exactly these, in order."""
        while self.arrived != seqs:
            assert self.arrived == seqs[: len(self.arrived)], self.arrived
            await self.hear()


@contextlib.asynccontextmanager
async def page(
    customer: Customer, user_id: str = "ada", *, sockets: bool = True, first: str = "all", **options: Any
) -> AsyncIterator[Page]:
    """A client that was started. Node.js 20 has WebSockets only when it is told to."""
    assert NODE is not None
    given = msgspec.json.encode({"url": customer.url, "user": user_id, "from": first} | options).decode()
    flags = ["--experimental-websocket"] if sockets else ["--no-experimental-websocket"]
    process = await asyncio.create_subprocess_exec(
        *(NODE, *flags, "--no-warnings", str(FOLDER / "page.mjs"), given),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Page(process, customer, user_id)
    finally:
        process.kill()
        await process.communicate()
