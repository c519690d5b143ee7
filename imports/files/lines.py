"""The lines of a text file, each in its own encoding if need be: exports are glued together from several systems."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from imports.files import limits
from imports.files.refusals import LineTooLong

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(sample: bytes) -> str:
    """« UTF-8 », « UTF-16 » or « Windows-1252 » (which holds all of ISO-8859-1 that is printed)."""
    if sample.startswith(_UTF_16):
        return "UTF-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)  # a character cut by the end of the sample is no error
    except UnicodeDecodeError:
        return "Windows-1252"
    return "UTF-8"


class Lines:
    """Iterates over a file's lines as text. `position` is in bytes; `is_open` while the last line had no end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.position = 0
        self.is_open = False
        with path.open("rb") as file:
            sample = file.read(limits.SAMPLE)
        self._is_wide = sample.startswith(_UTF_16)
        self._old_mac = not self._is_wide and b"\r" in sample and b"\n" not in sample

    def __iter__(self) -> Iterator[str]:
        if self._is_wide or self._old_mac:
            return self._translated()
        return self._plain()

    def _plain(self) -> Iterator[str]:
        self.position = 0
        with self._path.open("rb") as file:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            while raw := file.readline(limits.MAX_LINE):
                self.position += len(raw)
                self.is_open = not raw.endswith(b"\n")
                if self.is_open and len(raw) == limits.MAX_LINE:
                    raise LineTooLong
                try:
                    yield raw.decode()
                except UnicodeDecodeError:
                    yield western(raw)

    def _translated(self) -> Iterator[str]:
        encoding = "utf-16" if self._is_wide else "cp1252"
        self.position = 0
        with self._path.open("r", encoding=encoding, errors="replace", newline=None) as file:
            while line := file.readline(limits.MAX_LINE):
                self.position += len(line) * (2 if self._is_wide else 1)
                self.is_open = not line.endswith("\n")
                if self.is_open and len(line) == limits.MAX_LINE:
                    raise LineTooLong
                yield line


def western(raw: bytes) -> str:
    """Bytes that are not UTF-8, as Windows wrote them in Western Europe; never an error."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
