"""The door: the last look at a message before it leaves. May it disturb its person now, or does it wait?

Time is judged here and not when the event is routed: what a person, his hours, his absence or his pace have become
meanwhile counts, and a scheduler that slept for two days sends nothing into the night.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications import registry
from notifications.choices import Cadence, Channel, Reason, Urgency
from notifications.circumstances import Circumstances
from notifications.declarations import Notice
from notifications.pacing import slot_after
from notifications.policy import OwnPaces, pace_of
from notifications.sendable import Sendable
from notifications.timing import Calendar
from sites.roles import Role

_NOTHING: list[tuple[Role, int | None]] = []
_NO_PACES: OwnPaces = {}


@dataclass(frozen=True)
class Hold:
    """The message waits until `until`, then leaves alone or with what waits for the same moment; and why."""

    until: datetime
    cadence: Cadence
    reason: Reason


@dataclass
class Door:
    """What decides for the people of one batch; their `told` counts today's messages, and goes on counting.

    `counted` are the alerts that count already, by notification id.
    """

    at: datetime
    people: Circumstances
    counted: set[int] = field(default_factory=set)
    # People who are alike share their calendars, roles and paces, and so the answers.
    _reachable: dict[tuple[int, int | None], datetime] = field(default_factory=dict)
    _paces: dict[tuple[str, str, int, int], Cadence] = field(default_factory=dict)

    def hold_of(self, delivery: Sendable) -> Hold | None:
        """What the message has to wait for; None when it may leave. The critical crosses every rule of time."""
        event = delivery.notification.event
        notice = registry.get(event.type_key)
        if notice.urgency == Urgency.CRITICAL:
            return None
        calendar = self.people.calendars[delivery.notification.user_id]
        hold = self._by_pace(delivery, notice, calendar) or self._by_time(
            calendar, event.payload.get("site_id")
        )
        return hold or self._by_budget(delivery, notice, calendar)

    def let_out(self, delivery: Sendable) -> None:
        """The message leaves. Once counted towards its person's day: for all his devices, however often it is tried."""
        if delivery.attempts == 1 and delivery.notification_id not in self.counted:
            self.counted.add(delivery.notification_id)
            self.people.told.count(delivery.notification.user_id)

    def _by_pace(self, delivery: Sendable, notice: type[Notice[Any]], calendar: Calendar) -> Hold | None:
        """A second step is for what was not seen in time: it does not wait for a recap."""
        if delivery.step or delivery.reason == Reason.TOLD_ALONE:
            return None
        pace = self._pace(delivery, notice)
        if pace == Cadence.AT_ONCE:
            return None
        return Hold(slot_after(pace, calendar, delivery.notification.created_at), pace, Reason.PACED)

    def _pace(self, delivery: Sendable, notice: type[Notice[Any]]) -> Cadence:
        user_id = delivery.notification.user_id
        grants, own = self.people.allowed.get(user_id, _NOTHING), self.people.paces.get(user_id, _NO_PACES)
        alike = notice.key, delivery.channel, id(grants), id(own)
        if alike not in self._paces:
            roles = {role.value for role, _site_id in grants}
            self._paces[alike] = pace_of(notice, Channel(delivery.channel), roles, own)
        return self._paces[alike]

    def _by_time(self, calendar: Calendar, site_id: int | None) -> Hold | None:
        alike = id(calendar), site_id
        if alike not in self._reachable:
            self._reachable[alike] = calendar.reachable_from(self.at, site_id)
        reachable = self._reachable[alike]
        if reachable <= self.at:
            return None
        reason = Reason.AWAY if calendar.is_away(self.at) else Reason.QUIET_HOURS
        return Hold(reachable, Cadence.OPENING, reason)

    def _by_budget(self, delivery: Sendable, notice: type[Notice[Any]], calendar: Calendar) -> Hold | None:
        """Beyond his limit a person is told in digests: soon of what is urgent, in the daily one of the rest."""
        user_id = delivery.notification.user_id
        if notice.internal or delivery.notification_id in self.counted:
            return None
        was_counted = delivery.attempts > 1  # at its first try; a provider's bad day uses nobody's day up
        if delivery.reason == Reason.TOLD_ALONE or was_counted:
            return None
        if self.people.told.today(user_id) < calendar.daily_limit:
            return None
        pace = Cadence.HALF_HOUR if notice.urgency == Urgency.HIGH else Cadence.DAILY
        return Hold(slot_after(pace, calendar, self.at), pace, Reason.OVER_BUDGET)
