"""Where the files of runs lie: in the data folder, private, named by what is in them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from imports.files import limits
from imports.files.refusals import EmptyFile, FileTooBig

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A file as it lies in the store."""

    digest: str  # SHA-256
    size: int  # bytes


def keep(file: IO[bytes], *, group_id: int) -> Kept:
    """Take a file into the store. Raises `FileTooBig`, `EmptyFile`; nothing is left of such a one."""
    folder = _folder(group_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            while chunk := file.read(_CHUNK):
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


def path_of(digest: str, *, group_id: int) -> Path:
    """Where a kept file lies."""
    return _folder(group_id) / digest


def _folder(group_id: int) -> Path:
    return Path(settings.DATA_DIR) / "imports" / str(group_id)
