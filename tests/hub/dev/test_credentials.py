"""The secrets of a data directory."""

import base64
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from hub.dev.credentials import FILE, load_or_create
from hub.dev.errors import DataDirRefusedError
from hub.vault_keys import load


def test_they_are_made_once_and_stay(tmp_path: Path) -> None:
    first = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == first
    first.with_api_keys("hark_abc", "hark_def").save(tmp_path)
    assert load_or_create(tmp_path) == first.with_api_keys("hark_abc", "hark_def")


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    load_or_create(tmp_path).with_api_keys("hark_abc", "hark_def").save(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_the_web_push_key_is_a_p256_scalar_and_the_token_secret_has_256_bits(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    assert len(base64.urlsafe_b64decode(made.vapid_private_key + "=")) == 32
    assert len(base64.urlsafe_b64decode(made.token_secret + "=")) == 32


def test_a_folder_from_before_anything_was_encrypted_gets_a_key(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    before = {name: value for name, value in asdict(made).items() if name != "encryption_keys"}
    (tmp_path / FILE).write_text(json.dumps(before))
    found = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == found == replace(made, encryption_keys=found.encryption_keys)
    assert len(load(found.encryption_keys or "").named) == 1
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"token_secret": "x"}'])
def test_a_broken_file_is_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataDirRefusedError, match="--fresh"):
        load_or_create(tmp_path)
    assert (tmp_path / FILE).read_text() == text
