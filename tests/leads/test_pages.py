"""The pages: who sees which lead, taking one, judging a suspect one."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from leads.models import Enquiry, Lead, LeadSource, LeadStatus
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_lead, make_source, signed_in

LIST = "/leads/"
HTMX = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def page_of(person: User, path: str = LIST, **query: str) -> str:
    response = signed_in(person).get(path, query)
    assert response.status_code == 200
    return text_of(response)


def test_a_salesperson_sees_the_pool_and_his_own_but_not_his_colleagues(
    website: LeadSource, camille: User, karim: User
):
    make_lead(website, last_name="Pool")
    make_lead(website, last_name="Mine", owner=camille, status=LeadStatus.CLAIMED)
    make_lead(website, last_name="Theirs", owner=karim, status=LeadStatus.CLAIMED)

    page = page_of(camille)

    assert "Paul Pool" in page
    assert "Paul Mine" in page
    assert "Paul Theirs" not in page


def test_a_manager_sees_the_team_of_his_site_only(
    website: LeadSource, claire: User, karim: User, marseille: Site
):
    make_lead(website, last_name="Team", owner=karim, status=LeadStatus.CLAIMED)
    make_lead(make_source(marseille), last_name="Elsewhere")

    page = page_of(claire)

    assert "Paul Team" in page
    assert "Paul Elsewhere" not in page


def test_contact_details_show_after_the_claim(website: LeadSource, camille: User):
    lead = make_lead(website, message="Mon numéro : 06 12 34 56 78")
    client = signed_in(camille)

    before = text_of(client.get(lead.get_absolute_url()))
    claimed = client.post(f"{lead.get_absolute_url()}claim/", follow=True)

    assert "+33612345678" not in before
    assert "paul.martin@example.com" not in before
    assert "06 12 34 56 78" not in before
    assert claimed.redirect_chain == [(lead.get_absolute_url(), 302)]
    assert "paul.martin@example.com" in text_of(claimed)
    assert "06 12 34 56 78" in text_of(claimed)


def test_no_page_of_the_pool_gives_a_customer_away(website: LeadSource, camille: User):
    lead = make_lead(website, first_name="", last_name="", message="paul.martin@example.com")
    with group_scope(lead.group_id):
        Enquiry.objects.create(
            group_id=lead.group_id,
            lead=lead,
            received_at=MONDAY,
            message="ou au 06.12.34.56.78",
            payload={"phone": "+33612345678"},
        )

    for path in (LIST, lead.get_absolute_url(), "/"):
        page = page_of(camille, path)
        assert not any(secret in page for secret in ("martin@", "612345678", "12.34.56"))


def test_the_second_salesperson_learns_who_won_and_when(
    website: LeadSource, camille: User, karim: User, time_machine: Any
):
    lead = make_lead(website)
    time_machine.move_to(MONDAY + timedelta(minutes=2), tick=False)
    signed_in(camille).post(f"{lead.get_absolute_url()}claim/")
    loser = signed_in(karim)

    refused = loser.post(f"{lead.get_absolute_url()}claim/")
    by_htmx = loser.post(f"{lead.get_absolute_url()}claim/", headers=HTMX)
    later = loser.get(lead.get_absolute_url())

    assert (refused.status_code, by_htmx.status_code, later.status_code) == (409, 409, 200)
    for answer in (refused, by_htmx, later):
        assert "Camille Durand" in text_of(answer)
        assert "10:32" in text_of(answer)
        assert "Martin" not in text_of(answer)
    assert "<html" not in text_of(by_htmx)


def test_an_open_page_reads_its_part_again_and_only_when_something_happened(
    website: LeadSource, camille: User, karim: User
):
    lead = make_lead(website)
    page = signed_in(karim)
    whole = text_of(page.get(lead.get_absolute_url()))

    before = page.get(lead.get_absolute_url(), {"shown": version_in(whole)}, headers=HTMX)
    signed_in(camille).post(f"{lead.get_absolute_url()}claim/")
    after = page.get(lead.get_absolute_url(), {"shown": version_in(whole)}, headers=HTMX)
    again = page.get(lead.get_absolute_url(), {"shown": version_in(text_of(after))}, headers=HTMX)

    assert f"moved:lead:{lead.pk} from:body" in whole
    assert (before.status_code, after.status_code, again.status_code) == (204, 200, 204)
    assert 'data-announce="Pris par Camille Durand"' in text_of(after)
    assert "/claim/" not in text_of(after)
    assert "<html" not in text_of(after)
    assert "Martin" not in text_of(after)


def test_a_part_shows_what_happened_to_ones_own_lead(website: LeadSource, camille: User):
    lead = make_lead(website, owner=camille, status=LeadStatus.CLAIMED, claimed_at=MONDAY)
    client = signed_in(camille)
    shown = version_in(text_of(client.get(lead.get_absolute_url())))
    with group_scope(lead.group_id):
        Enquiry.objects.create(
            group_id=lead.group_id, lead=lead, received_at=MONDAY, message="Toujours là ?", payload={}
        )

    part = text_of(client.get(lead.get_absolute_url(), {"shown": shown}, headers=HTMX))

    assert "Toujours là ?" in part
    assert 'data-announce="Pris par Camille Durand"' in part
    assert "<html" not in part


def version_in(page: str) -> str:
    """What an open page says that it shows."""
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_claim_by_htmx_leads_to_the_lead(website: LeadSource, camille: User):
    lead = make_lead(website)

    response = signed_in(camille).post(f"{lead.get_absolute_url()}claim/", headers=HTMX)

    assert response["HX-Redirect"] == lead.get_absolute_url()


def test_opening_a_link_never_takes_a_lead(website: LeadSource, camille: User):
    lead = make_lead(website)
    client = signed_in(camille)

    answers = [client.get(f"{lead.get_absolute_url()}claim/"), client.head(lead.get_absolute_url())]

    assert [answer.status_code for answer in answers] == [405, 200]
    with group_scope(lead.group_id):
        assert Lead.objects.get().status == LeadStatus.NEW


def test_a_foreign_lead_is_missing(rival_website: LeadSource, camille: User):
    foreign = make_lead(rival_website)
    client = signed_in(camille)

    answers = [client.get(f"/leads/{lead_id}/").status_code for lead_id in (foreign.pk, uuid4())]

    assert answers == [404, 404]


def test_a_reviewer_finds_the_quarantine_and_decides(website: LeadSource, claire: User):
    suspect = make_lead(
        website, last_name="Robot", status=LeadStatus.QUARANTINED, quarantine_reason="honeypot"
    )
    client = signed_in(claire)

    everything, quarantine = text_of(client.get(LIST)), text_of(client.get(LIST, {"status": "quarantined"}))
    decided = client.post(f"{suspect.get_absolute_url()}spam/", follow=True)
    changed_mind = client.post(f"{suspect.get_absolute_url()}release/", follow=True)
    too_late = client.post(f"{suspect.get_absolute_url()}release/", follow=True)

    assert "Paul Robot" not in everything
    assert "Paul Robot" in quarantine
    assert {answer.status_code for answer in (decided, changed_mind, too_late)} == {200}
    with group_scope(suspect.group_id):
        assert Lead.objects.get().status == LeadStatus.NEW


def test_a_salesperson_neither_sees_nor_judges_suspects(website: LeadSource, camille: User):
    suspect = make_lead(website, last_name="Robot", status=LeadStatus.QUARANTINED)
    client = signed_in(camille)

    answers = [
        client.get(suspect.get_absolute_url()),
        client.post(f"{suspect.get_absolute_url()}release/"),
        client.post(f"{suspect.get_absolute_url()}claim/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 403, 404]
    assert "Paul Robot" not in page_of(camille, status="quarantined")


def test_htmx_gets_the_table_alone(website: LeadSource, camille: User):
    make_lead(website)

    part = text_of(signed_in(camille).get(LIST, headers=HTMX))

    assert "Paul Martin" in part
    assert "<html" not in part


def test_a_wrong_filter_shows_no_leads_and_no_fault(website: LeadSource, camille: User):
    make_lead(website)

    for query in ({"since": "tomorrow"}, {"status": "x"}, {"site": "paris"}, {"q": "\x00"}):
        assert "Paul Martin" not in page_of(camille, **query)
    assert "Paul Martin" in page_of(camille, cursor="nonsense")


@pytest.mark.parametrize(
    ("received_at", "day_in_lyon", "day_in_quebec"),
    [
        ("2026-03-02T22:59:59Z", "2026-03-02", "2026-03-02"),
        ("2026-03-02T23:00:00Z", "2026-03-03", "2026-03-02"),
        ("2026-03-03T05:00:00Z", "2026-03-03", "2026-03-03"),
        ("2026-06-30T22:30:00Z", "2026-07-01", "2026-06-30"),
    ],
)
def test_a_day_begins_by_the_clock_of_the_site(
    website: LeadSource, quebec: Site, camille: User, diane: User,
    received_at: str, day_in_lyon: str, day_in_quebec: str,
):  # fmt: skip
    make_lead(website, last_name="Lyon", received_at=received_at)
    make_lead(make_source(quebec), last_name="Québec", received_at=received_at)

    for person, site, name, day in (
        (camille, "", "Paul Lyon", day_in_lyon),
        (diane, "", "Paul Lyon", day_in_lyon),
        (diane, "lyon", "Paul Lyon", day_in_lyon),
        (diane, "quebec", "Paul Québec", day_in_quebec),
    ):
        days = ("2026-03-02", "2026-03-03", "2026-06-30", "2026-07-01")
        found = [one for one in days if name in page_of(person, since=one, until=one, site=site)]
        assert found == [day]


def test_the_chosen_site_narrows_the_list(website: LeadSource, diane: User, marseille: Site):
    make_lead(website, last_name="Lyon")
    make_lead(make_source(marseille), last_name="Marseille")
    client = signed_in(diane)

    client.post("/me/site/", {"site": marseille.pk})
    narrowed = text_of(client.get(LIST))

    assert "Paul Marseille" in narrowed
    assert "Paul Lyon" not in narrowed
    assert "Paul Lyon" in text_of(client.get(LIST, {"site": "lyon"}))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    website: LeadSource, diane: User, django_assert_max_num_queries: Any, count: int
):
    for _ in range(count):
        make_lead(website)
    client = signed_in(diane)
    client.get(LIST)

    with django_assert_max_num_queries(14):
        assert text_of(client.get(LIST)).count("Paul Martin") >= count


def test_text_from_a_customer_is_only_text(website: LeadSource, claire: User):
    lead = make_lead(
        website,
        first_name="<script>alert(1)</script>",
        message="<img src=x onerror=alert(1)>",
        page_url="javascript:alert(1)",
    )

    page = page_of(claire, lead.get_absolute_url())

    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page


def test_strangers_are_sent_to_the_sign_in_and_accountants_away(website: LeadSource, alain: User):
    lead = make_lead(website)

    strangers = [Client().get(path).status_code for path in (LIST, lead.get_absolute_url())]
    accountants = [signed_in(alain).get(path).status_code for path in (LIST, lead.get_absolute_url())]

    assert (strangers, accountants) == ([302, 302], [403, 403])


def test_staff_pages_are_kept_by_no_cache(website: LeadSource, camille: User):
    assert signed_in(camille).get(LIST)["Cache-Control"] == "private, no-store"
