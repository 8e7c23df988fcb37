from pathlib import Path

import pytest

from delivery import secret_text

PEM = "-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----"


def test_text_is_taken_as_it_is() -> None:
    assert secret_text.read(PEM + "\n") == PEM
    assert secret_text.read(' {"a":"\\n"}') == '{"a":"\\n"}'


def test_a_pem_on_one_line_gets_its_lines_back() -> None:
    assert secret_text.read(PEM.replace("\n", "\\n")) == PEM


def test_anything_else_is_a_files_path(tmp_path: Path) -> None:
    (tmp_path / "key.p8").write_text(PEM + "\n")

    assert secret_text.read(str(tmp_path / "key.p8")) == PEM


@pytest.mark.parametrize("given", ["/nowhere/key.p8", "MIGTAgEAMBMGByqGSM49", "", "/", "a\0b", "x" * 5000])
def test_neither_is_told_without_being_quoted(given: str) -> None:
    with pytest.raises(ValueError, match="neither the text nor the path") as told:
        secret_text.read(given)

    assert not given.strip("/") or given not in str(told.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ValueError, match="not UTF-8"):
        secret_text.read(str(tmp_path / "key.der"))
