"""JSON feeds: a list of objects, alone or under a key, objects by their id, or an object a line; one at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from imports.files import limits
from imports.files.lines import wide_codec
from imports.files.refusals import BrokenJson, FileIsCut, Refused
from imports.files.table import HALF_CHARACTER, RecordTable, kept_text
from imports.headers import heard

_CHUNK = 64 * 1024
_BLANK = re.compile(r"[\s,]*")
_BETWEEN = "|"
_LONGEST_WORD = len("false")
# Deeper than any feed nests what it says of a car.
_DEEPEST = 12
# What JSON-LD says of itself.
_OF_THE_FORMAT = frozenset(("@type", "@context"))


class JsonTable(RecordTable):
    """A column is named by the path to the value: `price`, `engine.power`."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str], wanted: Collection[str]) -> None:
        self._path, self._known = path, known
        self._codec = wide_codec(sample)
        super().__init__("json", "UTF-16" if self._codec else "UTF-8", wanted)

    def _records(self) -> Iterator[Mapping[str, str]]:
        with self._path.open(encoding=self._codec or "utf-8-sig", errors="replace") as file:
            is_object_a_line = _is_object_a_line(_Text(file))
            file.seek(0)
            text, end = (_Text(file), "") if is_object_a_line else self._entered(file)
            while text.has_more() if is_object_a_line else text.peek() != end:
                record = text.value()
                if end == "}" and isinstance(record, str) and text.peek() == ":":  # the id of the next one
                    text.skip()
                    continue
                if not isinstance(record, dict):
                    raise BrokenJson
                self.position = text.read
                yield _flattened(record)

    def _entered(self, file: TextIO) -> tuple[_Text, str]:
        """At the first object of the list that looks like what is known; or of those that stand by their ids.

        If none does, at that of the first list of objects. And what ends the list, or the object around them.
        """
        why: Refused = BrokenJson()
        for known, by_id in ((self._known, False), (self._known, True), ((), False)):
            file.seek(0)
            text = _Text(file)
            try:
                if end := _found(text, known, 0, by_id=by_id):
                    return text, end
            except FileIsCut as cut:
                why = cut
        raise why


class _Text:
    """A window over the file from which values are taken one by one."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._window, self._at = "", 0
        self._decoder = json.JSONDecoder(parse_int=str)  # of whatever length
        self.read = 0

    def has_more(self) -> bool:
        """Go to the next character that is neither blank nor a comma; whether there is one."""
        while True:
            blank = _BLANK.match(self._window, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._window):
                return True
            if not self._more():
                return False

    def peek(self) -> str:
        """That character. Raises `FileIsCut` at the end."""
        if not self.has_more():
            raise FileIsCut(line=0)
        return self._window[self._at]

    def skip(self) -> None:
        """Go past the character that `peek` showed."""
        self._at += 1

    def value(self) -> Any:
        """The next value, whole. Raises `BrokenJson`, `FileIsCut`."""
        value, self._at = self._decoded()
        return value

    def look(self) -> Any:
        """The same without going past it."""
        return self._decoded()[0]

    def _decoded(self) -> tuple[Any, int]:
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                self._extend(error)
                continue
            except RecursionError:
                raise BrokenJson from None
            if end == len(self._window) and self._more():  # a number may go on
                continue
            return value, end

    def _extend(self, error: json.JSONDecodeError) -> None:
        if len(self._window) - self._at > limits.MAX_RECORD:
            raise BrokenJson from error
        if not self._more():
            at_the_end = error.pos >= len(self._window.rstrip()) - _LONGEST_WORD
            is_cut = at_the_end or error.msg.startswith("Unterminated")
            raise (FileIsCut(line=0) if is_cut else BrokenJson()) from error

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK)
        self.read += len(chunk)
        self._window, self._at = self._window[self._at :] + chunk, 0
        return bool(chunk)


def _is_object_a_line(text: _Text) -> bool:
    """Whether an object stands behind the first one, with nothing around them."""
    if text.peek() != "{":
        return False
    try:
        text.value()
        return text.has_more() and text.peek() == "{"
    except (BrokenJson, FileIsCut):
        return False


def _found(text: _Text, known: Collection[str], depth: int, *, by_id: bool) -> str:
    """Go to the first object of a list that looks like what is known, into the objects around it, over all else.

    With `by_id` also to one that has a name of its own. What ends the list or the object; empty when there is none.
    """
    opening = text.peek()
    if opening not in "[{" or depth > _DEEPEST:
        text.value()
        return ""
    text.skip()
    if opening == "[":
        if text.peek() == "{" and _is_known(text.look(), known):
            return "]"
        while text.peek() != "]":
            text.value()
    while text.peek() not in "]}":
        text.value()
        if text.peek() != ":":
            raise BrokenJson
        text.skip()
        if by_id and _is_one_by_id(text, known):
            return "}"
        if end := _found(text, known, depth + 1, by_id=by_id):
            return end
    text.skip()
    return ""


def _is_one_by_id(text: _Text, known: Collection[str]) -> bool:
    """Whether the next value is an object of which two names are known; not one that holds such objects."""
    if text.peek() != "{":
        return False
    try:
        record = text.look()
    except BrokenJson:  # longer than a record may be: it holds others
        return False
    names = {heard(name) for name, value in record.items() if not isinstance(value, dict)}
    return len(names.intersection(known)) >= 2


def _is_known(record: Any, known: Collection[str]) -> bool:
    """Whether at least two of its names are; with nothing to compare them to, any object is."""
    names = {heard(path.rpartition(".")[2]) for path in _flattened(record)}
    return not known or len(names.intersection(known)) >= 2


def _flattened(record: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    _add(record, "", found, 0)
    return found


def _add(record: Mapping[str, Any], prefix: str, found: dict[str, str], depth: int) -> None:
    for name, value in record.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            if depth < _DEEPEST:
                _add(value, f"{path}.", found, depth + 1)
        elif name not in _OF_THE_FORMAT:
            found[kept_text(path)] = _as_text(value, depth)


def _as_text(value: Any, depth: int) -> str:
    if value is None or depth > _DEEPEST:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return _BETWEEN.join(_as_text(_first(item), depth + 1) for item in value)
    text = str(value)
    return text if text.isascii() else HALF_CHARACTER.sub("\ufffd", text)


def _first(item: Any) -> Any:
    """Of an object in a list (a photo with its size) what it is about: its address or name, else its first value."""
    if not isinstance(item, dict):
        return item
    for name in ("url", "href", "src", "contentUrl", "name", "label", "value"):
        if isinstance(item.get(name), str):
            return item[name]
    return next((value for value in item.values() if not isinstance(value, dict | list)), "")
