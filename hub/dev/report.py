"""What `hark dev` tells when everything is ready: a block for the person, and DIR/dev.json for tools."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.dev import private_file

FILE = "dev.json"

BLOCK = """\
  Hark is ready.

    Demo      {url}/demo/
    API       {url}/api/v1/
    API key   {api_key}
    Data      {data_dir}{elsewhere}
    Stop      Ctrl-C"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Where everything is in this run; the fields are those of dev.json, which adds `pids`."""

    url: str
    api_key: str
    postgres_url: str
    redis_url: str
    simulator_url: str
    simulator_apns_url: str
    simulator_smtp_url: str
    worker_url: str
    data_dir: str

    def write(self, pids: Mapping[str, int]) -> None:
        private_file.write(Path(self.data_dir, FILE), {**asdict(self), "pids": pids})

    def block(self, postgres_home: Path) -> str:
        inside = postgres_home.is_relative_to(Path(self.data_dir).resolve())
        elsewhere = "" if inside else f" (Postgres: {postgres_home})"
        return BLOCK.format(url=self.url, api_key=self.api_key, data_dir=self.data_dir, elsewhere=elsewhere)
