"""The plan of one event: who is told on which channel, when, and why. Pure: no query, no clock.

People of one profile share a decision, so that a plan for ten thousand is a few dozen decisions with the ids of
those whom they are about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from notifications import policy, registry
from notifications.choices import Channel, DeliveryState, Reason
from notifications.declarations import Failover, Notice
from notifications.policy import Verdict
from notifications.profiles import Profile

# Stands for the endpoints of a push delivery, which differ from person to person.
EACH_DEVICE = "*"


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

    people: list[int]
    in_inbox: bool
    reason: str
    deliveries: Sequence[PlannedDelivery]


@dataclass
class Plan:
    """The decisions for one event of a notice; each person stands in one. `devices` has their ids by user id."""

    event_id: int
    notice: type[Notice[Any]]
    at: datetime
    devices: Mapping[int, Sequence[int]] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    def add(self, profile: Profile, people: list[int], verdicts: Mapping[Channel, Verdict]) -> None:
        """Plan for people (user ids) of one profile."""
        deliveries = list(_deliveries(profile, verdicts))
        in_app = verdicts[Channel.IN_APP]
        failover = self.notice.failover
        if failover is not None and policy.steps_in(failover, verdicts):
            deliveries += _second_step(failover, profile)
        reason = profile.reason if deliveries else in_app.reason
        self.decisions.append(Decision(people, in_app.enabled, reason, deliveries))

    def silenced(self, reason: Reason) -> Plan:
        """The same people with nothing told, for this reason."""
        nobody = [
            Decision(one.people, in_inbox=False, reason=reason, deliveries=()) for one in self.decisions
        ]
        return replace(self, decisions=nobody)

    @property
    def considered(self) -> int:
        """How many people there are in it."""
        return sum(len(decision.people) for decision in self.decisions)

    @property
    def in_inbox(self) -> list[int]:
        """Ids of the people who get it in their inbox."""
        return [user_id for decision in self.decisions if decision.in_inbox for user_id in decision.people]

    @property
    def reached(self) -> list[int]:
        """Ids of the people who get it in any way."""
        return [
            user_id
            for decision in self.decisions
            if decision.in_inbox or decision.deliveries
            for user_id in decision.people
        ]

    @property
    def messages(self) -> int:
        """How many deliveries there are for all of them together."""
        return sum(
            sum(len(self.devices[user_id]) for user_id in decision.people)
            if delivery.endpoint == EACH_DEVICE
            else len(decision.people)
            for decision in self.decisions
            for delivery in decision.deliveries
        )

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


def _deliveries(profile: Profile, verdicts: Mapping[Channel, Verdict]) -> Iterator[PlannedDelivery]:
    """One delivery per wanted channel and endpoint; a channel that cannot reach the person says why."""
    for channel, given in verdicts.items():
        if not given.enabled:
            continue
        endpoints = endpoints_of(profile, channel)
        if not endpoints:
            yield PlannedDelivery(channel, "", DeliveryState.SUPPRESSED, _UNREACHABLE[channel])
        # The row in the inbox is the delivery.
        first = DeliveryState.DELIVERED if channel == Channel.IN_APP else DeliveryState.PLANNED
        for endpoint in endpoints:
            yield PlannedDelivery(channel, endpoint, first, given.reason)


def _second_step(failover: Failover, profile: Profile) -> Iterator[PlannedDelivery]:
    """The channel for what was not seen."""
    for endpoint in endpoints_of(profile, failover.to):
        planned = DeliveryState.PLANNED
        yield PlannedDelivery(failover.to, endpoint, planned, Reason.NOT_SEEN, step=1, after=failover.after)


def endpoints_of(profile: Profile, channel: Channel) -> Sequence[str]:
    """Where the channel reaches such a person: nowhere, in one place, or on each of his devices."""
    match channel:
        case Channel.PUSH:
            return [EACH_DEVICE] if profile.has_device else []
        case Channel.EMAIL:
            return ["email"] if profile.has_email else []
        case Channel.SMS:
            return ["phone"] if profile.has_phone else []
        case _:
            return ["inbox"]


_UNREACHABLE = {
    Channel.PUSH: Reason.NO_DEVICE,
    Channel.EMAIL: Reason.NO_EMAIL,
    Channel.SMS: Reason.NO_PHONE,
}
