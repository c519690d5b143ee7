"""The calendars of many people, read in a handful of queries whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from notifications.choices import Cadence, Quiet
from notifications.models import Absence, DutyShift, Pace, QuietHours, Rhythm
from notifications.policy import OwnPaces
from notifications.timing import Away, Calendar, Duty, QuietStretch
from sites.hours import SiteHours, hours_of_sites
from sites.models import Membership, Site

# An absence by the person's clock may still last while the day is over in UTC.
MARGIN = timedelta(days=2)


class Chosen(Protocol):
    """What a person set himself: a row of `Rhythm`, or what was read of it."""

    @property
    def quiet(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def recap_at(self) -> time: ...
    @property
    def recap_weekday(self) -> int: ...
    @property
    def daily_limit(self) -> int: ...


def calendars_of(people: Collection[int], at: datetime) -> Mapping[int, Calendar]:
    """Each person's calendar from `at` on, by user id; runs in the group's scope."""
    homes = _homes_of(people)
    hours = hours_of_sites(set(homes.values()))
    rhythms = {rhythm.pk: rhythm for rhythm in Rhythm.objects.filter(pk__in=people)}
    stretches = _stretches_of([pk for pk, rhythm in rhythms.items() if rhythm.quiet == Quiet.OWN])
    away, duty = _away(people, at), _duty(people, at)
    return {
        user_id: calendar_from(
            rhythms.get(user_id),
            hours.get(homes.get(user_id, 0)),
            stretches=stretches.get(user_id, ()),
            away=away.get(user_id, ()),
            duty=duty.get(user_id, ()),
        )
        for user_id in people
    }


def calendar_from(
    rhythm: Chosen | None,
    site_hours: SiteHours | None,
    *,
    stretches: Sequence[QuietStretch],
    away: Sequence[Away],
    duty: Sequence[Duty],
) -> Calendar:
    """The calendar of somebody who chose this, or nothing, and whose own site has these hours."""
    return Calendar(
        zone=_zone(rhythm, site_hours),
        quiet=Quiet(rhythm.quiet) if rhythm else Quiet.SITE,
        stretches=stretches if rhythm and rhythm.quiet == Quiet.OWN else (),
        site_hours=site_hours,
        away=away,
        duty=duty,
        **_chosen(rhythm),
    )


def paces_of(people: Collection[int]) -> Mapping[int, OwnPaces]:
    """How soon each person wants to be told, by user id. One query."""
    found: dict[int, dict[tuple[str, str], Cadence]] = defaultdict(dict)
    rows = Pace.objects.filter(user_id__in=people).values_list("user_id", "topic", "channel", "cadence")
    for user_id, topic, channel, cadence in rows:
        found[user_id][topic, channel] = Cadence(cadence)
    return found


def _homes_of(people: Collection[int]) -> dict[int, int]:
    """Each person's own site: the first that he has a role on; for who works for all, the group's first."""
    held = Membership.objects.filter(user_id__in=people, site__isnull=False)
    homes = dict(held.order_by("-site_id").values_list("user_id", "site_id"))
    if len(homes) < len(people):
        first = Site.objects.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            homes = {**dict.fromkeys(people, first), **homes}
    return homes


def _chosen(rhythm: Chosen | None) -> dict[str, Any]:
    names = ("recap_at", "recap_weekday", "daily_limit")
    return {name: getattr(rhythm, name) for name in names} if rhythm else {}


def _zone(rhythm: Chosen | None, site_hours: SiteHours | None) -> ZoneInfo:
    if rhythm is not None and rhythm.time_zone:
        return ZoneInfo(rhythm.time_zone)
    return site_hours.zone if site_hours is not None else ZoneInfo("Europe/Paris")


def _stretches_of(people: Collection[int]) -> dict[int, list[QuietStretch]]:
    if not people:
        return {}
    found: dict[int, list[QuietStretch]] = defaultdict(list)
    rows = QuietHours.objects.filter(user_id__in=people).values_list("user_id", "weekday", "starts", "ends")
    for user_id, weekday, starts, ends in rows:
        found[user_id].append(QuietStretch(weekday, starts, ends))
    return found


def _away(people: Collection[int], at: datetime) -> dict[int, list[Away]]:
    found: dict[int, list[Away]] = defaultdict(list)
    absences = Absence.objects.filter(user_id__in=people, last_day__gte=(at - MARGIN).date())
    for user_id, first_day, last_day in absences.values_list("user_id", "first_day", "last_day"):
        found[user_id].append(Away(first_day, last_day))
    return found


def _duty(people: Collection[int], at: datetime) -> dict[int, list[Duty]]:
    found: dict[int, list[Duty]] = defaultdict(list)
    shifts = DutyShift.objects.filter(user_id__in=people, ends_at__gt=at)
    for user_id, site_id, starts_at, ends_at in shifts.values_list(
        "user_id", "site_id", "starts_at", "ends_at"
    ):
        found[user_id].append(Duty(site_id, starts_at, ends_at))
    return found
