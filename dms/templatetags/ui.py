"""Small pieces that every page uses: icons, ages, moments in the right zone, durations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_symbol
from django import template
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import typography
from core.clock import now
from core.money import currency_of, spoken, spoken_cents
from sites.phones import as_dialled

register = template.Library()

# Minutes after which a waiting lead is warm, then late: the promise is an answer within 10 minutes, and the
# market's yardstick is one hour (MISSION M27, M62).
WARM, LATE = 10, 60
AGE_ICONS = {"fresh": "clock", "warm": "hourglass-split", "late": "exclamation-triangle"}

MINUTES_A_DAY = 24 * 60


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static_src/icons.txt. Without `label` it is decoration and hidden from screen readers."""
    sprite = static("vendor/icons.svg")
    if label:
        return format_html(
            '<svg class="bi" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, sprite, name
        )
    return format_html('<svg class="bi" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.inclusion_tag("components/_age.html")
def age(since: datetime) -> dict[str, Any]:
    """How long something has waited, as a chip that the page keeps up to date."""
    minutes = max(0, int((now() - since).total_seconds() // 60))
    level = "fresh" if minutes < WARM else "warm" if minutes < LATE else "late"
    return {
        "since": since,
        "level": level,
        "icon": AGE_ICONS[level],
        "icons": AGE_ICONS,
        "text": duration(minutes),
        "warm": WARM,
        "late": LATE,
    }


@register.filter
def duration(minutes: float | None) -> str:
    """Minutes as people say them: « 4 min », « 2 h 05 », « 3 d »; a dash when there is nothing to say."""
    if minutes is None:
        return "–"
    whole = round(minutes)
    if whole < 60:
        return _("%(n)d min") % {"n": whole}
    if whole < MINUTES_A_DAY:
        return _("%(h)d h %(m)02d") % {"h": whole // 60, "m": whole % 60}
    return _("%(n)d d") % {"n": whole // MINUTES_A_DAY}


@register.filter
def lapse(seconds: int | None) -> str:
    """Seconds as people say them: « 40 s », and from a minute on as `duration` does."""
    if seconds is None or seconds >= 60:
        return duration(None if seconds is None else seconds / 60)
    return _("%(n)d s") % {"n": seconds}


@register.filter
def signed(change: int) -> str:
    """A change with its sign: « +3 », « −3 » with a real minus."""
    return f"+{change}" if change > 0 else f"−{-change}" if change < 0 else "0"


@register.filter
def dialled(phone: str, country: str) -> str:
    """A stored number as people dial it in that country: « 06 12 34 56 78 »."""
    return as_dialled(phone, country)


@register.filter
def money(amount: Decimal, country: str) -> str:
    """An amount in the currency of a site's country, without cents when there are none: « 18 500 € »."""
    return spoken(amount, currency_of(country))


@register.filter
def cents(amount: int | None, currency: str) -> str:
    """A whole number of cents in an ISO 4217 currency: « 18 500 € »; a dash when there is none."""
    return "–" if amount is None else spoken_cents(amount, currency)


@register.filter
def currency_sign(country: str) -> str:
    """What an amount is counted in on a site of that country: « € », « $CA »."""
    return get_currency_symbol(currency_of(country), locale=get_language() or "fr")


@register.inclusion_tag("components/_moment.html", takes_context=True)
def moment(context: RequestContext, at: datetime, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """An instant in a person's words: the hour today, « yesterday » or « tomorrow » with the hour, else the date.

    Shown in `zone` (a site's), else in the zone of the page's reader.
    """
    local = at.astimezone(zone or _zone_of(context))
    return {"at": at, "text": _said(local), "full": day_words(local, "DATETIME_FORMAT")}


@register.filter(expects_localtime=True)
def day_words(day: date | None, form: str) -> str:
    """A day in Django's date format of that name, or in those letters: « 1er mars 2026 »; empty when there is none."""
    return typography.day_words(day, form) if day else ""


@register.filter
def quoted(words: object) -> str:
    """Somebody's own words, in the marks of the reader's language: « merci », “thanks”."""
    return typography.quoted(str(words))


@register.simple_tag(takes_context=True)
def day(context: RequestContext, at: datetime) -> str:
    """The date of an instant on the reader's clock: « Monday 2 March »."""
    return typography.day_words(at.astimezone(_zone_of(context)), _("l j F"))


def _zone_of(context: RequestContext) -> ZoneInfo:
    shell = context.get("shell")
    zone: ZoneInfo = shell.zone if shell is not None else ZoneInfo("UTC")
    return zone


def _said(local: datetime) -> str:
    today = now().astimezone(local.tzinfo).date()
    hour = date_format(local, "TIME_FORMAT")
    if local.date() == today:
        return hour
    if local.date() == today - timedelta(days=1):
        return _("yesterday, %(hour)s") % {"hour": hour}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow, %(hour)s") % {"hour": hour}
    day = typography.day_words(local, "j N" if local.year == today.year else "j N Y")
    return _("%(day)s, %(hour)s") % {"day": day, "hour": hour}
