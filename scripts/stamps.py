"""Remember what was already done, so that a second start takes no time.

A stamp is a small JSON file beside the thing it describes: delete the thing and its stamp goes with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def fingerprint(paths: Iterable[Path], *extra: str) -> str:
    """A hash of the names and contents of files, and of whatever else the result depends on."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    for text in extra:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


def read(stamp: Path) -> dict[str, str]:
    """What the stamp says; nothing when it is missing or damaged."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write(stamp: Path, content: dict[str, str]) -> None:
    """Replace the stamp in one go: a kill in the middle leaves the old one."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    fresh = stamp.with_name(f"{stamp.name}.new")
    fresh.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(stamp)
