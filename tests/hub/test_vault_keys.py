"""HARK_ENCRYPTION_KEYS."""

from datetime import date
from pathlib import Path

import pytest

from hub.vault_keys import EncryptionSettings, Keys, generate, load
from tests.encryption import ENCRYPTION_KEYS, KEYS

A = "A" * 43  # 32 bytes of nothing
TODAY = date(2026, 3, 1)


def test_they_are_given_as_text_or_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# the newest first\n" + ENCRYPTION_KEYS.replace(",", "\n") + "\n")
    assert load(ENCRYPTION_KEYS) == load(f" {ENCRYPTION_KEYS.replace(',', ' , ')} ") == load(str(file)) == KEYS
    assert load(f"b:{A}=,a:{A},lookup:{A}") == Keys({"b": bytes(32), "a": bytes(32)}, bytes(32))


def test_a_new_one_comes_first_and_the_look_up_key_stays() -> None:
    first = generate(today=TODAY)
    second = generate(first, today=TODAY)
    assert len(first.named) == 1
    assert list(second.named)[1:] == list(first.named)
    assert second.lookup == first.lookup
    assert len({*second.named.values(), second.lookup}) == 3
    assert load(second.text()) == second
    assert all(name.startswith("2026-03-01-") for name in second.named)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("/nowhere/keys", "nor the path of a file"),
        ("secret-key", "nor the path of a file"),
        ("a:short,lookup:" + A, "'a' is not 32 bytes"),
        (f"a:{A}A,lookup:{A}", "'a' is not 32 bytes"),
        (f"a:{A}", "'lookup' is missing"),
        (f"lookup:{A}", "no key beside"),
        (f"a:{A},a:{A},lookup:{A}", "'a' is there twice"),
        (f":{A},lookup:{A}", "each is name:key"),
        (f"{'a' * 33}:{A},lookup:{A}", "each is name:key"),
        (",", "'lookup' is missing"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_without_a_key(given: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as stopped:
        load(given)
    assert A not in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_they_are_not_printed_by_accident() -> None:
    settings = EncryptionSettings(encryption_keys=ENCRYPTION_KEYS)
    assert ENCRYPTION_KEYS[6:20] not in f"{settings} {settings!r} {KEYS} {KEYS!r}"
