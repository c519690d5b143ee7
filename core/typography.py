"""How the reader's language sets words: its quotation marks, and days as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

# The day of a month before its name, in a date in words.
_FIRST = re.compile(r"(?<!\d)1(?= \D)")


def day_words(day: date | datetime, form: str = "DATE_FORMAT") -> str:
    """The date in Django's format of that name, or in those letters: in French the first of a month is « 1er »."""
    said = date_format(day, form)
    if day.day == 1 and (get_language() or "").startswith("fr"):
        return _FIRST.sub("1er", said, count=1)
    return said


def quoted(words: str) -> str:
    """Somebody's own words, marked as his, in the active language; nothing where there are none."""
    return gettext("“%(words)s”") % {"words": words} if words.strip() else ""
