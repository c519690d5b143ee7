"""The pages: asking on the lead, the list, one request, the number in the navigation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalRequest
from approvals.selectors import waiting_for
from approvals.services import delegate_request
from leads.models import LeadSource
from sites.models import Site, User
from sites.scope import group_scope
from tests.approvals.asking import ask, now_is, open_all_week, owned_lead, route_all
from tests.cast import MONDAY, member_of, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _it_is_monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def text_of(response: Any) -> str:
    assert response.status_code in {200, 422}, response.status_code
    return re.sub(r"[\u00a0\u202f]", " ", response.content.decode())


def test_the_owner_asks_from_the_lead_and_reads_the_answer_there(
    website: LeadSource, camille: User, claire: User
):
    lead = owned_lead(website, camille)
    page = signed_in(camille)

    asked = text_of(
        page.post(f"/leads/{lead.pk}/discount/", {"amount": "480", "reason": "Il signe."}, headers=HTMX)
    )
    with group_scope(website.group_id):
        request = ApprovalRequest.objects.get()
    signed_in(claire).post(f"/approvals/{request.pk}/decide/", {"verdict": "approved", "comment": "Oui."})
    answered = text_of(page.get(lead.get_absolute_url()))

    assert "En attente de décision" in asked
    assert f"moved:approval:{request.pk} from:body" in asked
    assert "Remise accordée : 480 € par Claire Fontaine" in answered
    assert "Approuvée par Claire Fontaine · 480 €" in answered
    assert "Oui." in answered


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Indiquez le montant."),
        ("beaucoup", "Écrivez un montant, par exemple 800 ou 1250,50."),
        ("0", "La remise doit dépasser zéro."),
        ("99 999 999", "C’est plus qu’une remise."),
        ("900", "Personne sur ce site ne peut accorder autant."),
    ],
)
def test_a_wrong_amount_is_told_in_a_sentence(
    website: LeadSource, camille: User, claire: User, amount: str, sentence: str
):
    lead = owned_lead(website, camille)

    answer = signed_in(camille).post(
        f"/leads/{lead.pk}/discount/", {"amount": amount, "reason": "Il signe."}, headers=HTMX
    )

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Il signe." in text_of(answer)


def test_only_the_owner_sees_the_form(website: LeadSource, camille: User, claire: User):
    lead = owned_lead(website, camille)

    assert "Demander une remise" in text_of(signed_in(camille).get(lead.get_absolute_url()))
    assert "Demander une remise" not in text_of(signed_in(claire).get(lead.get_absolute_url()))
    answer = signed_in(claire).post(f"/leads/{lead.pk}/discount/", {"amount": "1", "reason": "Pourquoi"})
    assert answer.status_code == 403


def test_the_list_shows_what_waits_with_its_open_minutes(
    website: LeadSource, lyon: Site, camille: User, claire: User, time_machine: Any
):
    open_all_week(lyon)
    request = ask(
        website, camille, 300, at=MONDAY.replace(day=1, hour=16, minute=50)
    )  # Sunday, 17:50 in Lyon

    page = text_of(signed_in(claire).get("/approvals/"))

    assert "300 €" in page
    assert "1 h 40" in page  # ten minutes on Sunday, an hour and a half since nine
    assert f'action="/approvals/{request.pk}/decide/"' in page


def test_the_list_has_room_for_a_word_to_who_asked(website: LeadSource, camille: User, claire: User):
    request = ask(website, camille)
    manager = signed_in(claire)
    page = text_of(manager.get("/approvals/"))

    answer = manager.post(
        f"/approvals/{request.pk}/decide/",
        {"verdict": "refused", "version": "1", "comment": "Pas en dessous du prix d’achat."},
        follow=True,
    )

    assert 'name="comment" rows="2" aria-label="Un mot pour Camille Durand"' in page
    assert "Pas en dessous du prix d’achat." in text_of(answer)


def test_the_navigation_counts_what_waits_for_those_who_may_decide(
    website: LeadSource, camille: User, claire: User
):
    before = text_of(signed_in(claire).get("/"))
    ask(website, camille)

    badge = 'data-waiting="/approvals/count/" data-moves="approval:"'
    number = '><span data-number>{}</span><span class="visually-hidden"> en attente'
    assert before.count(f"{badge} hidden{number.format(0)}") == 2  # the rail's and the tab bar's
    assert text_of(signed_in(claire).get("/")).count(f"{badge}{number.format(1)}") == 2
    assert badge not in text_of(signed_in(camille).get("/"))


def test_an_open_page_reads_the_number_again(website: LeadSource, camille: User, claire: User, remy: User):
    request = ask(website, camille)
    asked = [signed_in(who).get("/approvals/count/").json() for who in (claire, remy, camille)]

    signed_in(remy).post(f"/approvals/{request.pk}/decide/", {"verdict": "approved", "version": "1"})

    assert asked == [{"waiting": 1}, {"waiting": 1}, {"waiting": 0}]
    assert signed_in(claire).get("/approvals/count/").json() == {"waiting": 0}


def test_the_number_takes_as_many_queries_for_three_as_for_one(
    website: LeadSource, camille: User, claire: User, remy: User, diane: User, in_rhone: None
):
    """Passed on by somebody each time, which has to be looked up."""

    def pass_one_on() -> None:
        request = ask(website, camille, 2000)
        delegate_request(request_id=request.pk, to_id=claire.pk, by=member_of(remy), at=MONDAY, comment="")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            waiting.append(len(waiting_for(member_of(claire), MONDAY)))
        return len(captured)

    waiting: list[int] = []
    pass_one_on()
    one = queries()
    pass_one_on()
    pass_one_on()

    assert queries() == one
    assert waiting == [1, 3]


def test_an_open_page_reads_each_of_its_lists_again(website: LeadSource, camille: User, claire: User):
    request = ask(website, camille)
    asker, decider = signed_in(camille), signed_in(claire)

    def lines(client: Client, name: str) -> list[tuple[str, str]]:
        page = text_of(client.get(f"/approvals/{name}/"))
        assert "<html" not in page
        found = re.finditer(r'data-key="([^"]+)" data-version="([^"]+)"', page)
        return [(line[1], line[2]) for line in found]

    before = [lines(decider, "waiting"), lines(asker, "mine"), lines(asker, "settled")]
    decider.post(f"/approvals/{request.pk}/decide/", {"verdict": "approved"})
    after = [lines(decider, "waiting"), lines(asker, "mine"), lines(asker, "settled")]

    open_line, closed_line = (str(request.pk), "pending-1"), (str(request.pk), "approved-1")
    assert before == [[open_line], [open_line], [("none", "0")]]
    assert after == [[("none", "0")], [("none", "0")], [closed_line]]


def test_empty_lists_say_what_will_come(claire: User, camille: User):
    assert "Personne n’attend votre décision" in text_of(signed_in(claire).get("/approvals/"))
    assert "Vous n’attendez aucune réponse" in text_of(signed_in(camille).get("/approvals/"))


def test_who_has_no_part_in_it_has_no_page(alain: User, db: None):
    assert signed_in(alain).get("/approvals/").status_code == 403
    assert Client().get("/approvals/").status_code == 302


def test_the_loser_on_the_page_reads_who_was_first(
    website: LeadSource, camille: User, claire: User, remy: User
):
    request = ask(website, camille)
    address = f"/approvals/{request.pk}/decide/"
    signed_in(claire).post(address, {"verdict": "approved", "version": "1"})

    lost = signed_in(remy).post(address, {"verdict": "refused", "version": "1"}, follow=True)

    assert "Claire Fontaine a approuvé le 2 mars 2026 à 10:30." in text_of(lost)
    assert now_is(request).is_approved


def test_the_asker_reads_who_decides(
    website: LeadSource, camille: User, claire: User, remy: User, diane: User
):
    low, high = ask(website, camille, 300), ask(website, camille, 900, email="high@example.com")
    reader = signed_in(camille)

    asked_of_claire, asked_above = (text_of(reader.get(one.get_absolute_url())) for one in (low, high))

    assert "Qui décide" in asked_of_claire
    assert ("Claire Fontaine" in asked_of_claire, "Rémy Girard" in asked_of_claire) == (True, False)
    assert ("Claire Fontaine" in asked_above, "Rémy Girard" in asked_above) == (False, True)


def test_passing_on_names_the_colleague(website: LeadSource, camille: User, claire: User, remy: User):
    request = ask(website, camille)

    page = signed_in(claire).post(
        f"/approvals/{request.pk}/delegate/", {"on-to": remy.pk, "on-comment": "À toi."}, follow=True
    )

    assert "Demande transmise à Rémy Girard" in text_of(page)
    assert "Claire Fontaine → Rémy Girard" in text_of(page)


def test_an_open_page_reads_its_part_again_and_only_when_something_happened(
    website: LeadSource, camille: User, claire: User
):
    request = ask(website, camille)
    page = signed_in(camille)
    shown = re.search(r'name="shown" value="([^"]+)"', text_of(page.get(request.get_absolute_url())))
    assert shown

    before = page.get(request.get_absolute_url(), {"shown": shown[1]}, headers=HTMX)
    signed_in(claire).post(f"/approvals/{request.pk}/decide/", {"verdict": "refused", "comment": "Non."})
    after = page.get(request.get_absolute_url(), {"shown": shown[1]}, headers=HTMX)

    assert before.status_code == 204
    assert "Refusée par Claire Fontaine" in text_of(after)


@pytest.mark.parametrize("person", ["claire", "camille"])
def test_the_list_costs_the_same_with_one_row_and_with_three(
    website: LeadSource, camille: User, claire: User, person: str
):
    client = signed_in({"claire": claire, "camille": camille}[person])
    ask(website, camille)
    client.get("/approvals/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/approvals/")
    for number in range(2):
        ask(website, camille, email=f"{number}@example.com")

    with CaptureQueriesContext(connection) as three:
        client.get("/approvals/")

    assert len(three) == len(one)


def test_a_decider_reads_who_was_told_of_the_request_and_the_asker_does_not(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille, 300)
    route_all(request)
    address = f"/told/approval:{request.pk}/"

    page = text_of(signed_in(claire).get(f"/approvals/{request.pk}/"))
    told = text_of(signed_in(claire).get(address))

    assert address in page
    assert "Claire Fontaine" in told
    assert address not in text_of(signed_in(camille).get(f"/approvals/{request.pk}/"))
    assert signed_in(camille).get(address).status_code == 404
