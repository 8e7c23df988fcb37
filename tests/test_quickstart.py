"""docs/quickstart.md, done as it says: each file is saved, each command run, and a browser looks. And README.md, what
it says to a hub that runs."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from hub.dev.ports import free_ports
from hub.dev.postgres import Postgres
from tests.hub.dev.terminal_session import Desk, Session
from tests.sdk.chromium import chromium, needs_chromium
from tests.sdk.node import NODE, WHY_NOT

DOCUMENT = Path("docs/quickstart.md").read_text()
README = Path("README.md").read_text()
MAKEFILE = Path("Makefile").absolute()
HUB, APP = "127.0.0.1:8080", "127.0.0.1:8000"
BELL = "document.querySelector('hark-bell').shadowRoot"
TOAST = f"[...{BELL}.querySelectorAll('.toast-text')].map((one) => one.innerText)"


class Reader:
    """Somebody with three terminals who follows the page, on ports that are free here."""

    def __init__(self, desk: Desk, app_port: int) -> None:
        self.desk = desk
        self.origin = f"http://127.0.0.1:{app_port}"
        text = DOCUMENT.replace(HUB, f"127.0.0.1:{desk.port}").replace(APP, f"127.0.0.1:{app_port}")
        text = text.replace('("127.0.0.1", 8000)', f'("127.0.0.1", {app_port})')
        commands = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        self.start, self.serve, self.send, self.send_with_curl, kill_and_send = commands
        self.kill, self.send_again = kill_and_send.strip().split("\n")
        self._files = re.findall(r"```\w+ (\S+)\n(.*?)```", text, re.DOTALL)

    def saves_the_files(self) -> set[str]:
        bin_ = self.desk.project / ".venv" / "bin"
        bin_.parent.mkdir(parents=True)
        bin_.symlink_to(Path(sys.executable).parent)
        for name, content in self._files:
            (self.desk.project / name).write_text(content)
        return {name for name, _ in self._files}

    @contextlib.asynccontextmanager
    async def hark(self) -> AsyncIterator[Session]:
        """The first terminal. `make run` is `hark dev`; on another port than it says, that is all."""
        setting, command = self.start.split(maxsplit=1)
        assert command.strip() == "make run"
        assert (await run(f"make -n --no-print-directory -o install -f {MAKEFILE} run")).strip() == ".venv/bin/hark dev"
        name, _, value = setting.partition("=")
        async with self.desk.session(**{name: value}) as session:
            await session.hears("Stop")
            yield session
            session.send(signal.SIGINT)
            assert await session.end() == 0

    @contextlib.asynccontextmanager
    async def app(self) -> AsyncIterator[None]:
        """The second terminal, once it answers."""
        process = await asyncio.create_subprocess_shell(
            self.serve.replace("python3 app.py", "exec python3 -u app.py"),
            cwd=self.desk.project,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await run(f"curl -s -o /dev/null --retry 50 --retry-delay 1 --retry-connrefused {self.origin}/")
            yield
        finally:
            process.terminate()
            await process.communicate()

    async def does(self, command: str) -> str:
        """The third terminal."""
        return await run(command, cwd=self.desk.project)


async def run(command: str, *, cwd: Path | None = None, **environment: str) -> str:
    """What it prints; it has to succeed."""
    process = await asyncio.create_subprocess_shell(
        command, cwd=cwd, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, (command, out)
    return out.decode()


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    port, app_port = free_ports(2)
    data_dir = tmp_path / "hark" / ".hark"
    yield Reader(Desk(tmp_path / "hark", data_dir, port), app_port)
    await Postgres.delete(data_dir / "postgres")


@needs_chromium
@pytest.mark.timeout(180)  # a whole Hark, from nothing
async def test_who_follows_it_has_a_bell_that_rings(reader: Reader) -> None:
    assert reader.saves_the_files() == {"index.html", "app.py", "hark-token.mjs"}
    async with reader.hark(), reader.app(), chromium() as browser:
        tab = await browser.open(reader.origin)
        await tab.until("document.querySelector('hark-bell').hark?.state.name === 'live'")
        said = await reader.does(reader.send)
        assert re.search(r"^ada: (delivered|seen)$", said, re.MULTILINE)
        await tab.until(f"{BELL}.querySelector('.badge').textContent === '1'")
        assert "Order shipped\nIt arrives on Thursday." in await tab.run(TOAST)

        assert "notification_id" in await reader.does(reader.send_with_curl)
        await tab.until(f"{BELL}.querySelector('.badge').textContent === '2'")
        assert tab.complaints() == []
        if WHY_NOT is None:
            await _the_javascript_gives_a_token(reader)
        await _the_readme_does_what_it_says(reader)

        await reader.does(reader.kill)
        await run(
            f"curl -s -o /dev/null --retry 50 --retry-delay 1 --retry-all-errors http://127.0.0.1:{reader.desk.port}/health"
        )
        await reader.does(reader.send_again)
        await tab.until("document.querySelector('hark-bell').hark.entries[0].title === 'Still here'")


async def _the_readme_does_what_it_says(reader: Reader) -> None:
    text = README.replace(HUB, f"127.0.0.1:{reader.desk.port}")
    send_and_ask, listen, send = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    listen = listen.replace("curl -sN", "curl -sN --max-time 2") + "true"  # it would go on
    said = await reader.does(f"set -e\n{send_and_ask}\nset +e\n{listen}")
    for answer in ('"notification_id":', '"entries":[{', '"state":"', '"token":"', "event: welcome", "event: msg"):
        assert answer in said
    assert re.search(r"^ada: (delivered|seen)$", await reader.does(send), re.MULTILINE)
    [python] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (reader.desk.project / "send.py").write_text(f"api_key = {reader.desk.report()['api_key']!r}\n{python}")
    await reader.does(f"{sys.executable} send.py")


async def _the_javascript_gives_a_token(reader: Reader) -> None:
    report = reader.desk.report()
    assert NODE is not None
    ask = 'import { harkToken } from "./hark-token.mjs"; console.log(JSON.stringify(await harkToken("ada")))'
    said = await run(
        f"{NODE} --input-type=module -e '{ask}'",
        cwd=reader.desk.project,
        HARK_URL=report["url"],
        HARK_API_KEY=report["api_key"],
    )
    assert set(msgspec.json.decode(said)) == {"token", "expires_at"}
