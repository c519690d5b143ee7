"""The people whom an event concerns, sorted into those whom routing cannot tell apart. Pure: no query, no clock.

What the database knows of them comes as sets: who holds this role, who chose that, who has a device. Whoever is in the
same sets has the same profile, so that ten thousand people are a few dozen profiles and a decision is made for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notifications.alike import Alike
from notifications.choices import Width
from notifications.policy import Followed


@dataclass(frozen=True, slots=True)
class Profile:
    """What routing looks at in a person: why he is concerned, what reaches him, and what he wishes.

    `of_category` and `of_type` are his choices, channel → on or off; `wishes` how much of which topic he follows.
    """

    reason: str
    roles: frozenset[str]
    has_email: bool = True
    has_phone: bool = True
    has_device: bool = False
    of_category: Mapping[str, bool] = field(default_factory=dict)
    of_type: Mapping[str, bool] = field(default_factory=dict)
    wishes: Mapping[str, Followed] = field(default_factory=dict)

    @property
    def own(self) -> Mapping[str, bool]:
        """His choices, channel → on or off: one for the type counts before one for its category."""
        return {**self.of_category, **self.of_type} if self.of_type else self.of_category


@dataclass(frozen=True, slots=True)
class Named:
    """A role of somebody, and the branch of the audience that names him by it."""

    role: str
    branch: str
    has_email: bool
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Chose:
    """A choice on one channel, for the type (`type_key`) or its category (empty)."""

    type_key: str
    channel: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Follows:
    """How much of a topic (key of a type, of a category, or empty for everything) somebody wants to hear."""

    topic: str
    width: Width


@dataclass(frozen=True, slots=True)
class HasDevice:
    """A browser of his may be pushed to."""


Trait = Named | Chose | Follows | HasDevice


class Crowd:
    """Traits and who has them; `branches` are the audience's in their order: a person counts by his first one."""

    def __init__(self, branches: Sequence[str]) -> None:
        self._branches = branches
        self._alike: Alike[Trait] = Alike()

    def add(self, trait: Trait, people: Iterable[int]) -> None:
        """Say this of these people. Whom no `Named` names is none of the event's business."""
        self._alike.add(trait, people)

    def people(self) -> Iterable[int]:
        """Ids of those concerned."""
        return self._alike.people()

    def profiles(self) -> Iterator[tuple[Profile, list[int]]]:
        """Each profile that occurs, with the ids of its people."""
        for traits, people in self._alike.groups():
            yield self._profile(traits), people

    def _profile(self, traits: Iterable[Trait]) -> Profile:
        named: list[Named] = []
        of_category: dict[str, bool] = {}
        of_type: dict[str, bool] = {}
        wishes: dict[str, Followed] = {}
        has_device = False
        for trait in traits:
            match trait:
                case Named():
                    named.append(trait)
                case Chose():
                    (of_type if trait.type_key else of_category)[trait.channel] = trait.enabled
                case Follows():
                    wishes[trait.topic] = Followed(trait.width)
                case HasDevice():
                    has_device = True
        return Profile(
            reason=min((one.branch for one in named), key=self._branches.index),
            roles=frozenset(one.role for one in named),
            has_email=named[0].has_email,
            has_phone=named[0].has_phone,
            has_device=has_device,
            of_category=of_category,
            of_type=of_type,
            wishes=wishes,
        )
