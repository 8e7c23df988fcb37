"""The client against a hub that says what a test wants it to say: the `.test.mjs` have the sentences."""

import pytest

from tests.sdk.node import needs_node, passes


@needs_node
@pytest.mark.parametrize("name", ["socket.test.mjs", "tabs.test.mjs"])
async def test_the_client_keeps_its_promises(name: str) -> None:
    await passes(name)
