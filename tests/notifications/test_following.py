"""How much somebody wants to hear of: only his own, chosen sites, everything, or the major events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from leads.notices import LeadReceivedNotice
from notifications.choices import Channel, Width
from notifications.models import Following, Notification, Preference
from sites.models import Site, User
from tests.notifications.road import received, tell_and_route

pytestmark = pytest.mark.usefixtures("in_rhone")


@pytest.fixture(autouse=True)
def pool_rings_managers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    channels = {**LeadReceivedNotice.channels, "group_director": frozenset({Channel.IN_APP})}
    audience = LeadReceivedNotice.audience
    from notifications import directory
    from notifications.audiences import roles

    monkeypatch.setattr(LeadReceivedNotice, "channels", channels)
    monkeypatch.setattr(LeadReceivedNotice, "audience", audience | roles("group_director", reason="pool"))
    directory._statement.cache_clear()
    yield
    directory._statement.cache_clear()


def follow(user: User, width: Width, topic: str = "", sites: Sequence[Site] = ()) -> None:
    assert user.group_id is not None
    Following.objects.create(
        group_id=user.group_id, user=user, topic=topic, width=width, site_ids=[site.pk for site in sites]
    )


def heard(user: User) -> list[tuple[bool, str]]:
    rows = Notification.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("in_inbox", "reason"))


def test_who_wished_nothing_hears_of_all_that_he_may(lyon: Site, diane: User):
    tell_and_route(received(lyon))

    assert heard(diane) == [(True, "pool")]


def test_a_director_follows_the_sites_he_chose(lyon: Site, marseille: Site, diane: User):
    follow(diane, Width.SITES, sites=[marseille])

    tell_and_route(received(lyon))
    tell_and_route(received(marseille))

    assert heard(diane) == [(False, "not_followed"), (True, "pool")]


@pytest.mark.parametrize(("is_major", "expected"), [(False, (False, "not_followed")), (True, (True, "pool"))])
def test_a_director_follows_the_major_events_only(
    lyon: Site, diane: User, monkeypatch: pytest.MonkeyPatch, is_major: bool, expected: tuple[bool, str]
):
    monkeypatch.setattr(LeadReceivedNotice, "major", is_major)
    follow(diane, Width.MAJOR)

    tell_and_route(received(lyon))

    assert heard(diane) == [expected]


def test_the_closest_wish_counts(lyon: Site, diane: User):
    """All sites for one type, only the major for all the others."""
    follow(diane, Width.MAJOR)
    follow(diane, Width.OWN, topic="leads")
    follow(diane, Width.GROUP, topic="leads.received")

    tell_and_route(received(lyon))

    assert heard(diane) == [(True, "pool")]


def test_ones_own_matters_always_ring(lyon: Site, camille: User):
    follow(camille, Width.OWN)

    tell_and_route(received(lyon, assignee_id=camille.pk))
    tell_and_route(received(lyon))

    assert heard(camille) == [(True, "assignee"), (False, "not_followed")]


def test_following_everything_lets_nobody_see_more(lyon: Site, marc: User):
    """Marc sells in Marseille: no wish of his opens Lyon to him."""
    follow(marc, Width.GROUP)

    tell_and_route(received(lyon))

    assert heard(marc) == []


@pytest.mark.parametrize(
    ("choices", "rings"),
    [
        ({"leads": False}, False),
        ({"leads": False, "leads.received": True}, True),
        ({"leads": True, "leads.received": False}, False),
        ({"leads.enquired_again": False}, True),
    ],
)
def test_a_choice_for_the_type_counts_before_one_for_its_category(
    lyon: Site, camille: User, choices: dict[str, Any], rings: bool
):
    assert camille.group_id is not None
    for topic, enabled in choices.items():
        Preference.objects.create(
            group_id=camille.group_id,
            user=camille,
            category="leads",
            type_key=topic if "." in topic else "",
            channel=Channel.IN_APP,
            enabled=enabled,
        )

    tell_and_route(received(lyon))

    assert [in_inbox for in_inbox, _reason in heard(camille)] == [rings]
