"""`hark send`, in a process of its own as an operator would."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from hub.cli.remote import HubUnknown, Place, place
from tests.hub_process import Customer


class _Said(NamedTuple):
    code: int
    out: list[str]
    err: str


async def _hark(*arguments: str, folder: Path, **environment: str) -> _Said:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HARK_")}
    inherited["PYTHONPATH"] = os.pathsep.join([str(Path.cwd()), inherited.get("PYTHONPATH", "")])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "send", *arguments),
        env=inherited | environment,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return _Said(process.returncode, out.decode().splitlines(), err.decode())


def _key(hub: Customer) -> str:
    return hub.http.headers["Authorization"].removeprefix("Bearer ")


async def test_it_prints_the_id_of_what_it_sent(hub: Customer, tmp_path: Path) -> None:
    said = await _hark("ada", "Hello", "--data", '{"order": 42}', "--url", hub.url, "--key", _key(hub), folder=tmp_path)
    [entry] = (await hub.http.get("/api/v1/users/ada/inbox")).json()["entries"]
    assert (said.code, said.out, said.err) == (0, [entry["id"]], "")
    assert (entry["title"], entry["data"]) == ("Hello", {"order": 42})


async def test_it_waits_when_it_is_told_to_and_knows_of_a_hark_dev(hub: Customer, tmp_path: Path) -> None:
    (tmp_path / ".hark").mkdir()
    (tmp_path / ".hark" / "dev.json").write_text(json.dumps({"url": hub.url, "api_key": _key(hub), "pids": {}}))
    async with hub.online("ada") as page:
        sending = asyncio.create_task(_hark("ada", "Hello", "--wait", folder=tmp_path))
        await page.heard()
        await page.say("ack", seq=1)
        said = await sending
    assert (said.code, said.out[1:]) == (0, ["ada: delivered"])
    late = await _hark("grace", "Hello", "--wait", "1", folder=tmp_path)
    assert (late.code, late.out[1:]) == (1, ["grace: accepted"])


async def test_what_is_wrong_is_one_line(hub: Customer, tmp_path: Path) -> None:
    refused = await _hark("ada", "", folder=tmp_path, HARK_URL=hub.url, HARK_API_KEY=_key(hub))
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert refused.err.startswith("hark: 422 Unprocessable")
    nowhere = await _hark("ada", "Hello", folder=tmp_path)
    assert nowhere == (1, [], "hark: no `hark dev` runs here (.hark/dev.json); give --url and --key\n")
    no_json = await _hark("ada", "Hello", "--data", "[1]", folder=tmp_path)
    assert "argument --data: must be a JSON object" in no_json.err


def test_options_go_before_the_environment_and_the_environment_before_hark_dev(tmp_path: Path) -> None:
    dev_json = tmp_path / "dev.json"
    dev_json.write_text('{"url": "http://dev", "api_key": "dev"}')
    environ = {"HARK_URL": "http://environ", "HARK_API_KEY": "environ"}
    assert place(url=None, key=None, environ={}, dev_json=dev_json) == Place("http://dev", "dev")
    assert place(url=None, key=None, environ=environ, dev_json=dev_json) == Place("http://environ", "environ")
    assert place(url="http://told", key=None, environ=environ, dev_json=dev_json) == Place("http://told", "environ")
    dev_json.write_text("{}")
    with pytest.raises(HubUnknown, match="cannot read"):
        place(url=None, key=None, environ={}, dev_json=dev_json)


def test_the_key_of_hark_dev_is_not_shown_to_another_hub(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"url": "http://dev", "api_key": "dev"}')
    with pytest.raises(HubUnknown, match="give both"):
        place(url="http://elsewhere", key=None, environ={}, dev_json=tmp_path / "dev.json")
