"""What the demo's trace says: `timeline.test.mjs` has the sentences."""

from pathlib import Path

from tests.sdk.node import needs_node, passes


@needs_node
async def test_the_trace_tells_what_happened_in_order() -> None:
    await passes(str(Path(__file__).with_name("timeline.test.mjs")))
