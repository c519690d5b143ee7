"""What people wish to hear: on which channel, of how much, and when. The writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from notifications import registry
from notifications.choices import PACES, Cadence, Channel, Quiet, Width
from notifications.declarations import Notice
from notifications.defaults import MandatoryChannel
from notifications.models import (
    Absence,
    DutyShift,
    Following,
    Pace,
    Preference,
    QuietHours,
    Rhythm,
)
from notifications.timing import QuietStretch
from sites.access import Member
from sites.models import Site, User


class UnknownTopic(LookupError):
    """Neither a category nor a notice has this key."""


def set_preference(*, member: Member, topic: str, channel: Channel, enabled: bool | None) -> None:
    """Keep the person's own choice for a category or one type, or forget it (None: as before he chose).

    Raises UnknownTopic, MandatoryChannel.
    """
    notices = _notices_of(topic)
    if enabled is False and any(channel in notice.mandatory for notice in notices):
        raise MandatoryChannel(channel)
    category = notices[0].category.key
    which = {"category": category, "type_key": "" if topic == category else topic, "channel": channel}
    if enabled is None:
        Preference.objects.filter(user=member.user, **which).delete()
        return
    Preference.objects.update_or_create(
        user=member.user,
        **which,
        defaults={"enabled": enabled},
        create_defaults={"enabled": enabled, "group_id": member.group_id},
    )


def set_pace(*, member: Member, topic: str, channel: Channel, cadence: Cadence | None) -> None:
    """Keep how soon the person is told of a category or a type on a channel, or forget it (None: as his role).

    Raises UnknownTopic; ValueError for a cadence that nobody may choose, and for the app, which shows at once.
    """
    _notices_of(topic)
    if channel == Channel.IN_APP or cadence not in (None, *PACES):
        raise ValueError(cadence)
    if cadence is None:
        Pace.objects.filter(user=member.user, topic=topic, channel=channel).delete()
        return
    Pace.objects.update_or_create(
        user=member.user,
        topic=topic,
        channel=channel,
        defaults={"cadence": cadence},
        create_defaults={"cadence": cadence, "group_id": member.group_id},
    )


def follow(*, member: Member, topic: str, width: Width | None, site_ids: Collection[int] = ()) -> None:
    """Keep how much of a topic (a category, a type; empty: of everything) the person follows; None forgets it.

    Of `site_ids` those count that the group has; none left is everything he may see. Raises UnknownTopic.
    """
    if topic:
        _notices_of(topic)
    mine = Following.objects.filter(user=member.user, topic=topic)
    known = sorted(Site.objects.filter(pk__in=site_ids).values_list("pk", flat=True))
    if width is None or (width == Width.SITES and not known):
        mine.delete()
        return
    chosen = {"width": width, "site_ids": known if width == Width.SITES else []}
    Following.objects.update_or_create(
        user=member.user,
        topic=topic,
        defaults=chosen,
        create_defaults={**chosen, "group_id": member.group_id},
    )


def _notices_of(topic: str) -> list[type[Notice[Any]]]:
    found = [notice for notice in registry.all_notices() if topic in (notice.key, notice.category.key)]
    if not found:
        raise UnknownTopic(topic)
    return found


class AbsenceEndsBeforeItBegins(ValueError):
    """The last day lies before the first."""


class ShiftEndsBeforeItStarts(ValueError):
    """A shift needs some time."""


@transaction.atomic
def set_rhythm(
    *, member: Member, quiet: Quiet, time_zone: str = "", stretches: Sequence[QuietStretch] = ()
) -> None:
    """Keep when the person may be disturbed. `stretches` replace his own quiet hours, whether they count now or not."""
    user, group_id = member.user, member.group_id
    Rhythm.objects.update_or_create(
        user=user,
        defaults={"quiet": quiet, "time_zone": time_zone},
        create_defaults={"quiet": quiet, "time_zone": time_zone, "group_id": group_id},
    )
    QuietHours.objects.filter(user=user).delete()
    QuietHours.objects.bulk_create(
        QuietHours(group_id=group_id, user=user, weekday=one.weekday, starts=one.starts, ends=one.ends)
        for one in stretches
    )


def set_measure(*, member: Member, recap_at: time, recap_weekday: int, daily_limit: int) -> None:
    """Keep when the person's recaps come, by his own clock, and how many messages a day may ring for him."""
    chosen = {"recap_at": recap_at, "recap_weekday": recap_weekday, "daily_limit": daily_limit}
    Rhythm.objects.update_or_create(
        user=member.user, defaults=chosen, create_defaults={**chosen, "group_id": member.group_id}
    )


def add_absence(*, member: Member, first_day: date, last_day: date, stand_in: User | None = None) -> Absence:
    """The person is away on these local days, both included; `stand_in` hears in his place.

    Raises AbsenceEndsBeforeItBegins; ValueError when nobody of the group, or he himself, would stand in.
    """
    if stand_in is not None and (stand_in == member.user or stand_in.group_id != member.group_id):
        raise ValueError(stand_in.pk)
    if last_day < first_day:
        raise AbsenceEndsBeforeItBegins(last_day)
    return Absence.objects.create(
        group_id=member.group_id,
        user=member.user,
        first_day=first_day,
        last_day=last_day,
        stand_in=stand_in,
    )


def remove_absence(*, member: Member, absence_id: int) -> bool:
    """Forget the absence; False when it is not one of his."""
    return bool(Absence.objects.filter(pk=absence_id, user=member.user).delete()[0])


def add_duty(*, member: Member, site: Site, starts_at: datetime, ends_at: datetime) -> DutyShift:
    """The person volunteers for the site's alerts between two aware instants. Raises ShiftEndsBeforeItStarts."""
    if ends_at <= starts_at:
        raise ShiftEndsBeforeItStarts(ends_at)
    return DutyShift.objects.create(
        group_id=member.group_id, site=site, user=member.user, starts_at=starts_at, ends_at=ends_at
    )


def remove_duty(*, member: Member, shift_id: int) -> bool:
    """Forget the shift; False when it is not one of his."""
    return bool(DutyShift.objects.filter(pk=shift_id, user=member.user).delete()[0])
