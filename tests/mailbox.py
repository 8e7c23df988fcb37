"""A simulated mailbox from the outside: what its owner can see and do."""

import itertools
from typing import Any

import httpx
import msgspec

from tests.browser import Heard

_numbers = itertools.count(1)


class Mailbox:
    """One address'."""

    def __init__(self, http: httpx.AsyncClient, address: str | None = None) -> None:
        self._http = http
        self.address = address or f"ada.{next(_numbers)}@example.com"

    async def got(self) -> list[Heard]:
        """Every mail, second copies too."""
        return await self._look("/deliveries")

    async def shows(self) -> list[Heard]:
        return await self._look("/shown")

    async def got_one(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What is in the only mail, and its headers."""
        [mail] = await self.got()
        assert isinstance(mail.payload, dict)
        assert mail.channel == "email"
        return mail.payload, mail.headers

    async def is_closed(self) -> None:
        (await self._http.delete("/devices", params={"token": self.address})).raise_for_status()

    async def meets(self, **fault: object) -> None:
        """The next mail to it meets a fault of the mail server."""
        (await self._http.post("/faults", json={"device": self.address, **fault})).raise_for_status()

    async def _look(self, path: str) -> list[Heard]:
        answer = await self._http.get(path, params={"token": self.address})
        return msgspec.json.decode(answer.content, type=list[Heard])
