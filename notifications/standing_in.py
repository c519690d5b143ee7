"""Colleagues who stand in for each other: who hears in whose place, and for whom somebody may look.

An absence counts by its person's own clock. Its stand-in hears of what the absent would have heard of, as far as his
own roles let him; a stand-in who is away himself passes nothing on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from core.clock import now
from notifications.models import Absence
from sites.access import Member
from sites.models import User

# Days before and after an absence on which its stand-in may look too: work is handed over and back.
HANDOVER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cover:
    """An absence with a stand-in, whole local days by the clock of `zone`."""

    absent_id: int
    stand_in_id: int
    first_day: date
    last_day: date
    zone: str

    def holds(self, at: datetime) -> bool:
        """Whether this is one of its days."""
        return self.first_day <= at.astimezone(ZoneInfo(self.zone)).date() <= self.last_day


def told_instead(covers: Iterable[Cover], concerned: Iterable[int], at: datetime) -> set[int]:
    """Who hears in the place of those concerned, and is not concerned himself."""
    known = set(concerned)
    return {one.stand_in_id for one in covers if one.absent_id in known and one.holds(at)} - known


def stood_in_for(member: Member) -> frozenset[int]:
    """Ids of the colleagues whose matters he may look after today. One query a request."""
    known = member.memo.get("stood_in_for")
    if known is None:
        today = now().date()
        covered = Absence.objects.filter(
            group_id=member.group_id,
            stand_in=member.user,
            first_day__lte=today + HANDOVER,
            last_day__gte=today - HANDOVER,
        )
        known = member.memo["stood_in_for"] = frozenset(covered.values_list("user_id", flat=True))
    return known


def away_on(day: date) -> frozenset[int]:
    """Ids of the people of the scope's group who are away on this day. One query."""
    away = Absence.objects.filter(first_day__lte=day, last_day__gte=day)
    return frozenset(away.values_list("user_id", flat=True))


def colleagues_of(member: Member) -> QuerySet[User]:
    """Who may stand in for him: active people of his sites, or of all of them."""
    others = User.objects.filter(group_id=member.group_id, is_active=True).exclude(pk=member.user.pk)
    own = {site_id for _role, site_id in member.grants}
    if None not in own:
        others = others.filter(Q(memberships__site__in=own) | Q(memberships__site__isnull=True))
    return others.distinct().order_by("first_name", "last_name")
