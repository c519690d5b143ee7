"""Who an event concerns, said in the declaration: `person("assignee_id") | roles("salesperson", unless=…)`.

An audience only names people. The permission in `needs`, the site of a role, the exclusion of the person who
did it and the preferences are the engine's work and cannot be forgotten by a declaration. A person named by
his id hears of his own records wherever they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.signals import Fact
from sites.roles import Role


@dataclass(frozen=True)
class Condition:
    """A condition over the memberships `m` of the group, in SQL with named parameters; `name` is the reason."""

    name: str
    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Branch:
    """One way of belonging to the audience; `name` becomes the stored reason."""

    name: str
    person_field: str = ""
    roles: tuple[Role, ...] = ()
    unless: str = ""
    group_wide: bool = False

    def condition(self, fact: Fact, prefix: str) -> Condition | None:
        """The memberships of this branch, or None when it does not apply to the fact."""
        if self.unless and getattr(fact, self.unless) is not None:
            return None
        if self.person_field:
            person_id = getattr(fact, self.person_field)
            known = {f"{prefix}_person": person_id}
            return (
                None if person_id is None else Condition(self.name, f"m.user_id = %({prefix}_person)s", known)
            )
        return self._roles_condition(fact, prefix)

    def _roles_condition(self, fact: Fact, prefix: str) -> Condition:
        named: dict[str, Any] = {
            f"{prefix}_role{number}": role.value for number, role in enumerate(self.roles)
        }
        sql = f"m.role IN ({', '.join(f'%({name})s' for name in named)})"
        if not self.group_wide and fact.site_id is not None:
            sql = f"({sql} AND (m.site_id = %({prefix}_site)s OR m.site_id IS NULL))"
            named[f"{prefix}_site"] = fact.site_id
        return Condition(self.name, sql, named)


@dataclass(frozen=True)
class Audience:
    """Several branches; a person counts by the first one that he belongs to."""

    branches: tuple[Branch, ...]

    def __or__(self, other: Audience) -> Audience:
        return Audience(self.branches + other.branches)

    def conditions(self, fact: Fact) -> Sequence[Condition]:
        """The branches that apply to this fact, in the order of precedence."""
        found = (branch.condition(fact, f"b{number}") for number, branch in enumerate(self.branches))
        return [condition for condition in found if condition is not None]

    def is_bound_to_site(self, reason: str) -> bool:
        """Whether people who belong by this branch must hold their role on the fact's site."""
        return all(
            not branch.person_field and not branch.group_wide
            for branch in self.branches
            if branch.name == reason
        )


def person(field: str) -> Audience:
    """The one person whose id stands in the fact's `field` (nobody while it is None)."""
    return Audience((Branch(name=field.removesuffix("_id"), person_field=field),))


def roles(*names: str, unless: str = "", reason: str = "role") -> Audience:
    """Everybody with one of these roles on the fact's site, or on all sites; not when `unless` is filled."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), unless=unless),))


def roles_in_group(*names: str, reason: str = "group_role") -> Audience:
    """Everybody with one of these roles, on whichever site."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), group_wide=True),))
