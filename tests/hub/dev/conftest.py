"""What tests of `hark dev` share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.dev.ports import free_ports
from hub.dev.postgres import Postgres

from .terminal_session import Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A place to run it in, of which nothing remains."""
    [port] = free_ports(1)
    yield Desk(tmp_path / "project", tmp_path / "data", port)
    await Postgres.delete(tmp_path / "data" / "postgres")
