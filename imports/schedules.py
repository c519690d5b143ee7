"""How often a feed is fetched, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Minutes.
_USUAL = (15, 30, 60, 180, 360, 720, 1440)
_HOUR, _DAY = 60, 1440


def rhythms(kept: int | None = None) -> list[tuple[str | int, str]]:
    """The choices of a form, with the kept one if it is unusual."""
    minutes = sorted({*_USUAL, *([kept] if kept else [])})
    return [("", _("Only when I ask")), *((one, said(one)) for one in minutes)]


def said(minutes: int | None) -> str:
    """« Every 15 minutes », « Every hour », « Every day »."""
    if not minutes:
        return _("Only when I ask")
    for unit, words in ((_DAY, _days), (_HOUR, _hours)):
        if minutes % unit == 0:
            return words(minutes // unit)
    return ngettext("Every minute", "Every %(n)d minutes", minutes) % {"n": minutes}


def _days(count: int) -> str:
    return ngettext("Every day", "Every %(n)d days", count) % {"n": count}


def _hours(count: int) -> str:
    return ngettext("Every hour", "Every %(n)d hours", count) % {"n": count}
