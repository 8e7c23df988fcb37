"""What is handed on is signed, and has no known vulnerability: the commands as they stand in Makefile, .ci and the
document."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def run(command: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, env=os.environ | env, capture_output=True, text=True)  # noqa: S603, S607, PLW1510


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """What lies in build/dist, signed, and the file `signers` beside it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    made = tmp_path / "build" / "dist"
    made.mkdir(parents=True)
    (made / "hark-0.whl").write_text("a wheel")
    run("sha256sum *.whl > SHA256SUMS", made)
    for name in ("key", "mallory"):
        assert run(f"ssh-keygen -q -t ed25519 -N '' -f {name}", tmp_path).returncode == 0
    told = run("make --assume-old=dist sign KEY=key", tmp_path)
    assert told.returncode == 0, told.stderr
    signer = 'release@shop.example namespaces="hark" ' + (tmp_path / "key.pub").read_text()
    (made / "signers").write_text(signer)
    return made


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_release_is_verified_as_the_document_says(signed: Path) -> None:
    found = re.search(r"^ssh-keygen -Y verify .+$", OPERATIONS, re.MULTILINE)
    assert found is not None
    verify = found[0]
    assert run(verify, signed).returncode == 0
    for forge in (
        "echo another > hark-0.whl",
        "sha256sum hark-0.whl > SHA256SUMS",
        "rm SHA256SUMS.sig; ssh-keygen -Y sign -n hark -f ../../mallory SHA256SUMS",
        "rm SHA256SUMS.sig; ssh-keygen -Y sign -n mail -f ../../key SHA256SUMS",
    ):
        run(forge, signed)
        assert run(verify, signed).returncode != 0, forge


def test_nothing_is_signed_without_a_key() -> None:
    told = run("make --dry-run --assume-old=dist sign", ROOT)
    assert told.returncode != 0
    assert "KEY=FILE is missing" in told.stderr


@pytest.mark.parametrize(
    ("said", "code", "fails", "told"),
    [
        ("No known vulnerabilities found", 0, False, "No known vulnerabilities found"),
        ("Found 1 known vulnerability in 1 package\njinja2 2.10", 1, True, "jinja2 2.10"),
        ("ERROR:pip_audit._cli:jinja2: Dependency not found on PyPI and could not be audited", 1, False, "not audited"),
        ("ERROR: Could not find a version that satisfies the requirement pip-audit", 1, False, "not audited"),
    ],
)
def test_a_known_vulnerability_fails_a_build_and_an_index_that_is_away_does_not(
    tmp_path: Path, said: str, code: int, told: str, *, fails: bool
) -> None:
    make = tmp_path / "make"
    make.write_text(f"#!/bin/sh\nprintf '{said}\\n' >&2\nexit {code}\n")
    make.chmod(0o700)
    audited = run(str(ROOT / ".ci" / "audit"), ROOT, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (audited.returncode != 0) == fails
    assert told in audited.stdout + audited.stderr


@pytest.mark.parametrize(("unknown", "known", "code"), [(0, 0, 0), (1, 0, 2), (0, 1, 2), (1, 1, 2)])
def test_what_pypi_does_not_know_is_not_passed_and_hides_nothing(
    tmp_path: Path, unknown: int, known: int, code: int
) -> None:
    audit = tmp_path / "build" / "audit" / "bin" / "pip-audit"
    audit.parent.mkdir(parents=True)
    audit.write_text(f"#!/bin/sh\ncase $1 in --strict) exit {unknown};; *) echo Found {known}; exit {known};; esac\n")
    audit.chmod(0o700)
    shutil.copy(ROOT / "Makefile", tmp_path)
    told = run("make PYTHON=true audit", tmp_path)
    assert told.returncode == code
    assert f"Found {known}" in told.stdout
