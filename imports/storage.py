"""Where the files of runs lie: in the data folder, private, named by what is in them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from imports.files import limits
from imports.files.refusals import EmptyFile, FileTooBig
from imports.files.unpacking import unpacked

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A file as it lies in the store."""

    digest: str  # SHA-256
    size: int  # bytes


def keep(file: IO[bytes], *, group_id: int) -> Kept:
    """Take a file into the store, unpacked. Raises `Refused` (too big, empty, cut); nothing is left of such a one."""
    folder = _folder(group_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy, unpacked(file) as plain:
            while chunk := plain.read(_CHUNK):
                size += len(chunk)
                if size > limits.MAX_BYTES:
                    raise FileTooBig(most=limits.MAX_BYTES // 1024 // 1024)
                digest.update(chunk)
                copy.write(chunk)
        if not size:
            raise EmptyFile
        path.rename(path_of(digest.hexdigest(), group_id=group_id))
    finally:
        path.unlink(missing_ok=True)
    return Kept(digest.hexdigest(), size)


def forget(wanted: Collection[tuple[int, str]], *, before: datetime) -> int:
    """Delete the files that came before and are not wanted, as (group id, digest); how many.

    One that is brought again is new: `keep` writes it anew.
    """
    forgotten = 0
    for path in Path(settings.DATA_DIR).glob("imports/*/*"):
        folder = path.parent.name
        if not folder.isdecimal() or (int(folder), path.name) in wanted:
            continue
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def path_of(digest: str, *, group_id: int) -> Path:
    """Where a kept file lies."""
    return _folder(group_id) / digest


def _folder(group_id: int) -> Path:
    return Path(settings.DATA_DIR) / "imports" / str(group_id)
