"""How many messages rang for a person today, by his own clock (MISSION M14).

One row a person, of his latest day only: what came before does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from core.arrays import array_of
from notifications.choices import Channel, DeliveryState
from notifications.models import Attention, Delivery
from notifications.sendable import Sendable
from notifications.timing import Calendar

# The ORM's upsert replaces; this one adds, unless a new day has begun.
_ADD = """
    INSERT INTO notifications_attention (user_id, group_id, day, told) {rows}
    ON CONFLICT (user_id) DO UPDATE SET day = excluded.day, told = excluded.told + CASE
        WHEN notifications_attention.day = excluded.day THEN notifications_attention.told ELSE 0 END
"""
# The same as a part of a statement of PostgreSQL; takes what `values` gives. In the order of the ids, so that two
# workers cannot lock crosswise.
ADDING = _ADD.format(
    rows="""
    SELECT rang.user_id, %(group)s, rang.day, rang.told
    FROM unnest(%(rang)s::bigint[], %(days)s::date[], %(told)s::int[]) AS rang(user_id, day, told)
    ORDER BY rang.user_id"""
)


Rang = list[tuple[int, date, int]]
"""(user id, his day, how many messages), by user id"""


@dataclass
class Counter:
    """Messages of each person's day, by user id: those `before` this turn, and those that it adds."""

    days: dict[int, date]
    before: dict[int, int]
    added: dict[int, int] = field(default_factory=dict)

    def today(self, user_id: int) -> int:
        """How many have left so far."""
        return self.before.get(user_id, 0) + self.added.get(user_id, 0)

    def count(self, user_id: int) -> None:
        """One more leaves."""
        self.added[user_id] = self.added.get(user_id, 0) + 1

    def taken(self) -> Rang:
        """What was added, for whoever writes it down: from now on it is `before`."""
        rang = [(user_id, self.days[user_id], added) for user_id, added in sorted(self.added.items())]
        for user_id, _day, added in rang:
            self.before[user_id] = self.before.get(user_id, 0) + added
        self.added.clear()
        return rang

    def take_back(self, rang: Rang) -> None:
        """It was not written down."""
        for user_id, _day, added in rang:
            self.before[user_id] -= added
            self.added[user_id] = self.added.get(user_id, 0) + added

    def learn(self, others: Counter) -> None:
        """Count for these people, too; who is known here stays as he is."""
        self.days.update({who: day for who, day in others.days.items() if who not in self.days})
        self.before.update({who: told for who, told in others.before.items() if who not in self.before})


def counter_for(calendars: Mapping[int, Calendar], at: datetime) -> Counter:
    """The counts as they stand. One query."""
    days = {user_id: calendar.day_of(at) for user_id, calendar in calendars.items()}
    kept = Attention.objects.filter(user_id__in=days).values_list("user_id", "day", "told")
    return Counter(days, {user_id: told for user_id, day, told in kept if day == days[user_id]})


def rang_elsewhere(claimed: Sequence[Sendable], at: datetime) -> set[int]:
    """Alerts among these pushes, claimed at `at`, that an earlier batch took to another device: they count there.

    Of two batches at the same moment, that of the lower id counts it. One query for pushes, none for others.
    """
    if not claimed or claimed[0].channel != Channel.PUSH:
        return set()
    first: dict[tuple[int, int], int] = {}
    for push in claimed:
        alert = push.notification_id, push.step
        first[alert] = min(push.pk, first.get(alert, push.pk))
    others = Delivery.objects.filter(
        notification_id__in={alert for alert, _step in first}, channel=Channel.PUSH, attempts__gt=0
    ).exclude(state=DeliveryState.CANCELLED)
    rows = others.values_list("notification_id", "step", "attempted_at", "pk")
    return {
        alert
        for alert, step, tried_at, pk in rows
        if (alert, step) in first and (tried_at, pk) < (at, first[alert, step])
    }


def values(rang: Rang) -> dict[str, Any]:
    """The same as the parameters of `ADDING`."""
    return {
        "rang": array_of(user_id for user_id, _day, _added in rang),
        "days": array_of(day for _user_id, day, _added in rang),
        "told": array_of(added for _user_id, _day, added in rang),
    }


def keep(rang: Rang, *, group_id: int) -> None:
    """Add it to what is known. One statement; two turns at once add up, and may pass the limit by what one holds."""
    if not rang:
        return
    rows = [(user_id, group_id, day, added) for user_id, day, added in rang]
    with connection.cursor() as cursor:
        listed = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        cursor.execute(_ADD.format(rows=f"VALUES {listed}"), [value for row in rows for value in row])
