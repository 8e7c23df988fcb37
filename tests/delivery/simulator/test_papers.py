from pathlib import Path

from delivery.apns.identity import read_authority, read_certificate, read_key
from delivery.simulator.papers import APNS_TOPIC, Papers


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_they_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    Papers(folder).issue(token_url="http://127.0.0.1/token")
    first = contents(folder)
    Papers(folder).issue(token_url="http://127.0.0.1/token")

    assert contents(folder) == first
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_they_are_what_the_provider_takes(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    papers.issue(token_url="http://127.0.0.1/token")

    read_key(str(papers.apns_key), "key")
    read_authority(str(papers.apns_ca), "ca")
    _, topic = read_certificate(str(papers.apns_certificate), "certificate")
    assert topic == APNS_TOPIC
