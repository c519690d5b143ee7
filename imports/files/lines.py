"""The lines of a text file, each in its own encoding if need be: exports are glued together from several systems."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from imports.files import limits
from imports.files.refusals import LineTooLong

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# é, è and ê as a Mac writes them; Windows has there Ž and two bytes that mean nothing.
_MAC, _WINDOWS = (b"\x8e", b"\x8f", b"\x90"), (b"\xe9", b"\xe8", b"\xea")


def encoding_of(sample: bytes) -> str:
    """« UTF-8 », « UTF-16 », « Mac Roman » or « Windows-1252 » (which holds all of ISO-8859-1 that is printed)."""
    if wide_codec(sample):
        return "UTF-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)  # a character cut by the end of the sample is no error
    except UnicodeDecodeError:
        return "Mac Roman" if _is_mac(sample) else "Windows-1252"
    return "UTF-8"


def wide_codec(sample: bytes) -> str:
    """How UTF-16 is to be read, with or without its mark; empty for what is none."""
    if sample.startswith(_UTF_16):
        return "utf-16"
    start = sample[:512]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(start) >= 8 and max(even, odd) > len(start) * 0.4 and min(even, odd) <= len(start) // 100:
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def _is_mac(raw: bytes) -> bool:
    return sum(map(raw.count, _MAC)) > sum(map(raw.count, _WINDOWS))


_CODECS = {"UTF-8": "utf-8-sig", "Windows-1252": "cp1252", "Mac Roman": "mac_roman"}


class Lines:
    """A file's lines as text, without their ends. `position` is in bytes; `is_open` once the last one had no end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.position = 0
        self.is_open = False
        with path.open("rb") as file:
            sample = file.read(limits.SAMPLE)
        self._wide = wide_codec(sample)
        self._old_mac = not self._wide and b"\r" in sample and b"\n" not in sample
        self._codec = self._wide or _CODECS[encoding_of(sample)]

    def blocks(self) -> Iterator[list[str]]:
        """Some lines at a time, from the beginning. Raises `LineTooLong`."""
        self.position, self.is_open = 0, False
        return self._translated() if self._wide or self._old_mac else self._plain()

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
                    yield self._decoded(whole)
        if rest:
            self.is_open = True
            yield self._decoded(rest)

    def _translated(self) -> Iterator[list[str]]:
        rest = ""
        with self._path.open("r", encoding=self._codec, errors="replace", newline=None) as file:
            while chunk := file.read(limits.BLOCK_BYTES):
                self.position += len(chunk) * (2 if self._wide else 1)
                whole, end, rest = (rest + chunk).rpartition("\n")
                if len(rest) > limits.MAX_LINE:
                    raise LineTooLong
                if end:
                    yield whole.split("\n")
        if rest:
            self.is_open = True
            yield rest.split("\n")

    def _decoded(self, raw: bytes) -> list[str]:
        """The lines of some bytes: all at once where they are UTF-8, else each in its own encoding."""
        try:
            return raw.decode().split("\n")
        except UnicodeDecodeError:
            of_a_mac = self._codec == "mac_roman"
            return [_line(line, of_a_mac=of_a_mac) for line in raw.split(b"\n")]


def _line(raw: bytes, *, of_a_mac: bool) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return western(raw, of_a_mac=of_a_mac)


def western(raw: bytes, *, of_a_mac: bool = False) -> str:
    """Bytes that are not UTF-8, as Windows or a Mac wrote them in Western Europe; never an error.

    In a file `of_a_mac` a line is of a Mac unless it looks like Windows.
    """
    if _is_mac(raw) or (of_a_mac and not any(map(raw.count, _WINDOWS))):
        return raw.decode("mac_roman")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
