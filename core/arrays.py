"""Thousands of values as one parameter of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable


def array_of(values: Iterable[object]) -> str:
    """The array of these texts, numbers or UUIDs as PostgreSQL writes it, to be cast: « CAST(%s AS text[]) ».

    A list for a parameter would have each of its values looked at in Python, which takes longer than what is asked;
    and as a constant it tells the planner how many there are.
    """
    return f"{{{','.join(map(_quoted, values))}}}"


def _quoted(value: object) -> str:
    text = str(value)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
