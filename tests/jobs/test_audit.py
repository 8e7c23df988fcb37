"""The worker tells where the audit log ends."""

import json

import pytest

from hub import logs
from hub.audit import CLI, HEADS, Deed, signed
from hub.store import audit
from hub.store.postgres import Pool
from jobs.audit import AuditHead
from tests.encryption import VAULT


async def test_the_head_goes_to_stdout_as_it_is_verified_against(
    pool: Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    await audit.note(pool, Deed(CLI, "key.revoked", {"key_id": "3f9a0c51d2e7"}))
    logs.configure(style="json", level="info", process="worker")
    try:
        await AuditHead(pool, VAULT).tell()
        line = json.loads(capsys.readouterr().out)
    finally:
        logs.configure(style="console", level="warning", process="test")
    assert (line["event"], line["head"]) == ("audit.head", str(signed(await audit.head(pool), VAULT.derived(HEADS))))
