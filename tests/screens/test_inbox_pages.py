"""The inbox page, its list, and the bell's panel."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import LeadSource
from leads.notices import LeadReceivedNotice
from leads.signals import LeadReceived
from notifications.models import Event, EventKind, Notification
from notifications.search import words_of
from sites.models import User
from sites.scope import group_scope
from tests.cast import MONDAY, make_lead, signed_in

MOST_QUERIES = 8


def told(person: User, source: LeadSource, name: str, *, seq: int, read: bool = False) -> Notification:
    """A « new lead » line in the person's inbox."""
    assert person.group_id is not None
    lead = make_lead(source, first_name=name, email=f"{name}@example.com".lower())
    fact = LeadReceived(
        group_id=person.group_id,
        site_id=source.site_id,
        occurred_at=MONDAY,
        lead_id=lead.pk,
        customer_name=lead.customer_name,
        vehicle=lead.vehicle_label,
        message="",
        source_name=source.name,
        site_name=source.site.name,
    )
    with group_scope(person.group_id):
        event = Event.objects.create(
            group_id=person.group_id,
            type_key=LeadReceivedNotice.key,
            kind=EventKind.NOTICE,
            dedupe_key=f"lead:{lead.pk}",
            subject=f"lead:{lead.pk}",
            payload=msgspec.to_builtins(fact),
            words=words_of(LeadReceivedNotice, EventKind.NOTICE, fact),
            occurred_at=MONDAY,
            recorded_at=MONDAY,
        )
        return Notification.objects.create(
            group_id=person.group_id,
            event=event,
            user=person,
            seq=seq,
            reason="role_default",
            created_at=MONDAY + timedelta(minutes=seq),
            read_at=MONDAY if read else None,
        )


def page_of(client: Client, name: str = "notifications:inbox", **data: str) -> str:
    response = client.get(reverse(name), data)
    assert response.status_code == 200
    return response.content.decode()


def test_the_newest_stands_first_and_carries_its_button(camille: User, website: LeadSource):
    told(camille, website, "Anna", seq=1)
    told(camille, website, "Zoé", seq=2)

    page = page_of(signed_in(camille))

    assert page.index("Zoé") < page.index("Anna")
    assert 'data-post="/api/v1/leads/' in page


def test_only_the_unread_are_shown_when_asked(camille: User, website: LeadSource):
    told(camille, website, "Anna", seq=1, read=True)
    told(camille, website, "Zoé", seq=2)

    page = page_of(signed_in(camille), unread="1")

    assert "Zoé" in page
    assert "Anna" not in page


def test_colleagues_and_rivals_have_inboxes_of_their_own(
    camille: User, karim: User, rita: User, website: LeadSource
):
    told(camille, website, "Anna", seq=1)

    assert "Anna" not in page_of(signed_in(karim))
    assert "Anna" not in page_of(signed_in(rita))


def test_everything_is_marked_as_read_without_script(camille: User, website: LeadSource):
    told(camille, website, "Anna", seq=1)

    signed_in(camille).post(reverse("notifications:read-all"))

    with group_scope(website.group_id):
        assert Notification.objects.get().read_at is not None


def test_older_lines_are_one_click_away(camille: User, website: LeadSource):
    for number in range(1, 32):
        told(camille, website, f"Client{number:02}", seq=number)
    client = signed_in(camille)

    first = client.get(reverse("notifications:inbox"))
    second = page_of(client, before=str(first.context["items"][-1].id))

    assert len(first.context["items"]) == 30
    assert "Client01" in second
    assert "Client02" not in second


@pytest.mark.parametrize(
    "data", [{"before": "x"}, {"before": "9" * 30}, {"category": "nothing"}, {"unread": "é"}]
)
def test_odd_addresses_show_the_whole_inbox(data: dict[str, str], camille: User, website: LeadSource):
    told(camille, website, "Anna", seq=1)

    assert "Anna" in page_of(signed_in(camille), **data)


@pytest.mark.parametrize("name", ["notifications:inbox", "notifications:items", "notifications:latest"])
def test_each_list_costs_the_same_with_one_line_and_with_three(name: str, camille: User, website: LeadSource):
    client = signed_in(camille)
    told(camille, website, "Anna", seq=1)
    with CaptureQueriesContext(connection) as with_one:
        page_of(client, name)
    told(camille, website, "Zoé", seq=2)
    told(camille, website, "Max", seq=3)

    with CaptureQueriesContext(connection) as with_three:
        page_of(client, name)

    assert len(with_one) == len(with_three) <= MOST_QUERIES


def test_a_fragment_is_no_whole_page(camille: User, website: LeadSource):
    told(camille, website, "Anna", seq=1)

    for name in ("notifications:items", "notifications:latest"):
        fragment = page_of(signed_in(camille), name)
        assert "Anna" in fragment
        assert "<html" not in fragment
