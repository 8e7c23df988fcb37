"""Whom a server runs as. Postgres refuses to be root, so root hands it to `nobody`, in the child only."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """A user of this machine that a child process becomes; only root can ask for it."""

    uid: int
    gid: int

    def may_reach(self, path: Path) -> bool:
        """Whether the mode bits let this account enter `path` (or execute it) and every folder above it."""
        resolved = path.resolve()
        return all(self._may_execute(step) for step in (resolved, *resolved.parents))

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def _may_execute(self, path: Path) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def account_for(home: Path) -> Account | None:
    """Who shall run the server whose files are in `home`; None: whoever we are, unless we are root.

    Files that are there already decide, so that `sudo` finds what a first run without it left behind.
    """
    if os.geteuid() != 0:
        return None
    if home.exists() and (found := home.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)
