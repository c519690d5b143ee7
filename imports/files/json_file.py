"""JSON feeds: a list of objects, alone or under a key, read object by object."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from imports.files import limits
from imports.files.refusals import BrokenJson, FileIsCut
from imports.files.table import RecordTable

_CHUNK = 64 * 1024
_BLANK = re.compile(r"[\s,]*")
_BETWEEN = "|"


class JsonTable(RecordTable):
    """A column is named by the path to the value: `price`, `engine.power`."""

    def __init__(self, path: Path, wanted: Collection[str]) -> None:
        self._path = path
        super().__init__("json", "UTF-8", wanted)

    def _records(self) -> Iterator[Mapping[str, str]]:
        with self._path.open(encoding="utf-8-sig", errors="replace") as file:
            text = _Text(file)
            _enter_list(text)
            while text.peek() != "]":
                record = text.value()
                if not isinstance(record, dict):
                    raise BrokenJson
                self.position = text.read
                yield _flattened(record)


class _Text:
    """A window over the file from which values are taken one by one."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._window, self._at = "", 0
        self._decoder = json.JSONDecoder()
        self.read = 0

    def peek(self) -> str:
        """The next character that is neither blank nor a comma. Raises `FileIsCut` at the end."""
        while True:
            blank = _BLANK.match(self._window, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._more():
                raise FileIsCut(line=0)

    def skip(self) -> None:
        """Go past the character that `peek` showed."""
        self._at += 1

    def value(self) -> Any:
        """The next value, whole. Raises `BrokenJson`, `FileIsCut`."""
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
            self._at = end
            return value

    def _extend(self, error: json.JSONDecodeError) -> None:
        if len(self._window) - self._at > limits.MAX_RECORD:
            raise BrokenJson from error
        if not self._more():
            raise FileIsCut(line=0) from error

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK)
        self.read += len(chunk)
        self._window, self._at = self._window[self._at :] + chunk, 0
        return bool(chunk)


def _enter_list(text: _Text) -> None:
    """Go to the first object of the first list of objects, into the objects around it."""
    while True:
        opening = text.peek()
        if opening not in "[{":
            raise BrokenJson
        text.skip()
        if opening == "[":
            if text.peek() not in "{]":
                raise BrokenJson
            return
        _enter_member(text)


def _enter_member(text: _Text) -> None:
    """Go to the first member of an object that may hold the list, over the others."""
    while text.peek() == '"':
        text.value()
        if text.peek() != ":":
            raise BrokenJson
        text.skip()
        if text.peek() in "[{":
            return
        text.value()
    raise BrokenJson


def _flattened(record: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    _add(record, "", found)
    return found


def _add(record: Mapping[str, Any], prefix: str, found: dict[str, str]) -> None:
    for name, value in record.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            _add(value, f"{path}.", found)
        else:
            found[path] = _as_text(value)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return _BETWEEN.join(_as_text(_first(item)) for item in value)
    return str(value)


def _first(item: Any) -> Any:
    """Of an object in a list (a photo with its size) what it is about: its address or name, else its first value."""
    if not isinstance(item, dict):
        return item
    for name in ("url", "href", "src", "contentUrl", "name", "label", "value"):
        if isinstance(item.get(name), str):
            return item[name]
    return next((value for value in item.values() if not isinstance(value, dict | list)), "")
