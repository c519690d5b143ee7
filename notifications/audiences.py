"""Who an event concerns, said in the declaration: `person("assignee_id") | roles("salesperson", unless="assignee_id")`.

An audience only names people. Site scope, the permission in `needs`, the exclusion of the person who did it
and the preferences are the engine's work and cannot be forgotten by a declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from core.signals import Fact
from sites.roles import Role


@dataclass(frozen=True)
class Branch:
    """One way of belonging to the audience; `name` becomes the stored reason."""

    name: str
    person_field: str = ""
    roles: tuple[Role, ...] = ()
    unless: str = ""
    group_wide: bool = False

    def memberships(self, fact: Fact) -> Q | None:
        """A filter over `Membership`, or None when this branch does not apply to the fact."""
        if self.unless and getattr(fact, self.unless) is not None:
            return None
        if self.person_field:
            person_id = getattr(fact, self.person_field)
            return None if person_id is None else Q(user_id=person_id)
        return Q(role__in=self.roles) & self._site_scope(fact)

    def _site_scope(self, fact: Fact) -> Q:
        if self.group_wide or fact.site_id is None:
            return Q()
        return Q(site_id=fact.site_id) | Q(site__isnull=True)


@dataclass(frozen=True)
class Audience:
    """Several branches; a person counts by the first one that he belongs to."""

    branches: tuple[Branch, ...]

    def __or__(self, other: Audience) -> Audience:
        return Audience(self.branches + other.branches)

    def applicable(self, fact: Fact) -> Sequence[tuple[str, Q]]:
        """(reason, membership filter) pairs for this fact, in the order of precedence."""
        pairs = ((branch.name, branch.memberships(fact)) for branch in self.branches)
        return [(name, wanted) for name, wanted in pairs if wanted is not None]


def person(field: str) -> Audience:
    """The one person whose id stands in the fact's `field` (nobody while it is None)."""
    return Audience((Branch(name=field.removesuffix("_id"), person_field=field),))


def roles(*names: str, unless: str = "", reason: str = "role") -> Audience:
    """Everybody with one of these roles on the fact's site, or on all sites; not when `unless` is filled."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), unless=unless),))


def roles_in_group(*names: str, reason: str = "group_role") -> Audience:
    """Everybody with one of these roles, on whichever site."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), group_wide=True),))
