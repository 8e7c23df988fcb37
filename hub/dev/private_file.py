"""Small JSON files that only their owner may read."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def write(path: Path, document: Mapping[str, object]) -> None:
    """Replace `path` at once: whoever reads it sees the old document or the new one, never half of one."""
    half = path.with_name(f"{path.name}.new")
    half.unlink(missing_ok=True)
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
