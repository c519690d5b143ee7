"""Dates as files write them: by numbers in any order, with the month spelt out, as a spreadsheet counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from core.words import fold
from imports.models import DayOrder
from imports.problems import Unreadable
from imports.readers import Reader, says_nothing

if TYPE_CHECKING:
    from imports.declarations import Setting


@dataclass(frozen=True)
class Day(Reader):
    """A date: 2021-03-15, 15.03.2021, 03/2021 (the first), 3 mars 2021, a spreadsheet's 44270, and 15/03/2021.

    With `month_first` the last one is written 03/15/2021.
    """

    month_first: bool = False

    def within(self, setting: Setting) -> Self:
        return replace(self, month_first=setting.feed.day_order == DayOrder.MONTH_FIRST)

    def read(self, text: str) -> date | None:
        if text in _EMPTY_DAYS or says_nothing(text):
            return None
        for pattern in (*_MONTH_FIRST, *_DAYS) if self.month_first else _DAYS:
            if found := pattern.fullmatch(text):
                return _likely(_day_of(**found.groupdict()))
        return _likely(_counted(text) or _spelt_day(fold(text)))


# What systems write for « no date »: zeros, and the day that their calendar begins with.
_EMPTY_DAYS = frozenset(
    (
        "0", "0000-00-00", "00/00/0000", "00.00.0000", "00000000", "0000-00-00 00:00:00", "00/0000", "//", "/ /",
        *("01/01/0001", "0001-01-01", "0001-01-01T00:00:00", "01/01/0001 00:00:00"),
        *("31/12/9999", "9999-12-31", "31.12.9999", "01/01/1970", "1970-01-01", "1970-01-01T00:00:00"),
        *("01/01/1900", "1900-01-01", "1900-01-01T00:00:00", "01/01/1900 00:00:00", "30/12/1899", "1899-12-30"),
    )
)  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_NEXT_CENTURY = 69  # of two digits, as POSIX has it
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_MONTH_FIRST = tuple(
    re.compile(pattern + _TIME)
    for pattern in (
        rf"{_MONTH}/{_DAY}/{_YEAR}",
        rf"{_MONTH}-{_DAY}-{_YEAR}",
        rf"{_MONTH}/{_DAY}/(?P<year>\d{{2}})",
    )
)
_DAYS = tuple(
    re.compile(pattern + _TIME)
    for pattern in (
        rf"{_YEAR}-{_MONTH}-{_DAY}",
        rf"{_DAY}/{_MONTH}/{_YEAR}",
        rf"{_DAY}\.{_MONTH}\.{_YEAR}",
        rf"{_DAY}-{_MONTH}-{_YEAR}",
        rf"{_DAY}/{_MONTH}/(?P<year>\d{{2}})",
        rf"{_DAY}\.{_MONTH}\.(?P<year>\d{{2}})",
        rf"{_MONTH}/{_YEAR}",
        rf"{_MONTH}\.{_YEAR}",
        rf"{_MONTH}-{_YEAR}",
        rf"{_YEAR}-{_MONTH}",
        rf"{_YEAR}/{_MONTH}",
        rf"{_YEAR}/{_MONTH}/{_DAY}",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})",
        rf"{_YEAR}(?P<month>\d{{2}})",
    )
)
# Days since the end of 1899, as a spreadsheet counts them; five digits are the years 1927 to 2119.
_SERIAL = re.compile(r"([1-7][0-9]{4})(?:[.,][0-9]+)?")
_SERIAL_START = date(1899, 12, 30)
# « janvier », « janv. », « January », « Jan »: the shortest beginning of each month that no other one has.
_MONTHS = (
    *(("jan", 1), ("fev", 2), ("feb", 2), ("mar", 3), ("avr", 4), ("apr", 4), ("mai", 5), ("may", 5), ("juin", 6)),
    *(("jun", 6), ("juil", 7), ("jul", 7), ("aou", 8), ("aug", 8), ("sep", 9), ("oct", 10), ("nov", 11), ("dec", 12)),
)  # fmt: skip
_SPELT_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:(?P<day>[0-9]{1,2})(?:er|st|nd|rd|th)?[ ./-]+)?(?P<month>[a-z]{3,9})[ ./-]+(?P<year>(?:[0-9]{2}){1,2})",
        r"(?P<month>[a-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})",
    )
)


def _likely(day: date) -> date:
    """Raises `Unreadable` for a year in which no car was sold."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Unreadable("not_a_day")
    return day


def _day_of(year: str, month: str | int, day: str | int | None = None) -> date:
    """Without a day the first; years of two digits are those up to 2068. Raises `Unreadable`."""
    century = 0 if len(year) == 4 else 2000 if int(year) < _NEXT_CENTURY else 1900
    try:
        return date(century + int(year), int(month), int(day or 1))
    except ValueError:
        raise Unreadable("not_a_day") from None


def _counted(text: str) -> date | None:
    """The day of a spreadsheet whose column has lost its format."""
    found = _SERIAL.fullmatch(text)
    return _SERIAL_START + timedelta(days=int(found[1])) if found else None


def _spelt_day(text: str) -> date:
    """« 3 mars 2021 », « mars 2021 », « 03-Mar-21 », « march 3, 2021 ». Raises `Unreadable`."""
    found = next((match for pattern in _SPELT_DAYS if (match := pattern.fullmatch(text))), None)
    month = next((n for name, n in _MONTHS if found and found["month"].startswith(name)), None)
    if found is None or month is None:
        raise Unreadable("not_a_day")
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
    return _day_of(year, month, found["day"])
