"""How far sites are apart."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from sites.distances import are_known, kilometres
from sites.models import Site

pytestmark = pytest.mark.usefixtures("in_rhone")

PLACES = {"lyon": (45.764, 4.836), "marseille": (43.296, 5.370), "quebec": (46.813, -71.208)}


def placed(site: Site) -> Site:
    site.latitude, site.longitude = PLACES[site.slug]
    site.save()
    return site


def test_a_way_is_known_in_kilometres_where_both_places_are(lyon: Site, marseille: Site, quebec: Site):
    assert kilometres(placed(lyon), marseille) is None
    assert not are_known()

    # By the great circle: 278 and 5,840. A plane will not do across an ocean, and nobody drives there.
    assert kilometres(lyon, placed(marseille)) == pytest.approx(278, rel=0.02)
    assert are_known()


def test_half_a_place_is_none(lyon: Site):
    lyon.latitude = 45.764
    with pytest.raises(IntegrityError), transaction.atomic():
        lyon.save()
