"""What somebody without a Node.js that is new enough is told."""

import pytest

from tests.sdk.node import OLDEST, why_not


@pytest.mark.parametrize("version", ["v20.10.0\n", "v20.20.2\n", "v22.23.3\n", "v100.0.0\n"])
def test_a_node_with_websockets_runs_the_clients_tests(version: str) -> None:
    assert why_not(version) is None


@pytest.mark.parametrize("version", [None, "v18.20.8\n", "v20.9.0\n"])
def test_without_one_the_reason_says_which_and_where_from(version: str | None) -> None:
    reason = why_not(version)

    assert reason is not None
    assert ("no Node.js here" if version is None else version.strip()) in reason
    assert f"{OLDEST[0]}.{OLDEST[1]} or newer" in reason
    assert "https://nodejs.org/en/download" in reason
