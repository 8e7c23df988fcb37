"""What a deployment installs is what pyproject.toml asks for, and each of it is held to its hashes."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# A line that ends with a backslash goes on; comments stand in lines of their own.
LOCKED = [line for line in LOCK.replace("\\\n", "").splitlines() if not line.lstrip().startswith("#")]
VERSIONS = {canonicalize_name(line.split("==")[0]): line.split("==")[1].split()[0] for line in LOCKED}


def test_every_dependency_is_locked_to_a_version_that_it_admits() -> None:
    for dependency in map(Requirement, PROJECT["dependencies"]):
        assert dependency.specifier.contains(VERSIONS[canonicalize_name(dependency.name)]), dependency


def test_every_package_has_hashes_and_comes_from_the_index() -> None:
    for line in LOCKED:
        assert re.fullmatch(r"[a-z0-9-]+==[a-z0-9.]+ *(;[^;]*?)?( +--hash=sha256:[0-9a-f]{64})+", line), line


def test_what_only_the_tests_need_is_not_deployed() -> None:
    tools = {canonicalize_name(Requirement(text).name) for text in PROJECT["optional-dependencies"]["test"]}
    assert not tools & VERSIONS.keys()
