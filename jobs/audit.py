"""The head of the audit log, told to whoever keeps this process's log: what is cut off later shows."""

import structlog

from hub.store import audit
from hub.store.postgres import Pool

log = structlog.get_logger()

EVERY_S = 3600.0


class AuditHead:
    """Logs it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def tell(self) -> None:
        """As `hark audit verify --head` takes it. Raises what FAILED of hub.store.postgres lists."""
        log.info("audit.head", head=str(await audit.head(self._pool)))
