"""Whatever `/openapi.json` allows, and much that it does not, is answered as it tells and never with an error of ours:
schemathesis makes the requests up."""

import asyncio
import contextlib
import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.hub_process import Customer
from tests.openapi import Call, committed

EXAMPLES = int(os.environ.get("HARK_TEST_EXAMPLES", "3"))  # of each call; for a long run HARK_TEST_EXAMPLES=1000
STREAMS = {"/sse", "/ws"}  # have no end; there are tests of their own
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.mark.timeout(120 + 40 * EXAMPLES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_every_answer_is_as_it_is_told(hub: Customer, mode: GenerationMode) -> None:
    key, token = hub.http.headers["Authorization"], f"Bearer {await hub.token('ada')}"
    tried = 0
    for call in committed().calls():
        bearer = token if call.told["security"] == [{"user_token": []}] else key
        if call.path not in STREAMS:
            with contextlib.suppress(Unsatisfiable):  # there is nothing in it that could be wrong
                await asyncio.to_thread(_try, hub.url, call, mode, bearer)
                tried += 1
    assert tried > 25


def _try(url: str, call: Call, mode: GenerationMode, bearer: str) -> None:
    operation = schemathesis.openapi.from_dict(committed().content)[call.path][call.method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES < 100,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def answered(case: Any) -> None:
        query = case.query or {}
        query.pop("wait", None)  # it would
        if call.path.endswith("/me/inbox"):
            query.setdefault("before", 9)  # without, it waits too
        case.query = query
        response = case.call(base_url=url, headers={"Authorization": bearer}, timeout=30)
        case.validate_response(response, checks=CHECKS)

    answered()
