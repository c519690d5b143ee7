"""XML feeds of any shape: the element that comes again and again, with something in it, is the row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from imports.files import limits
from imports.files.lines import encoding_of
from imports.files.refusals import FileIsCut, LineTooLong, NotATable
from imports.files.table import RecordTable
from imports.files.xml_safely import Element, elements, forget, local_name, refuse_doctype_in
from imports.headers import heard

# Elements that are looked at to find out which one is the row.
_LOOKED_AT = 5_000
_BETWEEN = "|"
# Names that must be known before they decide, and the share of them that the row has: its dealer has some as well.
_ENOUGH, _SHARE = 3, 0.6

# Bytes in which a document says its encoding, and where.
_DECLARATION = 200
_SAYS = re.compile(rb"""encoding\s*=\s*["']([\w-]+)""")

Trail = tuple[str, ...]


class XmlTable(RecordTable):
    """An XML document. A column is named by the path below the row: `price`, `engine.power`, `price@currency`."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str], wanted: Collection[str]) -> None:
        refuse_doctype_in(sample)
        self._source = _Source(path, sample)
        self._row = _row_of(self._source, known)
        super().__init__("xml", "", wanted)

    def _records(self) -> Iterator[Mapping[str, str]]:
        trail: list[str] = []
        parts = 0
        with self._source.opened() as file:
            for event, element in elements(file, ("start", "end"), encoding=self._source.encoding):
                if event == "start":
                    trail.append(local_name(element))
                    parts += 1
                    if parts > limits.MAX_PARTS:
                        raise LineTooLong
                    continue
                if tuple(trail) == self._row:
                    self.position = file.tell()
                    yield _flattened(element)
                if len(trail) <= len(self._row):
                    forget(element)
                    parts = 0
                trail.pop()


class _Source:
    """A document as scripts really write it: below blank lines, and in Windows' letters though it says UTF-8."""

    def __init__(self, path: Path, sample: bytes) -> None:
        self._path = path
        self._start = len(sample) - len(sample.lstrip(b" \t\r\n"))
        says = _SAYS.search(sample[:_DECLARATION])
        is_told = says is not None and says[1].lower() not in (b"utf-8", b"utf8")
        self.encoding = "windows-1252" if not is_told and encoding_of(sample) == "Windows-1252" else None

    def opened(self) -> BinaryIO:
        file = self._path.open("rb")
        file.seek(self._start)
        return file


class _Seen:
    """What the first elements are, by their trail: how often, how often with something in them, and what is known."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self.holding: Counter[Trail] = Counter()
        self.knows: dict[Trail, set[str]] = {}

    def note(self, trail: Trail, element: Element) -> None:
        if len(element) or element.attrib:
            self.holding[trail] += 1
        names = {heard(name) for name in (trail[-1], *(name for name, _value in _attributes(element)))}
        for name in names.intersection(self._known):
            for depth in range(2, len(trail) + 1):
                self.knows.setdefault(trail[:depth], set()).add(name)

    def row(self) -> Trail:
        """Of what holds most of what is known, that which comes most often. Raises `NotATable`.

        Where little is known: the shallowest that repeats and holds others, else the only one that does.
        """
        best = max(map(len, self.knows.values()), default=0)
        rows = [
            found
            for found, names in self.knows.items()
            if best >= _ENOUGH and len(names) >= best * _SHARE and found in self.holding
        ]
        if rows:
            return max(rows, key=lambda found: (self.holding[found], -len(found)))
        rows = [found for found, count in self.holding.items() if count > 1 and len(found) > 1]
        rows = rows or [found for found in self.holding if len(found) == 2]
        if not rows:
            raise NotATable
        return min(rows, key=lambda found: (len(found), -self.holding[found]))


def _row_of(source: _Source, known: Collection[str]) -> Trail:
    """The trail of the row's element, by the first elements of the file."""
    seen = _Seen(known)
    trail: list[str] = []
    with source.opened() as file:
        try:
            found = elements(file, ("start", "end"), encoding=source.encoding)
            for event, element in islice(found, 2 * _LOOKED_AT):
                if event == "start":
                    trail.append(local_name(element))
                    continue
                seen.note(tuple(trail), element)
                trail.pop()
        except FileIsCut:
            if not seen.holding:
                raise
    return seen.row()


def _flattened(row: Element) -> dict[str, str]:
    found: dict[str, str] = {f"@{name}": value for name, value in _attributes(row)}
    _add(row, "", found)
    return found


def _add(element: Element, prefix: str, found: dict[str, str]) -> None:
    for child in element:
        name = local_name(child)
        if not name:
            continue
        path = f"{prefix}{name}"
        for attribute, value in _attributes(child):
            _put(found, f"{path}@{attribute}", value)
        if len(child):
            _add(child, f"{path}.", found)
        elif child.text and child.text.strip():
            _put(found, path, child.text.strip())


def _attributes(element: Element) -> list[tuple[str, str]]:
    """Names without their namespaces, and values. Raises `LineTooLong` for more than a row has columns."""
    if len(element.attrib) > limits.MAX_COLUMNS:  # reading them takes the square of their number
        raise LineTooLong
    return [(str(name).rpartition("}")[2], str(value)) for name, value in element.attrib.items()]


def _put(found: dict[str, str], path: str, value: str) -> None:
    """What comes several times in one row (photos, options) is joined; beyond what a cell may hold it is in error."""
    held = found.get(path)
    if held is None:
        found[path] = value
    elif len(held) <= limits.MAX_CELL:
        found[path] = f"{held}{_BETWEEN}{value}"
