"""Many small dealers for the load, from a process that has the installation's settings.

`python -m tests.chaos.founding COUNT`: a group with COUNT sites. Each has a website and one salesperson, who wants
leads by email and as texts too. Many, because one person with a lead a second is helped by holding them back.
"""

from __future__ import annotations

import os
import sys

import django


def key_of(number: int) -> str:
    """The key of the website of site `number`."""
    return f"chaos-website-key-{number:05d}-0123456789"


def main() -> None:
    """Write the rows."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    django.setup()
    from sites.models import Group
    from tests.cast import make_group

    group = Group.objects.filter(slug="chaos").first() or make_group("Chaos", "chaos")
    for number in range(int(sys.argv[1])):
        _found(group, number)


def _found(group: object, number: int) -> None:
    from notifications.choices import Channel
    from sites.models import Group
    from sites.roles import Role
    from sites.scope import group_scope
    from tests.cast import make_key, make_person, make_site, make_source
    from tests.notifications.road import choose

    assert isinstance(group, Group)
    site = make_site(group, f"Site {number}", slug=f"site-{number}")
    make_source(site, api_key=make_key(group, key_of(number)).api_key)
    phone, email = f"+336{10_000_000 + number}", f"seller{number}@chaos.test"
    seller = make_person(group, f"Seller {number}", Role.SALESPERSON, site, phone=phone, email=email)
    with group_scope(group.pk):
        choose(seller, Channel.EMAIL, enabled=True)
        choose(seller, Channel.SMS, enabled=True)


if __name__ == "__main__":
    main()
