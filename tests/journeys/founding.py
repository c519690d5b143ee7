"""Rows for a journey's installation, from a process that has its settings.

`python -m tests.journeys.founding` founds a first customer on an empty one: a group with one site and its website's
key, and a salesperson who has signed in. `python -m tests.journeys.founding EMAIL` signs that person in. Both print
what the journey needs as JSON.
"""

from __future__ import annotations

import json
import os
import sys

import django

KEY = "journey-website-key-0123456789"


def main() -> None:
    """Write the rows and print what came of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    django.setup()
    print(json.dumps(sign_in(sys.argv[1]) if sys.argv[1:] else found()))


def found() -> dict[str, str]:
    """The first customer; the website's key and the salesperson's cookie."""
    from sites.roles import Role
    from tests.cast import make_group, make_key, make_person, make_site, make_source

    group = make_group()
    lyon = make_site(group, "Lyon")
    key = make_key(group, KEY)
    make_source(lyon, api_key=key.api_key)
    camille = make_person(group, "Camille Roux", Role.SALESPERSON, lyon)
    return {"key": KEY, **sign_in(camille.email)}


def sign_in(email: str) -> dict[str, str]:
    """The cookie of a new session of this person."""
    from django.conf import settings

    from sites.models import User
    from tests.cast import signed_in

    browser = signed_in(User.objects.get(email=email))
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={browser.cookies[name].value}"}


if __name__ == "__main__":
    main()
