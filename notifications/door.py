"""The door: the last look at a message before it leaves. May it disturb its person now, or does it wait?

Time is judged here and not when the event is routed: what a person, his hours, his absence or his pace have become
meanwhile counts, and a scheduler that slept for two days sends nothing into the night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications import attention, registry
from notifications.calendars import calendars_of, paces_of
from notifications.choices import Cadence, Channel, Reason, Urgency
from notifications.declarations import Notice
from notifications.letters import Allowed
from notifications.models import Delivery
from notifications.pacing import slot_after
from notifications.policy import OwnPaces, pace_of
from notifications.timing import Calendar


@dataclass(frozen=True)
class Hold:
    """The message waits until `until`, then leaves alone or with what waits for the same moment; and why."""

    until: datetime
    cadence: Cadence
    reason: Reason


@dataclass
class Door:
    """What decides for the people of one batch, by user id. `told` counts today's messages, and goes on counting."""

    at: datetime
    calendars: Mapping[int, Calendar]
    paces: Mapping[int, OwnPaces]
    allowed: Allowed
    told: attention.Counter
    _passed: set[int] = field(default_factory=set)

    def hold_of(self, delivery: Delivery) -> Hold | None:
        """What the message has to wait for; None when it may leave. The critical crosses every rule of time."""
        event = delivery.notification.event
        notice = registry.get(event.type_key)
        if notice.urgency == Urgency.CRITICAL:
            return None
        calendar = self.calendars[delivery.notification.user_id]
        hold = self._by_pace(delivery, notice, calendar) or self._by_time(
            calendar, event.payload.get("site_id")
        )
        return hold or self._by_budget(delivery, notice, calendar)

    def let_out(self, delivery: Delivery) -> None:
        """The message leaves, and counts towards its person's day; two devices are one message."""
        if delivery.notification_id not in self._passed:
            self._passed.add(delivery.notification_id)
            self.told.count(delivery.notification.user_id)

    def _by_pace(self, delivery: Delivery, notice: type[Notice[Any]], calendar: Calendar) -> Hold | None:
        """A second step is for what was not seen in time: it does not wait for a recap."""
        if delivery.step or delivery.reason == Reason.TOLD_ALONE:
            return None
        user_id, channel = delivery.notification.user_id, Channel(delivery.channel)
        roles = {role.value for role, _site_id in self.allowed.get(user_id, ())}
        pace = pace_of(notice, channel, roles, self.paces.get(user_id, {}))
        if pace == Cadence.AT_ONCE:
            return None
        return Hold(slot_after(pace, calendar, delivery.notification.created_at), pace, Reason.PACED)

    def _by_time(self, calendar: Calendar, site_id: int | None) -> Hold | None:
        reachable = calendar.reachable_from(self.at, site_id)
        if reachable <= self.at:
            return None
        reason = Reason.AWAY if calendar.is_away(self.at) else Reason.QUIET_HOURS
        return Hold(reachable, Cadence.OPENING, reason)

    def _by_budget(self, delivery: Delivery, notice: type[Notice[Any]], calendar: Calendar) -> Hold | None:
        """Beyond his limit a person is told in digests: soon of what is urgent, in the daily one of the rest."""
        user_id = delivery.notification.user_id
        if notice.internal or delivery.notification_id in self._passed:
            return None
        if delivery.reason == Reason.TOLD_ALONE or self.told.today(user_id) < calendar.daily_limit:
            return None
        pace = Cadence.HALF_HOUR if notice.urgency == Urgency.HIGH else Cadence.DAILY
        return Hold(slot_after(pace, calendar, self.at), pace, Reason.OVER_BUDGET)


def door_for(claimed: Sequence[Delivery], allowed: Allowed, at: datetime) -> Door:
    """The door for these deliveries; runs in the group's scope, in as many queries for one as for a hundred."""
    people = {delivery.notification.user_id for delivery in claimed}
    calendars = calendars_of(people, at)
    return Door(at, calendars, paces_of(people), allowed, attention.counter_for(calendars, at))
