"""Zips, of which only so much is read into memory as a list or a spreadsheet needs."""

from __future__ import annotations

import zipfile
from typing import IO, cast

from imports.files import limits
from imports.files.refusals import PackedTooTight


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive. Raises what `ZipFile` raises, and `PackedTooTight` where its table of contents is a bomb itself."""
    return zipfile.ZipFile(cast("IO[bytes]", _Sparing(file)))


class _Sparing:
    """A file of which nobody takes much at once: `ZipFile` takes the table of contents as a whole.

    Millions of empty members fit into an ordinary file, and each takes half a kilobyte of memory once it is listed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > limits.MAX_AT_ONCE:
            raise PackedTooTight
        return self._file.read(size)
