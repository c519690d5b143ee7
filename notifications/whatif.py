"""What if the group's defaults were others: who would have heard how much of the last days. Pure: no query, no clock.

Nothing of the rules is written here twice: `Policy`, `follows` and `endpoints_of` are what routing itself asks, put
to the events that happened and to the people whom they concerned, as these are set up today.

What is counted is what a person would be sent on each channel, before silence, recaps and the daily limit gather it.
The text that follows because an alert was not seen is left out: whether it would have been seen, nobody knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from notifications import registry
from notifications.choices import Channel, Reason
from notifications.defaults import Change, Draft, Place
from notifications.planning import endpoints_of
from notifications.policy import Followed, Policy, Verdict, follows
from notifications.profiles import Profile
from sites.roles import Role

# The person decided himself: the group's default does not reach him.
_HIS_OWN = frozenset({Reason.OWN_CHOICE, Reason.MUTED_BY_PERSON, Reason.NOT_FOLLOWED})

Defaults = Mapping[Place, bool]


@dataclass(frozen=True, slots=True)
class Concern:
    """So many events of one type that, on one day, concerned one person alike."""

    type_key: str
    day: date
    site_id: int | None
    user_id: int
    roles: frozenset[str]
    reason: str
    count: int = 1

    @property
    def alike(self) -> Hashable:
        """What the rules look at; the day and the number are none of their business."""
        return self.type_key, self.site_id, self.user_id, self.roles, self.reason


@dataclass
class Listener:
    """Somebody with the ways that reach him and his wishes: topic → channel → on or off, topic → how wide."""

    user_id: int
    name: str
    roles: tuple[Role, ...]
    email: str = ""
    phone: str = ""
    devices: tuple[str, ...] = ()
    choices: dict[str, dict[str, bool]] = field(default_factory=dict)
    wishes: dict[str, Followed] = field(default_factory=dict)


@dataclass
class Past:
    """What happened in the last `days` days, and what the group decided for its roles until now."""

    days: int
    events: int
    concerns: list[Concern]
    listeners: Mapping[int, Listener]
    defaults: Defaults


class Rules:
    """What people hear under some defaults; whoever is concerned alike is asked for once."""

    def __init__(self, past: Past, defaults: Defaults) -> None:
        self._listeners = past.listeners
        self._defaults: dict[str, dict[tuple[str, str], bool]] = {}
        for place, enabled in defaults.items():
            self._defaults.setdefault(place.type_key, {})[place.role, place.channel] = enabled
        self._policies: dict[str, Policy] = {}
        self._verdicts: dict[Hashable, Mapping[Channel, Verdict]] = {}
        self._heard: dict[Hashable, frozenset[Channel]] = {}

    def verdicts(self, concern: Concern) -> Mapping[Channel, Verdict]:
        """The decision on every channel."""
        found = self._verdicts.get(concern.alike)
        if found is None:
            found = self._verdicts[concern.alike] = self._decide(concern)
        return found

    def heard(self, concern: Concern) -> frozenset[Channel]:
        """The channels on which each of the events reaches the person."""
        found = self._heard.get(concern.alike)
        if found is None:
            profile, given = self._profile(concern), self.verdicts(concern)
            found = frozenset(one for one in Channel if given[one].enabled and endpoints_of(profile, one))
            self._heard[concern.alike] = found
        return found

    def reaches(self, concern: Concern, channel: Channel) -> bool:
        """Whether the channel has a way to the person at all."""
        return bool(endpoints_of(self._profile(concern), channel))

    def _decide(self, concern: Concern) -> Mapping[Channel, Verdict]:
        notice = registry.get(concern.type_key)
        profile = self._profile(concern)
        followed = follows(notice, reason=profile.reason, site_id=concern.site_id, wishes=profile.wishes)
        policy = self._policies.get(notice.key)
        if policy is None:
            policy = self._policies[notice.key] = Policy(notice, self._defaults.get(notice.key, {}))
        return policy.verdicts(profile.roles, profile.own, followed=followed)

    def _profile(self, concern: Concern) -> Profile:
        """The listener as routing reads him for this event."""
        listener, notice = self._listeners[concern.user_id], registry.get(concern.type_key)
        return Profile(
            reason=concern.reason,
            roles=concern.roles,
            has_email=bool(listener.email),
            has_phone=bool(listener.phone),
            has_device=bool(listener.devices),
            of_category=listener.choices.get(notice.category.key, {}),
            of_type=listener.choices.get(notice.key, {}),
            wishes=listener.wishes,
        )


@dataclass(frozen=True)
class Swing:
    """A number before and after."""

    before: float
    after: float

    @property
    def delta(self) -> float:
        return self.after - self.before

    @property
    def is_same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True)
class Load:
    """Messages a day, by channel and together; `busiest` is the fullest day. `listener` is None for many people."""

    by_channel: Mapping[Channel, Swing]
    total: Swing
    busiest: Swing
    people: int = 1
    listener: Listener | None = None
    role: Role | None = None


@dataclass(frozen=True)
class Reach:
    """Whom a change reaches among those whom events concerned: their number, and why it does not reach the others."""

    change: Change
    concerned: int
    changed: int
    by_choice: int
    unreachable: int

    @property
    def otherwise(self) -> int:
        """For whom another role of theirs decides, or nothing changes."""
        return self.concerned - self.changed - self.by_choice - self.unreachable


@dataclass(frozen=True)
class Effect:
    """What a draft would have changed in the last `days` days. The people who moved most come first."""

    days: int
    events: int
    total: Load
    roles: list[Load]
    people: list[Load]
    reaches: list[Reach]
    concerned: int
    decided_themselves: int

    @property
    def moved(self) -> list[Load]:
        """The people for whom something changes."""
        return [one for one in self.people if any(not swing.is_same for swing in one.by_channel.values())]


def effect_of(draft: Draft, past: Past) -> Effect:
    """What the last days would have been with the draft, beside what they are without."""
    before, after = Rules(past, past.defaults), Rules(past, _with(draft, past.defaults))
    loads = _Loads(past, before, after)
    listeners = [past.listeners[user_id] for user_id in {concern.user_id for concern in past.concerns}]
    outcomes = [_outcomes(change, past, before, after) for change in draft.changes.values()]
    everybody = _best(pair for outcome in outcomes for pair in outcome.items())
    return Effect(
        days=past.days,
        events=past.events,
        total=loads.of(listeners),
        roles=[
            loads.of(held, role)
            for role in Role
            if (held := [one for one in listeners if one.roles[:1] == (role,)])
        ],
        people=sorted((loads.of([one]) for one in listeners), key=_most_moved_first),
        reaches=[_reach(*pair) for pair in zip(draft.changes.values(), outcomes, strict=True)],
        concerned=len(everybody),
        decided_themselves=_number(everybody, _BY_CHOICE),
    )


_Messages = Counter[tuple[Channel, date]]


class _Loads:
    """Messages by person, channel and day, before and after."""

    def __init__(self, past: Past, before: Rules, after: Rules) -> None:
        self._days = past.days
        self._sides = [self._heard(past.concerns, rules) for rules in (before, after)]

    def of(self, listeners: Sequence[Listener], role: Role | None = None) -> Load:
        """Those of one person, or of several together."""
        sums = [self._sum(listeners, side) for side in self._sides]
        return Load(
            by_channel={channel: self._swing(sums, channel) for channel in Channel},
            total=self._swing(sums),
            busiest=Swing(*(_fullest_day(one) for one in sums)),
            people=len(listeners),
            listener=listeners[0] if len(listeners) == 1 and role is None else None,
            role=role,
        )

    def _swing(self, sums: Iterable[_Messages], channel: Channel | None = None) -> Swing:
        counts = (
            sum(count for (one, _day), count in messages.items() if channel in (one, None))
            for messages in sums
        )
        return Swing(*(count / self._days for count in counts))

    @staticmethod
    def _heard(concerns: Iterable[Concern], rules: Rules) -> dict[int, _Messages]:
        side: dict[int, _Messages] = {}
        for concern in concerns:
            messages = side.setdefault(concern.user_id, Counter())
            for channel in rules.heard(concern):
                messages[channel, concern.day] += concern.count
        return side

    @staticmethod
    def _sum(listeners: Iterable[Listener], side: Mapping[int, _Messages]) -> _Messages:
        together: _Messages = Counter()
        for one in listeners:
            together.update(side.get(one.user_id, {}))
        return together


def _fullest_day(messages: _Messages) -> int:
    days: Counter[date] = Counter()
    for (_channel, day), count in messages.items():
        days[day] += count
    return max(days.values(), default=0)


def _with(draft: Draft, defaults: Defaults) -> dict[Place, bool]:
    """The defaults once the draft is kept."""
    kept = dict(defaults)
    for place, change in draft.changes.items():
        if change.wanted is None:
            kept.pop(place, None)
        else:
            kept[place] = change.wanted
    return kept


def _most_moved_first(load: Load) -> tuple[float, float, str]:
    return -abs(load.total.delta), -load.total.after, load.listener.name if load.listener else ""


# What a change is for one person, from the least to the most: of several events the most counts.
_SAME, _BY_CHOICE, _UNREACHABLE, _CHANGED = range(4)


def _outcomes(change: Change, past: Past, before: Rules, after: Rules) -> dict[int, int]:
    """What the change is for each person whom an event of its type concerned by its role."""
    place = change.place
    return _best(
        (concern.user_id, _outcome(concern, place.channel, before, after))
        for concern in past.concerns
        if concern.type_key == place.type_key and place.role in concern.roles
    )


def _outcome(concern: Concern, channel: Channel, before: Rules, after: Rules) -> int:
    was, will = before.verdicts(concern)[channel], after.verdicts(concern)[channel]
    if was.enabled != will.enabled:
        return _CHANGED if after.reaches(concern, channel) else _UNREACHABLE
    return _BY_CHOICE if will.reason in _HIS_OWN else _SAME


def _best(outcomes: Iterable[tuple[int, int]]) -> dict[int, int]:
    best: dict[int, int] = {}
    for user_id, outcome in outcomes:
        best[user_id] = max(outcome, best.get(user_id, _SAME))
    return best


def _reach(change: Change, outcomes: Mapping[int, int]) -> Reach:
    return Reach(
        change=change,
        concerned=len(outcomes),
        changed=_number(outcomes, _CHANGED),
        by_choice=_number(outcomes, _BY_CHOICE),
        unreachable=_number(outcomes, _UNREACHABLE),
    )


def _number(outcomes: Mapping[int, int], wanted: int) -> int:
    return sum(1 for outcome in outcomes.values() if outcome == wanted)
