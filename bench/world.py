"""A dealer to send leads to: one site, four salespeople, one website in pool mode."""

from __future__ import annotations

from core.ids import new_id
from leads.models import LeadSource
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from sites.services import issue_api_key

SALESPEOPLE = 4


def dealer() -> str:
    """A fresh group with a website; its API key."""
    slug = f"bench-{new_id()}"
    group = Group.objects.create(name="Bench", slug=slug)
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Bench", slug="bench")
        for number in range(SALESPEOPLE):
            person = User.objects.create_user(
                f"{number}@{slug}.test", "bench", group=group, first_name="Seller", last_name=str(number)
            )
            Membership.objects.create(group=group, user=person, role=Role.SALESPERSON, site=site)
        issued = issue_api_key(group_id=group.pk, name="Website", scopes=["leads:write"])
        LeadSource.objects.create(group=group, site=site, name="Website", api_key=issued.api_key)
    return issued.text


