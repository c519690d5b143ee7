"""The gallery shows every piece and every notice, to those who build and set up."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.urls import reverse

from notifications import registry
from sites.models import User
from tests.cast import signed_in


def test_the_administrator_sees_every_notice(agnes: User):
    page = signed_in(agnes).get(reverse("gallery")).content.decode()

    assert [notice.key for notice in registry.all_notices() if notice.key not in page] == []


def test_it_does_not_exist_for_others_in_production(camille: User, settings: LazySettings):
    settings.DEMO = False

    assert signed_in(camille).get(reverse("gallery")).status_code == 404


@pytest.mark.parametrize("demo", [True, False])
def test_in_the_demo_everybody_may_look(demo: bool, camille: User, settings: LazySettings):
    settings.DEMO = demo

    assert signed_in(camille).get(reverse("gallery")).status_code == (200 if demo else 404)
