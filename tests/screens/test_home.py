"""The first page shows each kind of work what waits for it, at a constant price."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import LeadSource, LeadStatus
from sites.models import Group, Site, User
from sites.roles import Role
from tests.cast import MONDAY, make_lead, make_person, make_site, make_source, signed_in

MOST_QUERIES = 12
NOW = MONDAY + timedelta(minutes=12)


@pytest.fixture(autouse=True)
def on_monday():
    with time_machine.travel(NOW, tick=False):
        yield


def text_of(client: Client, **data: str) -> str:
    response = client.get(reverse("home"), data)
    assert response.status_code == 200
    return response.content.decode()


def test_a_salesperson_finds_the_lead_that_waits_and_the_button_that_takes_it(
    camille: User, website: LeadSource
):
    lead = make_lead(website)

    page = text_of(signed_in(camille))

    assert "Paul Martin" in page
    assert reverse("leads:claim", args=[lead.pk]) in page
    assert "12 min" in page


def test_contact_details_stay_hidden_before_the_claim(camille: User, website: LeadSource):
    make_lead(website)

    page = text_of(signed_in(camille))

    assert "paul.martin@example.com" not in page
    assert "612345678" not in page


@pytest.mark.parametrize(
    "role", [Role.SALES_MANAGER, Role.GROUP_DIRECTOR, Role.MARKETING_MANAGER, Role.CALL_AGENT]
)
def test_the_button_is_where_the_claim_would_be_accepted(rhone: Group, website: LeadSource, role: Role):
    """The same for managers: the first page, the list and the lead agree with the service."""
    lead = make_lead(website)
    person = make_person(rhone, "Dominique Roy", role)
    client, claim = signed_in(person), reverse("leads:claim", args=[lead.pk])

    offered = [
        claim in client.get(path).content.decode()
        for path in (reverse("home"), reverse("leads:list"), lead.get_absolute_url())
    ]
    accepted = client.post(claim).status_code == 302

    assert offered == [accepted] * 3


def test_the_figures_are_those_of_the_rows(camille: User, website: LeadSource):
    taken = {"status": LeadStatus.CLAIMED, "owner": camille, "email": "a@example.com"}
    make_lead(website, **taken, received_at=MONDAY - timedelta(minutes=4), claimed_at=MONDAY)
    make_lead(website, **taken, received_at=MONDAY - timedelta(minutes=30), claimed_at=MONDAY)

    response = signed_in(camille).get(reverse("home"))

    assert response.context["today_speed"].taken == 2
    assert response.context["today_speed"].median_minutes == 17
    assert response.context["week_speed"].prompt_percent == 50


def test_an_accountant_sees_his_alerts_and_no_lead(alain: User, website: LeadSource):
    make_lead(website)

    page = text_of(signed_in(alain))

    assert "Paul Martin" not in page
    assert reverse("notifications:preferences") in page


def test_another_group_sees_nothing_of_it(rita: User, website: LeadSource):
    make_lead(website)

    assert "Paul Martin" not in text_of(signed_in(rita))


def test_a_director_compares_his_sites(diane: User, lyon: Site, marseille: Site, website: LeadSource):
    make_lead(website)

    response = signed_in(diane).get(reverse("home"))

    rows = {row.site.name: row.queue.length for row in response.context["site_speeds"]}
    assert rows == {"Lyon": 1, "Marseille": 0}


def test_the_chosen_site_narrows_the_page(diane: User, website: LeadSource, marseille: Site):
    make_lead(website)
    make_lead(make_source(marseille), first_name="Nadia")
    client = signed_in(diane)

    client.post(reverse("switch-site"), {"site": marseille.pk})

    page = text_of(client)
    assert "Nadia" in page
    assert "Paul" not in page


def queries_of_home(person: User) -> int:
    client = signed_in(person)
    with CaptureQueriesContext(connection) as queries:
        text_of(client)
    return len(queries)


def add_rows(source: LeadSource, owner: User, number: int) -> None:
    """One more lead in the pool, one more taken, one more site."""
    make_lead(source, email=f"{number}@example.com")
    taken = {"status": LeadStatus.CLAIMED, "owner": owner, "claimed_at": MONDAY}
    make_lead(source, email=f"{number}-taken@example.com", **taken)
    make_site(source.site.group, f"Site {number}")


def test_the_page_costs_the_same_with_one_row_and_with_three(camille: User, diane: User, website: LeadSource):
    add_rows(website, camille, 1)
    with_one = [queries_of_home(camille), queries_of_home(diane)]
    add_rows(website, camille, 2)
    add_rows(website, camille, 3)
    with_three = [queries_of_home(camille), queries_of_home(diane)]

    assert with_one == with_three
    assert max(with_three) <= MOST_QUERIES


def test_the_fragment_shows_the_pool_alone(camille: User, website: LeadSource):
    make_lead(website)

    response = signed_in(camille).get(reverse("waiting"))

    assert "Paul Martin" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_stranger_is_sent_to_the_sign_in_page(db: None):
    response = Client().get(reverse("home"))

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")
