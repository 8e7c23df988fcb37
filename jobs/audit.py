"""The head of the audit log, told to whoever keeps this process's log: what is cut off later shows."""

import structlog

from hub.audit import HEADS, signed
from hub.store import audit
from hub.store.postgres import Pool
from hub.vault import Vault

log = structlog.get_logger()

EVERY_S = 3600.0


class AuditHead:
    """Logs it."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._key = vault.derived(HEADS)

    async def tell(self) -> None:
        """As `hark audit verify --head` takes it. Raises what FAILED of hub.store.postgres lists."""
        log.info("audit.head", head=str(signed(await audit.head(self._pool), self._key)))
