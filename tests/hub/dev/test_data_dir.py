"""The folder that everything is kept in."""

import os
from pathlib import Path

import pytest

from hub.dev.data_dir import empty, held, require_ours
from hub.dev.errors import DataDirRefusedError, DataDirTakenError


def test_it_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with held(tmp_path / "a" / "b"):
        mode = (tmp_path / "a" / "b").stat().st_mode & 0o777
    assert mode == (0o710 if os.geteuid() == 0 else 0o700)  # root lets the account of Postgres pass


def test_a_second_user_is_told_who_is_the_first(tmp_path: Path) -> None:
    with (
        held(tmp_path),
        pytest.raises(DataDirTakenError, match=rf"used by another .* \(pid {os.getpid()}\)"),
        held(tmp_path),
    ):
        pass
    with held(tmp_path):
        pass


def test_a_file_in_its_place_is_an_error_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirRefusedError, match="Not a directory"), held(tmp_path / "file"):
        pass


def test_what_is_not_ours_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(DataDirRefusedError, match="not Hark's"):
        require_ours(tmp_path)


def test_a_new_an_empty_and_a_used_one_are_ours(tmp_path: Path) -> None:
    require_ours(tmp_path / "new")
    require_ours(tmp_path)
    (tmp_path / "secrets.json").touch()
    (tmp_path / "postgres").mkdir()
    require_ours(tmp_path)


async def test_emptying_leaves_what_others_put_there(tmp_path: Path) -> None:
    for name in ("secrets.json", "dev.json", "thesis.txt"):
        (tmp_path / name).touch()
    for name in ("postgres", "valkey", "simulator"):
        (tmp_path / name).mkdir()
    await empty(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]
