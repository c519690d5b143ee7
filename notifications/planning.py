"""The plan of one event: who is told on which channel, when, and why; and writing it in three statements.

This is where quiet hours and digests will move `due_at`: a planned delivery is a row with a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notifications import bulk, inbox
from notifications.choices import Channel, DeliveryState, Reason
from notifications.directory import Person
from notifications.models import Delivery, Notification
from notifications.policy import Verdict

Columns = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    channel: Channel
    endpoint: str
    state: DeliveryState
    reason: str


@dataclass
class Plan:
    """The decisions for one event. `closing_id` is the event that closed its subject before it was routed."""

    event_id: int
    group_id: int
    at: datetime
    closing_id: int | None = None
    people: list[tuple[Person, Mapping[Channel, Verdict]]] = field(default_factory=list)
    _alike: dict[tuple[Any, ...], Sequence[Columns]] = field(default_factory=dict)

    def add(self, person: Person, verdicts: Mapping[Channel, Verdict]) -> None:
        self.people.append((person, verdicts))

    @property
    def channels_to_send(self) -> frozenset[Channel]:
        """Channels other than the app itself that reach somebody who wants them: there is something to send."""
        return frozenset(
            channel for channel in Channel if channel != Channel.IN_APP and self._reaches(channel)
        )

    def _reaches(self, channel: Channel) -> bool:
        return any(
            verdicts[channel].enabled and self._endpoints(person, channel) for person, verdicts in self.people
        )

    def deliveries(self, person: Person, verdicts: Mapping[Channel, Verdict]) -> Sequence[Columns]:
        """The person's deliveries as columns of `_DELIVERY`; worked out once for people who are alike."""
        alike = (id(verdicts), bool(person.email), bool(person.phone), *person.devices)
        columns = self._alike.get(alike)
        if columns is None:
            planned = self._planned(person, verdicts)
            columns = self._alike[alike] = [_delivery_columns(self, one) for one in planned]
        return columns

    def _planned(self, person: Person, verdicts: Mapping[Channel, Verdict]) -> Iterator[PlannedDelivery]:
        """One delivery per wanted channel and endpoint; a channel that cannot reach the person says why."""
        for channel, given in verdicts.items():
            if not given.enabled:
                continue
            endpoints = self._endpoints(person, channel)
            if not endpoints:
                yield PlannedDelivery(channel, "", DeliveryState.SUPPRESSED, _UNREACHABLE[channel])
            for endpoint in endpoints:
                yield PlannedDelivery(channel, endpoint, self._first_state(channel), given.reason)

    def _endpoints(self, person: Person, channel: Channel) -> Sequence[str]:
        match channel:
            case Channel.PUSH:
                return person.devices
            case Channel.EMAIL:
                return ["email"] if person.email else []
            case Channel.SMS:
                return ["phone"] if person.phone else []
            case _:
                return ["inbox"]

    def _first_state(self, channel: Channel) -> DeliveryState:
        if channel == Channel.IN_APP:
            return DeliveryState.DELIVERED
        return DeliveryState.CANCELLED if self.closing_id else DeliveryState.PLANNED


_UNREACHABLE = {
    Channel.PUSH: Reason.NO_DEVICE,
    Channel.EMAIL: Reason.NO_EMAIL,
    Channel.SMS: Reason.NO_PHONE,
}

_NOTIFICATION = (
    "id", "group_id", "event_id", "user_id", "seq", "in_inbox", "reason", "created_at", "closed_at", "closing_id",
)  # fmt: skip
_DELIVERY = (
    "group_id", "notification_id", "channel", "endpoint", "step", "state", "reason", "due_at", "attempts",
    "finished_at", "provider_id", "error",
)  # fmt: skip


def write_plan(plan: Plan) -> dict[int, int]:
    """Write the plan's notifications and deliveries; the new inbox heads of those whose inbox changed."""
    if not plan.people:
        return {}
    in_inbox = {person.user_id for person, verdicts in plan.people if verdicts[Channel.IN_APP].enabled}
    heads = inbox.advance(in_inbox)
    ids = bulk.reserve_ids(Notification, len(plan.people))
    notifications: list[tuple[Any, ...]] = []
    deliveries: list[tuple[Any, ...]] = []
    for pk, (person, verdicts) in zip(ids, plan.people, strict=True):
        planned = plan.deliveries(person, verdicts)
        notifications.append(_notification_row(plan, pk, person, heads, muted=not planned, verdicts=verdicts))
        deliveries.extend((plan.group_id, pk, *columns) for columns in planned)
    bulk.insert_rows(Notification, _NOTIFICATION, notifications)
    bulk.insert_rows(Delivery, _DELIVERY, deliveries)
    return heads


def _notification_row(
    plan: Plan,
    pk: int,
    person: Person,
    heads: Mapping[int, int],
    *,
    muted: bool,
    verdicts: Mapping[Channel, Verdict],
) -> tuple[Any, ...]:
    seq = heads.get(person.user_id, 0)
    reason = verdicts[Channel.IN_APP].reason if muted else person.reason
    closed_at = plan.at if plan.closing_id else None
    group_id, event_id, closing_id = plan.group_id, plan.event_id, plan.closing_id
    return (pk, group_id, event_id, person.user_id, seq, seq > 0, reason, plan.at, closed_at, closing_id)


def _delivery_columns(plan: Plan, planned: PlannedDelivery) -> Columns:
    """The columns after group and notification."""
    finished_at = None if planned.state == DeliveryState.PLANNED else plan.at
    state, reason, channel = planned.state.value, str(planned.reason), planned.channel.value
    return (channel, planned.endpoint, 0, state, reason, plan.at, 0, finished_at, "", "")
