"""The plan of one event: who is told on which channel, when, and why. Pure: no query, no clock.

People for whom the same was decided share one decision, so that a plan for ten thousand is a short list of
decisions and a long list of two numbers each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from notifications import registry
from notifications.choices import Channel, DeliveryState, Reason
from notifications.declarations import Failover, Notice
from notifications.directory import Person
from notifications.policy import Verdict


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    channel: Channel
    endpoint: str
    state: DeliveryState
    reason: str
    step: int = 0
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for people who are alike, and the reason: who named them, or else what keeps it from them."""

    in_inbox: bool
    reason: str
    deliveries: Sequence[PlannedDelivery]


@dataclass
class Plan:
    """The decisions for one event of a notice; `people` gives, by user id, the number of each person's decision."""

    event_id: int
    notice: type[Notice[Any]]
    at: datetime
    decisions: list[Decision] = field(default_factory=list)
    people: dict[int, int] = field(default_factory=dict)
    _numbers: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def add(self, person: Person, verdicts: Mapping[Channel, Verdict]) -> None:
        """Plan for one person. `verdicts` is one and the same object for people whom the policy does not tell apart."""
        alike = (id(verdicts), person.reason, bool(person.email), bool(person.phone), *person.devices)
        number = self._numbers.get(alike)
        if number is None:
            number = self._numbers[alike] = len(self.decisions)
            self.decisions.append(_decide(self.notice, person, verdicts))
        self.people[person.user_id] = number

    def silenced(self, reason: Reason) -> Plan:
        """The same people with nothing told, for this reason."""
        nobody = [Decision(in_inbox=False, reason=reason, deliveries=()) for _one in self.decisions]
        return replace(self, decisions=nobody)

    @property
    def in_inbox(self) -> list[int]:
        """Ids of the people who get it in their inbox."""
        return [user_id for user_id, number in self.people.items() if self.decisions[number].in_inbox]

    @property
    def messages(self) -> int:
        """How many deliveries there are for all of them together."""
        each = [len(decision.deliveries) for decision in self.decisions]
        return sum(each[number] for number in self.people.values())

    @property
    def follow_ups(self) -> list[tuple[str, timedelta]]:
        """What is told if nobody deals with it, and after how long at the soonest."""
        following = registry.followers_of(self.notice.key)
        return [(one.key, one.follows.after) for one in following if one.follows]

    @property
    def channels_to_send(self) -> frozenset[Channel]:
        """The channels on which something must leave now, other than the app itself."""
        return frozenset(
            delivery.channel
            for decision in self.decisions
            for delivery in decision.deliveries
            if delivery.state == DeliveryState.PLANNED and not delivery.after
        )


def _decide(notice: type[Notice[Any]], person: Person, verdicts: Mapping[Channel, Verdict]) -> Decision:
    deliveries = list(_deliveries(person, verdicts))
    in_app = verdicts[Channel.IN_APP]
    if in_app.enabled and notice.failover is not None:
        deliveries += _second_step(notice.failover, person, verdicts)
    return Decision(in_app.enabled, person.reason if deliveries else in_app.reason, deliveries)


def _deliveries(person: Person, verdicts: Mapping[Channel, Verdict]) -> Iterator[PlannedDelivery]:
    """One delivery per wanted channel and endpoint; a channel that cannot reach the person says why."""
    for channel, given in verdicts.items():
        if not given.enabled:
            continue
        endpoints = endpoints_of(person, channel)
        if not endpoints:
            yield PlannedDelivery(channel, "", DeliveryState.SUPPRESSED, _UNREACHABLE[channel])
        # The row in the inbox is the delivery.
        first = DeliveryState.DELIVERED if channel == Channel.IN_APP else DeliveryState.PLANNED
        for endpoint in endpoints:
            yield PlannedDelivery(channel, endpoint, first, given.reason)


def _second_step(
    failover: Failover, person: Person, verdicts: Mapping[Channel, Verdict]
) -> Iterator[PlannedDelivery]:
    """The channel for what was not seen, unless it is in use already or somebody switched it off on purpose."""
    given = verdicts[failover.to]
    if given.enabled or given.reason != Reason.MUTED_BY_DEFAULT:
        return
    for endpoint in endpoints_of(person, failover.to):
        planned = DeliveryState.PLANNED
        yield PlannedDelivery(failover.to, endpoint, planned, Reason.NOT_SEEN, step=1, after=failover.after)


def endpoints_of(person: Person, channel: Channel) -> Sequence[str]:
    """Where the channel reaches the person: nowhere, in one place, or on each of his devices."""
    match channel:
        case Channel.PUSH:
            return person.devices
        case Channel.EMAIL:
            return ["email"] if person.email else []
        case Channel.SMS:
            return ["phone"] if person.phone else []
        case _:
            return ["inbox"]


_UNREACHABLE = {
    Channel.PUSH: Reason.NO_DEVICE,
    Channel.EMAIL: Reason.NO_EMAIL,
    Channel.SMS: Reason.NO_PHONE,
}
