"""The button « Take the lead » of a push notification."""

from uuid import uuid4

from django.test import Client

from leads.models import Lead, LeadSource
from sites.models import User
from sites.scope import group_scope
from tests.api.posting import LEADS
from tests.cast import SIGN_IN_BACKEND, make_lead, signed_in


def path_of(lead: Lead) -> str:
    return f"{LEADS}{lead.pk}/claim/"


def test_the_first_takes_it_and_the_second_hears_who_and_when(
    website: LeadSource, camille: User, karim: User
):
    lead = make_lead(website)

    won = signed_in(camille).post(path_of(lead))
    lost = signed_in(karim).post(path_of(lead))

    assert won.status_code == 200
    assert won.json()["id"] == str(lead.pk)
    assert won.json()["owner"] == "Camille Durand"
    assert lost.status_code == 409
    assert lost["Content-Type"] == "application/problem+json"
    assert (lost.json()["winner"], lost.json()["claimed_at"]) == ("Camille Durand", won.json()["claimed_at"])
    assert "Camille Durand" in lost.json()["detail"]


def test_the_time_is_told_by_the_clock_of_the_site(
    website: LeadSource, camille: User, karim: User, time_machine
):
    lead = make_lead(website)
    time_machine.move_to("2026-03-02T09:30:00Z")
    signed_in(camille).post(path_of(lead))

    lost = signed_in(karim).post(path_of(lead))

    assert "10:30" in lost.json()["detail"]
    assert lost.json()["detail"].startswith("Camille Durand")


def test_a_second_tap_gets_the_same_answer(website: LeadSource, camille: User):
    lead = make_lead(website)
    client = signed_in(camille)

    assert client.post(path_of(lead)).json() == client.post(path_of(lead)).json()


def test_a_claim_needs_the_token_of_the_page(website: LeadSource, camille: User):
    lead = make_lead(website)
    client = Client(enforce_csrf_checks=True)
    client.force_login(camille, backend=SIGN_IN_BACKEND)

    response = client.post(path_of(lead))

    assert response.status_code == 403
    assert response.json()["type"].endswith("#csrf-failed")
    with group_scope(lead.group_id):
        assert Lead.objects.get().owner is None


def test_a_key_takes_no_leads(website: LeadSource):
    lead = make_lead(website)

    response = Client().post(path_of(lead), headers={"Authorization": "Api-Key lyon-website-key"})

    assert response.status_code == 403


def test_a_foreign_lead_answers_like_a_missing_one(rival_website: LeadSource, camille: User):
    foreign = make_lead(rival_website)
    client = signed_in(camille)

    answers = [client.post(f"{LEADS}{lead_id}/claim/") for lead_id in (foreign.pk, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_who_may_not_sell_takes_nothing(website: LeadSource, alain: User, agnes: User):
    lead = make_lead(website)

    answers = [signed_in(person).post(path_of(lead)).status_code for person in (alain, agnes)]

    assert answers == [403, 403]


def test_reading_never_takes_a_lead(website: LeadSource, camille: User):
    """Mail scanners and previews follow links with GET and HEAD."""
    lead = make_lead(website)
    client = signed_in(camille)

    answers = [client.get(path_of(lead)), client.head(path_of(lead))]

    assert [answer.status_code for answer in answers] == [405, 405]
    with group_scope(lead.group_id):
        assert Lead.objects.get().owner is None
