"""A first customer on an empty installation: `python -m tests.journeys.founding` prints what a test needs to know.

One group with one site and its website's key, one salesperson who has signed in.
"""

from __future__ import annotations

import json
import os

import django

KEY = "journey-website-key-0123456789"


def main() -> None:
    """Write the rows and print the session."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    django.setup()
    from django.conf import settings

    from sites.roles import Role
    from tests.cast import make_group, make_key, make_person, make_site, make_source, signed_in

    group = make_group()
    lyon = make_site(group, "Lyon")
    key = make_key(group, KEY)
    make_source(lyon, api_key=key.api_key)
    camille = make_person(group, "Camille Roux", Role.SALESPERSON, lyon)
    cookie = signed_in(camille).cookies[settings.SESSION_COOKIE_NAME].value
    print(json.dumps({"key": KEY, "cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"}))


if __name__ == "__main__":
    main()
