"""What is wrong with one cell or one row: a code and its values; `imports.sentences` says it to a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Characters of a cell that are kept with a problem: enough to recognise it.
SHOWN = 80


class Unreadable(Exception):
    """A cell does not hold what its field wants. `code` names a sentence, `values` fill it."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a row. Without a column it concerns the row as a whole."""

    code: str
    column: str = ""
    field: str = ""
    value: str = ""
    values: Mapping[str, str | int] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As `Fault.problems` keeps it."""
        return {
            "column": self.column,
            "field": self.field,
            "value": self.value[:SHOWN].replace("\0", "\ufffd"),
            "code": self.code,
            "values": dict(self.values),
        }
