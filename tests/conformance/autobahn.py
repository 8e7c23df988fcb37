"""Runs the Autobahn suite itself against the echo and prints what is not in order; `make test` has its cases as ours.

It is Python 2.7 and stays so. Once: `python2.7 -m pip install --target DIR autobahntestsuite==25.10.1` and
`touch DIR/zope/__init__.py`. Then, in the root of the repository (20 s; `--python` names a Python 2.7 not on the PATH):

    .venv/bin/python -m tests.conformance.autobahn DIR

Expected: nothing FAILED. NON-STRICT is right, but could be earlier: an endpoint that answers after its socket failed is
too late for 3.* and 4.*, and a text is judged fragment by fragment, not byte by byte (6.4.3, 6.4.4).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypeAlias

import msgspec

from delivery.webpush import vapid
from hub.limits import LiveSettings, RateSettings
from hub.settings import HubSettings, Settings
from sessions.user_tokens import UserTokenSettings
from tests.conformance.echo import running_echo
from tests.delivery.sample import trusting

CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]  # not 9 (up to 16 MiB a message), 12, 13 (deflate)
TEXT_ONLY = ["1.2.*"]  # Hark says nothing to a binary message but goodbye
IN_ORDER = ("OK", "INFORMATIONAL")


class Verdict(msgspec.Struct, rename="camel"):
    """Of one case: what was said in it, and how it was closed."""

    behavior: str
    behavior_close: str
    remote_close_code: int | None

    def is_in(self, *allowed: str) -> bool:
        return self.behavior in allowed and self.behavior_close in allowed


Report: TypeAlias = dict[str, dict[str, Verdict]]  # by mode and case


def main() -> int:
    """Exits with 1 when a case failed."""
    options = argparse.ArgumentParser(prog="autobahn", description="The Autobahn suite, against Hark's socket.")
    options.add_argument("folder", type=Path, help="where autobahntestsuite was installed")
    options.add_argument("cases", nargs="*", default=CASES, help="such as 7.1.5 or 6.*")
    options.add_argument("--python", default="python2.7")
    asked = options.parse_args()
    settings = Settings(
        hub=HubSettings(database_url="postgresql://unused", redis_url="redis://unused"),
        live=LiveSettings(drain_s=0),
        rates=RateSettings(),
        user_tokens=UserTokenSettings(token_secret="a secret of at least 32 characters"),
        webpush=trusting("https://push.example", vapid.generate()),
    )
    with running_echo(settings) as echo:
        report = _judged(echo.port, asked.folder, asked.cases, python=asked.python)
    return _told(report)


def _judged(port: int, folder: Path, cases: list[str], *, python: str) -> Report:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        spec = {
            "outdir": name,
            "servers": [{"agent": mode, "url": f"ws://127.0.0.1:{port}/{mode}"} for mode in ("attached",)],
            "cases": cases,
            "exclude-cases": [],
            "exclude-agent-cases": {"attached": TEXT_ONLY},
        }
        (place / "spec.json").write_bytes(msgspec.json.encode(spec))
        command = [python, str(folder / "bin" / "wstest"), "-m", "fuzzingclient", "-s", str(place / "spec.json")]
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        subprocess.run(command, env=environment, cwd=name, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        return msgspec.json.decode((place / "index.json").read_bytes(), type=Report)


def _told(report: Report) -> int:
    for mode, verdicts in report.items():
        odd = {case: verdict for case, verdict in verdicts.items() if not verdict.is_in(*IN_ORDER)}
        sys.stdout.write(f"{mode}: {len(verdicts)} cases, {len(verdicts) - len(odd)} in order\n")
        for case, verdict in sorted(odd.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
            sys.stdout.write(
                f"  {case} {verdict.behavior}, closed {verdict.behavior_close} {verdict.remote_close_code}\n"
            )
    everything = [verdict for verdicts in report.values() for verdict in verdicts.values()]
    return int(not all(verdict.is_in(*IN_ORDER, "NON-STRICT") for verdict in everything))


if __name__ == "__main__":
    sys.exit(main())
