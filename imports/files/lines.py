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
    """A file's lines as text, without their ends. `position` is in bytes; `is_open` once the last one had no end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.position = 0
        self.is_open = False
        with path.open("rb") as file:
            sample = file.read(limits.SAMPLE)
        self._is_wide = sample.startswith(_UTF_16)
        self._old_mac = not self._is_wide and b"\r" in sample and b"\n" not in sample

    def blocks(self) -> Iterator[list[str]]:
        """Some lines at a time, from the beginning. Raises `LineTooLong`."""
        self.position, self.is_open = 0, False
        return self._translated() if self._is_wide or self._old_mac else self._plain()

    def _plain(self) -> Iterator[list[str]]:
        rest = b""
        with self._path.open("rb") as file:
            if file.read(3) != codecs.BOM_UTF8:
                file.seek(0)
            while chunk := file.read(limits.BLOCK_BYTES):
                self.position += len(chunk)
                whole, end, rest = (rest + chunk).rpartition(b"\n")
                if len(rest) > limits.MAX_LINE:
                    raise LineTooLong
                if end:
                    yield _decoded(whole)
        if rest:
            self.is_open = True
            yield _decoded(rest)

    def _translated(self) -> Iterator[list[str]]:
        encoding = "utf-16" if self._is_wide else "cp1252"
        rest = ""
        with self._path.open("r", encoding=encoding, errors="replace", newline=None) as file:
            while chunk := file.read(limits.BLOCK_BYTES):
                self.position += len(chunk) * (2 if self._is_wide else 1)
                whole, end, rest = (rest + chunk).rpartition("\n")
                if len(rest) > limits.MAX_LINE:
                    raise LineTooLong
                if end:
                    yield whole.split("\n")
        if rest:
            self.is_open = True
            yield rest.split("\n")


def _decoded(raw: bytes) -> list[str]:
    """The lines of some bytes: all at once where they are UTF-8, else each in its own encoding."""
    try:
        return raw.decode().split("\n")
    except UnicodeDecodeError:
        return [_line(line) for line in raw.split(b"\n")]


def _line(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return western(raw)


def western(raw: bytes) -> str:
    """Bytes that are not UTF-8, as Windows wrote them in Western Europe; never an error."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
