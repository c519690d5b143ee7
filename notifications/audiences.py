"""Who an event concerns, said in the declaration: `person("assignee_id") | roles("salesperson", unless=…)`.

An audience only names people. The permission in `needs`, the site of a role, the exclusion of the person who
did it and the preferences are the engine's work and cannot be forgotten by a declaration. A person named by
his id hears of his own records wherever they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sites.roles import Role

SITE = "site_id"

# The reason of those who hear in the place of an absent colleague: no declaration names them.
STANDS_IN = "stands_in"

# « The fact's list has this person's id », in the words of each database.
_LISTED = {
    "postgresql": "e.payload -> '{name}' @> to_jsonb(m.user_id)",
    "sqlite": "EXISTS (SELECT 1 FROM json_each(e.payload, '$.{name}') AS n WHERE n.value = m.user_id)",
}


@dataclass(frozen=True)
class Branch:
    """One way of belonging to the audience; `name` becomes the stored reason."""

    name: str
    person_field: str = ""
    people_field: str = ""
    roles: tuple[Role, ...] = ()
    unless: str = ""
    group_wide: bool = False

    def condition(self, vendor: str) -> str:
        """SQL that holds for a membership `m` of this branch; `e` has the event's payload, and `fields` of it."""
        parts = [f"e.{self.unless} IS NULL"] if self.unless else []
        if self.person_field:
            parts.append(f"m.user_id = e.{self.person_field}")
        elif self.people_field:
            parts.append(_LISTED[vendor].format(name=self.people_field))
        else:
            parts.append(f"m.role IN ({', '.join(repr(role.value) for role in self.roles)})")
            if not self.group_wide:
                parts.append(f"(e.{SITE} IS NULL OR m.site_id = e.{SITE} OR m.site_id IS NULL)")
        return f"({' AND '.join(parts)})"

    @property
    def fields(self) -> set[str]:
        """The fields of the fact that `condition` reads: ids, or null."""
        return {field for field in (self.person_field, self.unless) if field} | {SITE}


@dataclass(frozen=True)
class Audience:
    """Several branches; a person counts by the first one that he belongs to."""

    branches: tuple[Branch, ...]

    def __or__(self, other: Audience) -> Audience:
        return Audience(self.branches + other.branches)

    @property
    def roles(self) -> frozenset[Role] | None:
        """The roles that it names; None when it names people by their ids, whatever they do."""
        if any(branch.person_field or branch.people_field for branch in self.branches):
            return None
        return frozenset(role for branch in self.branches for role in branch.roles)

    @property
    def is_private(self) -> bool:
        """Whether it names people by their ids only: what it tells is nobody else's business."""
        return all(branch.person_field or branch.people_field for branch in self.branches)

    def is_personal(self, reason: str) -> bool:
        """Whether this branch names people by their ids: it is their own matter, or that of whom they stand in for."""
        return reason == STANDS_IN or any(
            branch.person_field or branch.people_field for branch in self.branches if branch.name == reason
        )

    def is_bound_to_site(self, reason: str) -> bool:
        """Whether people who belong by this branch must hold their role on the fact's site."""
        return reason not in self._free

    @cached_property
    def _free(self) -> frozenset[str]:
        """The names of the branches that know no site."""
        return frozenset(
            branch.name
            for branch in self.branches
            if branch.person_field or branch.people_field or branch.group_wide
        )


def person(field: str) -> Audience:
    """The one person whose id stands in the fact's `field` (nobody while it is None)."""
    return Audience((Branch(name=field.removesuffix("_id"), person_field=field),))


def people(field: str) -> Audience:
    """The people whose ids stand in the list that is the fact's `field`."""
    return Audience((Branch(name=field.removesuffix("_ids"), people_field=field),))


def roles(*names: str, unless: str = "", reason: str = "role") -> Audience:
    """Everybody with one of these roles on the fact's site, or on all sites; not when `unless` is filled."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), unless=unless),))


def roles_in_group(*names: str, reason: str = "group_role") -> Audience:
    """Everybody with one of these roles, on whichever site."""
    return Audience((Branch(name=reason, roles=tuple(Role(name) for name in names), group_wide=True),))
