"""The client against a hub, tabs and a browser that do what a test wants: the `.test.mjs` have the sentences."""

import pytest

from tests.sdk.node import needs_node, passes


@needs_node
@pytest.mark.parametrize(
    "name",
    [
        "socket.test.mjs",
        "receipts.test.mjs",
        "archive.test.mjs",
        "roads.test.mjs",
        "tabs.test.mjs",
        "push.test.mjs",
        "worker.test.mjs",
    ],
)
async def test_the_client_keeps_its_promises(name: str) -> None:
    await passes(name)
