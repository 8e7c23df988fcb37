"""The package as it is published, and as pages load it."""

import asyncio
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

import sdk
from tests.sdk.node import NODE, needs_node

CORE_BYTES = 8 * 1024  # gzipped: what a page pays


def test_the_core_is_small() -> None:
    assert len(gzip.compress((sdk.JS / "hark.js").read_bytes(), 9)) <= CORE_BYTES


def test_the_core_is_made_of_its_sources() -> None:
    sources = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((sdk.JS / "src").iterdir())))
    banner = (sdk.JS / "hark.js").read_text().partition("\n")[0]

    assert sources.hexdigest()[:12] in banner, "run `npm run build` in sdk/js"


def test_the_package_depends_on_nothing_and_exports_what_is_there() -> None:
    package = json.loads((sdk.JS / "package.json").read_text())
    exported = [export.values() if isinstance(export, dict) else [export] for export in package["exports"].values()]

    assert "dependencies" not in package
    assert all((sdk.JS / path).is_file() for paths in exported for path in paths)


@pytest.mark.parametrize("path", sorted(sdk.JS.glob("*.js")), ids=lambda path: path.name)
def test_text_is_only_ever_set_as_text(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)


@needs_node
async def test_it_may_be_imported_where_there_is_no_page() -> None:
    assert NODE is not None
    names = [path.name for path in sorted(sdk.JS.glob("*.js")) if path.name != "hark-sw.js"]
    script = "".join(f'await import("{sdk.JS / name}");' for name in names)
    process = await asyncio.create_subprocess_exec(NODE, "--input-type=module", "-e", script)

    assert await process.wait() == 0
