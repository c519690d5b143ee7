"""03/04/2021: the third of April, or the fourth of March? What a file's own dates tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from imports.days import Day
from imports.declarations import Importer
from imports.models import DayOrder, Feed

# Rows that are looked at: among so many one lies beyond the twelfth.
LOOKED_AT = 1_000
_LAST_MONTH = 12
_NUMBERS = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-](?:[0-9]{2}){1,2}(?:[T ].*)?")


def day_order(
    rows: Iterable[Sequence[str]],
    columns: Sequence[str],
    mapping: Mapping[str, str],
    importer: type[Importer],
) -> str:
    """A `DayOrder`: what the dates of these rows tell; « by itself » where none of them does, or two disagree."""
    days = {field.name for field in importer.fields if isinstance(field.reader, Day)}
    places = [place for place, column in enumerate(columns) if mapping.get(column) in days]
    found = set()
    for cells in rows if places else ():
        for place in places:
            numbers = _NUMBERS.fullmatch(cells[place].strip())
            if numbers is None:
                continue
            first, second = int(numbers[1]), int(numbers[2])
            if first > _LAST_MONTH >= second:
                found.add(DayOrder.DAY_FIRST)
            elif second > _LAST_MONTH >= first:
                found.add(DayOrder.MONTH_FIRST)
    return found.pop().value if len(found) == 1 else DayOrder.BY_ITSELF.value


def keep(feed: Feed, order: str) -> None:
    """Remember it for the feed's next files: one of them may have no date that tells. What a person chose stays."""
    feed.day_order = feed.day_order or order
    if order:
        Feed.objects.filter(pk=feed.pk, day_order=DayOrder.BY_ITSELF).update(day_order=order)
