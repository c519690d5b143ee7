"""What one person may do and where: memberships folded into two questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sites.models import Membership, User
from sites.roles import PERMISSIONS, Role


@dataclass(frozen=True)
class Member:
    """A signed-in person within one group. `grants` are (role, site id) pairs; site None means every site."""

    user: User
    group_id: int
    grants: tuple[tuple[Role, int | None], ...]

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(role for role, _site in self.grants)

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What floors above have looked up about him, for as long as the request lasts."""
        return {}

    def can(self, permission: str, site_id: int | None = None) -> bool:
        """Whether the person holds `permission` at the site (or, without a site, anywhere)."""
        sites = self.site_ids(permission)
        return sites is None or (bool(sites) if site_id is None else site_id in sites)

    def site_ids(self, permission: str) -> frozenset[int] | None:
        """The sites where the person holds `permission`; None means every site of the group."""
        held = [site_id for role, site_id in self.grants if permission in PERMISSIONS[role]]
        if None in held:
            return None
        return frozenset(site_id for site_id in held if site_id is not None)


def member_for(user: User) -> Member | None:
    """The person's access, or None for somebody without a group. One query; needs no scope."""
    if user.group_id is None or not user.is_active:
        return None
    rows: Iterable[tuple[str, int | None]] = Membership.of_user(user).values_list("role", "site_id")
    # a role that the product no longer has grants nothing
    grants = tuple((Role(role), site) for role, site in rows if role in Role.values)
    return Member(user=user, group_id=user.group_id, grants=grants)


def members_for(users: Iterable[User]) -> dict[int, Member]:
    """The access of several people in the scope's group, by user id; who has none is left out. One query, or none."""
    active = {user.pk: user for user in users if user.is_active and user.group_id is not None}
    if not active:
        return {}
    grants: dict[int, list[tuple[Role, int | None]]] = {pk: [] for pk in active}
    rows = Membership.objects.filter(user_id__in=active).values_list("user_id", "group_id", "role", "site_id")
    for user_id, group_id, role, site_id in rows:
        if active[user_id].group_id == group_id and role in Role.values:
            grants[user_id].append((Role(role), site_id))
    return {
        pk: Member(user=user, group_id=user.group_id, grants=tuple(grants[pk]))
        for pk, user in active.items()
        if user.group_id is not None
    }
