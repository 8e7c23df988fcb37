"""nchan, the push module of nginx (C): one worker process, channels in its memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.dialogue import Dialogue
from bench.place import PROGRAMS, SERVER_CORE, program
from bench.process import child, listening, output_of, running
from bench.server import Running
from hub.dev.ports import LOOPBACK, free_ports

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")  # where Debian puts it


class Nchan:
    """See bench/programs/nchan.conf."""

    name = "nchan"
    title = "nchan (C)"
    install = "apt-get install nginx libnginx-mod-nchan"
    installs_in_cache = False
    pace = 5.0

    def absent(self) -> str | None:
        """See Server."""
        if program("nginx") is None:
            return "no nginx"
        return None if MODULE.exists() else "nginx has no nchan module"

    async def version(self) -> str:
        """nginx names itself; Debian's package names the module."""
        nginx = (await output_of(program("nginx") or "nginx", "-v")).rpartition("/")[2]
        package = await output_of("dpkg-query", "--showformat=${Version}", "--show", "libnginx-mod-nchan")
        return f"nchan {package.rpartition(':')[2].partition('+')[0]}, nginx {nginx}"

    @asynccontextmanager
    async def start(self, folder: Path) -> AsyncIterator[Running]:
        """See Server."""
        [port] = free_ports(1)
        configuration = folder / "nginx.conf"
        configuration.write_text((PROGRAMS / "nchan.conf").read_text().replace("PORT", str(port)))
        argv = [program("nginx") or "nginx", "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
        async with running(child("nginx", argv, ready=listening(port)), core=SERVER_CORE, log=folder / "log") as pid:
            at = f"{LOOPBACK}:{port}"
            yield Running(
                pid=pid,
                everyone=Dialogue(socket=f"{at}/sub?id=all", publish=f"{at}/pub?id=all"),
                one=Dialogue(socket=f"{at}/sub?id=u{{i}}", publish=f"{at}/pub?id=u{{i}}"),
            )
