"""A file that its sender has packed: as .gz, or as the only one of a .zip. What is in it is read as it comes."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from typing import IO, cast

from imports.files import archives
from imports.files.refusals import EmptyFile, FileIsCut, HoldsSeveralFiles, IsLocked

_GZIP, _ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")  # the second one holds nothing
# A spreadsheet is a zip, too, and says so with one of these members: Excel's, and the others'.
_OF_SPREADSHEETS = ("[Content_Types].xml", "mimetype")
_ENCRYPTED = 0x1
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, LZMAError, NotImplementedError)


@contextmanager
def unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file itself, or what is packed in it, from its beginning. Raises `Refused`, also while it is read.

    How much comes out is for the reader to limit: a few bytes may unpack to gigabytes.
    """
    start = file.read(4)
    file.seek(0)
    if start.startswith(_GZIP):
        with gzip.GzipFile(fileobj=file) as plain:
            yield _careful(plain)
    elif start in _ZIPS and (archive := _archive(file)) is not None:
        with archive, _opened(archive) as member:
            yield _careful(member)
    else:
        file.seek(0)
        yield file


def _archive(file: IO[bytes]) -> zipfile.ZipFile | None:
    """None for a spreadsheet, and for what only begins like a zip: whoever opens it says what is wrong."""
    try:
        archive = archives.opened(file)
    except (*_BROKEN, ValueError):
        return None
    return None if any(name in archive.NameToInfo for name in _OF_SPREADSHEETS) else archive


def _opened(archive: zipfile.ZipFile) -> IO[bytes]:
    """The only file in it, beside what a Mac adds. Raises `Refused`."""
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_hidden(member)]
    if not members:
        raise EmptyFile
    if len(members) > 1:
        raise HoldsSeveralFiles
    if members[0].flag_bits & _ENCRYPTED:
        raise IsLocked
    try:
        return archive.open(members[0])
    except _BROKEN as error:
        raise FileIsCut(line=0) from error


def _is_hidden(member: zipfile.ZipInfo) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in member.filename.split("/"))


class _Careful:
    """Reads, and says of what cannot be unpacked that it is cut."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed

    def read(self, size: int = -1) -> bytes:
        try:
            return self._packed.read(size)
        except _BROKEN as error:
            raise FileIsCut(line=0) from error


def _careful(packed: IO[bytes] | gzip.GzipFile) -> IO[bytes]:
    return cast("IO[bytes]", _Careful(cast("IO[bytes]", packed)))
