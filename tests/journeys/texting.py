"""Salespeople who want leads as text messages, from a process that has the installation's settings.

`python -m tests.journeys.texting NUMBER…` adds one for each number (E.164) to the site that `founding` made.
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Write the rows."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    django.setup()
    for number in sys.argv[1:]:
        add_person(number)


def add_person(number: str) -> None:
    """A salesperson with this phone, who chose text messages for leads."""
    from notifications.choices import Channel
    from sites.models import Group, Site
    from sites.roles import Role
    from sites.scope import group_scope
    from tests.cast import make_person
    from tests.notifications.road import choose

    group = Group.objects.get()
    with group_scope(group.pk):
        site = Site.objects.get()
        email = f"phone{number.lstrip('+')}@{group.slug}.test"
        person = make_person(group, "Karim Benali", Role.SALESPERSON, site, phone=number, email=email)
        choose(person, Channel.SMS, enabled=True)


if __name__ == "__main__":
    main()
