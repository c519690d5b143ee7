"""Reading the ledger: the page's days, one day in sentences, and what /healthz says of all groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import msgspec
from django.db.models import Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.choices import DeliveryState, Reason
from notifications.ledger.equation import Difference, Figures, Line
from notifications.ledger.statements import find
from notifications.models import Event, LedgerDay

# Days on the page.
SHOWN = 31
# A night that is not counted after this long has been missed: the scheduler or the chore does not run.
OVERDUE = timedelta(hours=36)

# Why somebody who was considered is not told in the app, said of many.
_LEFT_OUT: Mapping[str, str | Promise] = {
    Reason.MUTED_BY_DEFAULT: gettext_lazy("off for their role"),
    Reason.MUTED_BY_PERSON: gettext_lazy("switched off by themselves"),
    Reason.NOT_FOLLOWED: gettext_lazy("not followed by them"),
    Reason.NOT_ALLOWED: gettext_lazy("not allowed to know"),
    Reason.GROUP_DEFAULT: gettext_lazy("off for their role in this group"),
    Reason.IN_DIGEST: gettext_lazy("told by a digest"),
}

# The lines whose differences are named by their event's number.
_BY_EVENT = (Line.PEOPLE, Line.MESSAGES)

# What became of messages, in the order in which the page says it: the word, and the states that it sums up.
_ARRIVED = (DeliveryState.DELIVERED, DeliveryState.ACCEPTED)
_GATHERED = (DeliveryState.DIGESTED,)
_NOT_WANTED = (DeliveryState.CANCELLED, DeliveryState.SUPPRESSED)
_FAILED = (DeliveryState.FAILED_PERMANENT, DeliveryState.DEAD)
_ON_ITS_WAY = (
    DeliveryState.PLANNED,
    DeliveryState.SENDING,
    DeliveryState.FAILED_TEMPORARY,
    DeliveryState.UNKNOWN,
)


@dataclass(frozen=True)
class Part:
    """One term of an equation: a number and its words."""

    number: int
    label: str


@dataclass(frozen=True)
class Equation:
    """« 42 = 40 + 2 »: the whole, its parts, and whether anything of it is missing."""

    line: Line
    title: str
    whole: Part
    parts: list[Part]
    missing: list[Missing]

    @property
    def holds(self) -> bool:
        return not self.missing

    @property
    def sign(self) -> str:
        """Between the whole and its parts. Digests and what they hold are two counts, not one."""
        if self.line == Line.DIGESTS:
            return "←"
        return "=" if sum(part.number for part in self.parts) == self.whole.number else "≠"


@dataclass(frozen=True)
class Missing:
    """Something that is missing, as a person reads it. `url` leads to what it names, where there is a page."""

    name: str
    about: str
    expected: int
    found: int
    url: str = ""


@dataclass(frozen=True)
class Night:
    """One counted day."""

    row: LedgerDay

    @property
    def day(self) -> date:
        return self.row.day

    @property
    def holds(self) -> bool:
        return not self.row.missing

    @cached_property
    def figures(self) -> Figures:
        return msgspec.convert(self.row.figures, Figures)

    @cached_property
    def differences(self) -> list[Difference]:
        return msgspec.convert(self.row.differences, list[Difference])

    @property
    def stated(self) -> int:
        """What the apps hold, all kinds together."""
        return sum(one.held for one in self.figures.stated)

    @property
    def equations(self) -> list[Equation]:
        """The lines to read, from the facts to the digests."""
        lines = [*self._stated(), self._events(), self._people(), self._messages(), self._digests()]
        return [line for line in lines if line.whole.number or line.missing or line.line != Line.DIGESTS]

    def _stated(self) -> list[Equation]:
        return [
            Equation(
                Line.STATED,
                _name_of(one.key),
                Part(one.held, _("in the product")),
                [Part(one.recorded, _("with their event"))],
                self._missing(Line.STATED, one.key),
            )
            for one in self.figures.stated
            if one.held
        ]

    def _events(self) -> Equation:
        figures = self.figures
        parts = [
            Part(figures.routed, _("passed on to people")),
            Part(figures.waiting, _("waiting")),
            Part(len(figures.set_aside), _("set aside after a fault, tried again")),
        ]
        return Equation(Line.PEOPLE, _("Events"), Part(figures.recorded, _("recorded")), _said(parts), [])

    def _people(self) -> Equation:
        figures = self.figures
        elsewhere = sum(number for reason, number in figures.left_out.items() if reason not in _LEFT_OUT)
        parts = [Part(figures.in_inbox, _("in an inbox")), Part(elsewhere, _("on other channels only"))]
        parts += [Part(figures.left_out.get(reason, 0), str(words)) for reason, words in _LEFT_OUT.items()]
        whole = Part(figures.considered, _("people considered"))
        return Equation(Line.PEOPLE, _("Alerts"), whole, _said(parts), self._missing(Line.PEOPLE))

    def _messages(self) -> Equation:
        states = self.figures.messages
        parts = [
            Part(_sum(states, _ARRIVED), _("arrived or accepted")),
            Part(_sum(states, _GATHERED), _("told in a digest")),
            Part(_sum(states, _NOT_WANTED), _("no longer wanted or withheld")),
            Part(_sum(states, _FAILED), _("failed")),
            Part(_sum(states, _ON_ITS_WAY), _("still waiting for their time")),
        ]
        whole = Part(self.figures.planned, _("planned"))
        return Equation(Line.MESSAGES, _("Messages"), whole, _said(parts), self._missing(Line.MESSAGES))

    def _digests(self) -> Equation:
        figures = self.figures
        whole = Part(figures.digests, _("told"))
        parts = [Part(figures.digested, _("messages gathered in them"))]
        return Equation(Line.DIGESTS, _("Digests"), whole, parts, self._missing(Line.DIGESTS))

    def _missing(self, line: Line, about: str = "") -> list[Missing]:
        wanted = [one for one in self.differences if one.line == line and about in ("", one.about)]
        return [_said_of(one) for one in wanted]


def nights() -> list[Night]:
    """The scope's group's counted days, the latest first."""
    return [Night(row) for row in LedgerDay.objects.order_by("-day")[:SHOWN]]


def night_of(day: date) -> Night | None:
    """The scope's group's count of this day."""
    row = LedgerDay.objects.filter(day=day).first()
    return Night(row) if row else None


@dataclass(frozen=True)
class LedgerHealth:
    """Of all groups: seconds since the group counted longest ago was counted, and what is missing; None: unknown."""

    age_seconds: float | None
    differences: int | None
    is_overdue: bool


def ledger_health(*, at: datetime) -> LedgerHealth:
    """For /healthz; needs `every_group`. Three short queries.

    Overdue: a group was not counted lately, or nobody ever was although there have been events for long.
    """
    latest = LedgerDay.objects.order_by().values("group").annotate(at=Max("counted_at"))
    counted = [row["at"] for row in latest]
    missing = LedgerDay.objects.filter(missing__gt=0).aggregate(sum=Sum("missing"))["sum"] or 0
    if counted:
        age = (at - min(counted)).total_seconds()
        return LedgerHealth(round(age, 1), missing, is_overdue=age > OVERDUE.total_seconds())
    first = Event.objects.order_by("pk").values_list("recorded_at", flat=True).first()
    return LedgerHealth(None, missing, is_overdue=first is not None and first < at - OVERDUE)


def _said(parts: list[Part]) -> list[Part]:
    """The first, and those of the others that are not nought."""
    return [part for number, part in enumerate(parts) if part.number or not number]


def _sum(states: Mapping[str, int], wanted: Iterable[str]) -> int:
    return sum(states.get(state, 0) for state in wanted)


def _name_of(key: str) -> str:
    """The statement in words; its key when no app makes it any more."""
    statement = find(key)
    return str(statement.name) if statement else key


def _said_of(one: Difference) -> Missing:
    statement = find(one.about) if one.line == Line.STATED else None
    return Missing(
        name=_("event %(number)s") % {"number": one.name} if one.line in _BY_EVENT else one.name,
        about=str(statement.name) if statement else _type_of(one.about),
        expected=one.expected,
        found=one.found,
        url=statement.url(one.name) if statement else "",
    )


def _type_of(key: str) -> str:
    try:
        return str(registry.get(key).name)
    except registry.UnknownNotice:
        return key
