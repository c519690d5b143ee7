"""What a file is, by its first bytes; its name is only what somebody called it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from imports.files import limits
from imports.files.csv_file import CsvTable
from imports.files.grids import OldSheetTable, PageTable
from imports.files.json_file import JsonTable
from imports.files.lines import wide_codec
from imports.files.refusals import (
    BrokenJson,
    EmptyFile,
    FileTooBig,
    NotATable,
    OldOrProtectedSheet,
)
from imports.files.table import Table
from imports.files.xlsx_file import XlsxTable
from imports.files.xml_file import XmlTable
from imports.headers import heard

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and whatever Office has encrypted
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Formats that people pick by mistake: PDF, images, archives, programs.
_NOT_TABLES = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"),
    *(b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ"),
)
# What stands early in a page, and in what a server writes instead of the file.
_OF_A_PAGE = (b"<!doctype html", b"<html", b"<b>warning", b"<b>fatal error")
_PAGES = (b"<table", b"<meta", b"<style")
# Bytes that may stand before the first character.
_MARKS = (b"\xef\xbb\xbf", *_UTF_16)


def open_table(path: Path, *, known: Collection[str] = (), wanted: Collection[str] = ()) -> Table:
    """Recognise the file. `known` are headers that mean something, `wanted` the columns that must be there.

    Raises `Refused`, saying why.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile
    if size > limits.MAX_BYTES:
        raise FileTooBig(most=limits.MAX_BYTES // 1024 // 1024)
    with path.open("rb") as file:
        sample = file.read(limits.SAMPLE)
    if sample.startswith(_ZIP):
        return XlsxTable(path, known)
    if sample.startswith(_COMPOUND):
        raise OldOrProtectedSheet
    if sample.startswith(_NOT_TABLES):
        raise NotATable
    return _open_text(path, sample, known, wanted)


def _open_text(path: Path, sample: bytes, known: Collection[str], wanted: Collection[str]) -> Table:
    start = _beginning(sample)
    if start.startswith(_PAGES) or (start.startswith(b"<") and any(mark in start for mark in _OF_A_PAGE)):
        return PageTable(path, sample, known)
    if start.startswith(b"<") and OldSheetTable.is_one(sample):
        return OldSheetTable(path, sample, known)
    if start.startswith(b"<"):
        return XmlTable(path, sample, known, wanted)
    if start.startswith((b"{", b"[")):
        return _json_or_text(path, sample, known, wanted)
    # A few spoil their rows only.
    if sample.count(b"\0") > max(8, len(sample) // 50) and not wide_codec(sample):
        raise NotATable
    return CsvTable(path, sample, known)


def _beginning(sample: bytes) -> bytes:
    """The first characters in small letters, whatever the encoding."""
    start = sample[:1024]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.replace(b"\0", b"").lstrip().lower()


def _json_or_text(path: Path, sample: bytes, known: Collection[str], wanted: Collection[str]) -> Table:
    """A cell may begin with a bracket as well; then the columns have names that somebody knows."""
    try:
        return JsonTable(path, sample, known, wanted)
    except BrokenJson:
        with suppress(NotATable):
            table = CsvTable(path, sample, known)
            if any(heard(column) in known for column in table.columns):
                return table
        raise
