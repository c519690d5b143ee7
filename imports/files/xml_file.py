"""XML feeds of any shape: the element that comes again and again, with something in it, is the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

from imports.files.refusals import FileIsCut, NotATable
from imports.files.table import RecordTable
from imports.files.xml_safely import Element, elements, forget, local_name, refuse_doctype_in

# Elements that are looked at to find out which one is the row.
_LOOKED_AT = 5_000
_BETWEEN = "|"

Trail = tuple[str, ...]


class XmlTable(RecordTable):
    """An XML document. A column is named by the path below the row: `price`, `engine.power`, `price@currency`."""

    def __init__(self, path: Path, sample: bytes, wanted: Collection[str]) -> None:
        refuse_doctype_in(sample)
        self._path = path
        self._row = _row_of(path)
        super().__init__("xml", "", wanted)

    def _records(self) -> Iterator[Mapping[str, str]]:
        trail: list[str] = []
        with self._path.open("rb") as file:
            for event, element in elements(file, ("start", "end")):
                if event == "start":
                    trail.append(local_name(element))
                    continue
                if tuple(trail) == self._row:
                    self.position = file.tell()
                    yield _flattened(element)
                if len(trail) <= len(self._row):
                    forget(element)
                trail.pop()


def _row_of(path: Path) -> Trail:
    """The trail of the row's element: the shallowest that repeats and holds others; else the only one that does."""
    seen: Counter[Trail] = Counter()
    holding: Counter[Trail] = Counter()
    trail: list[str] = []
    with path.open("rb") as file:
        try:
            for event, element in islice(elements(file, ("start", "end")), 2 * _LOOKED_AT):
                if event == "start":
                    trail.append(local_name(element))
                    continue
                seen[tuple(trail)] += 1
                if len(element) or element.attrib:
                    holding[tuple(trail)] += 1
                trail.pop()
        except FileIsCut:
            if not holding:
                raise
    rows = [found for found, count in holding.items() if count > 1 and len(found) > 1]
    rows = rows or [found for found in holding if len(found) == 2]
    if not rows:
        raise NotATable
    return min(rows, key=lambda found: (len(found), -holding[found]))


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
    """Names without their namespaces, and values."""
    return [(str(name).rpartition("}")[2], str(value)) for name, value in element.attrib.items()]


def _put(found: dict[str, str], path: str, value: str) -> None:
    """What comes several times in one row (photos, options) is joined."""
    found[path] = f"{found[path]}{_BETWEEN}{value}" if path in found else value
