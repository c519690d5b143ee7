"""« Qui a été prévenu ? » and « Pourquoi pas ? »: managers read it for everybody, a person for himself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.ids import new_id
from leads.notices import LeadEnquiredAgainNotice
from leads.signals import LeadReceived, lead_enquired_again
from notifications import passed_over, reasons, registry, told
from notifications.choices import Channel, DeliveryState, Reason
from notifications.models import Delivery, Event, Notification
from notifications.routing import route
from notifications.told import PersonTold, Told, told_about
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from tests.cast import MONDAY, make_person, member_of, signed_in
from tests.notifications.road import add_device, choose, claimed, received, tell, tell_and_route


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def subject_of(fact: LeadReceived) -> str:
    return f"lead:{fact.lead_id}"


def asked(by: User, fact: LeadReceived) -> Told:
    answer = told_about(member_of(by), subject_of(fact))
    assert answer is not None
    return answer


def line_of(person: User, answer: Told, event: int = 0) -> PersonTold:
    return next(one for one in answer.events[event].people if one.name == person.full_name)


def said_of(person: User, answer: Told) -> dict[str, tuple[str, str]]:
    return {way.channel.value: (way.state, str(way.rule)) for way in line_of(person, answer).ways}


def bell_of(person: User, answer: Told) -> tuple[str, datetime | None]:
    return next((way.state, way.at) for way in line_of(person, answer).ways if way.channel == Channel.IN_APP)


def why_not(person: User, fact: LeadReceived) -> str:
    event = Event.objects.get(subject=subject_of(fact), kind="notice")
    return str(passed_over.reason_for(registry.get(event.type_key), event, person))


@pytest.mark.usefixtures("in_rhone")
def test_a_manager_reads_who_was_told_on_which_channel_and_why(
    lyon: Site, camille: User, karim: User, claire: User
):
    add_device(camille)
    choose(karim, Channel.IN_APP, enabled=False)
    fact = received(lyon)
    tell_and_route(fact)

    answer = asked(claire, fact)

    assert answer.everybody
    assert said_of(camille, answer)["push"] == ("Planned", "On for the role")
    assert said_of(camille, answer)["email"] == ("Silent", "Off for the role")
    assert bell_of(camille, answer) == ("Not seen yet", None)
    assert said_of(karim, answer)["in_app"] == ("Silent", "Switched off by the person")
    assert said_of(karim, answer)["push"] == ("Not sent", "No device")


@pytest.mark.usefixtures("in_rhone")
def test_it_shows_how_far_each_got_and_who_ended_it(lyon: Site, camille: User, karim: User, claire: User):
    fact = received(lyon)
    event = tell_and_route(fact)
    seen = Notification.objects.filter(event=event, user=camille)
    seen.update(seen_at=MONDAY + timedelta(minutes=2))

    tell_and_route(claimed(fact, karim))

    answer = asked(claire, fact)
    assert bell_of(camille, answer) == ("Seen", MONDAY + timedelta(minutes=2))
    assert answer.events[0].ended == "Taken by Karim Benali"
    assert answer.events[0].follow_ups == []


@pytest.mark.usefixtures("in_rhone")
def test_it_shows_what_comes_if_nobody_acts(lyon: Site, camille: User, claire: User):
    fact = received(lyon)
    tell_and_route(fact)

    names = [name for name, _due_at in asked(claire, fact).events[0].follow_ups]

    assert names == ["Lead unanswered for 10 minutes", "Lead unanswered for an hour"]


@pytest.mark.usefixtures("in_rhone")
@pytest.mark.parametrize(
    "reason", sorted({Reason.QUIET_HOURS, Reason.AWAY, Reason.CAP_NUMBER, Reason.ADDRESS_OFF})
)
def test_what_was_held_or_kept_back_says_by_which_rule(
    reason: Reason, lyon: Site, camille: User, claire: User
):
    add_device(camille)
    fact = received(lyon)
    tell_and_route(fact)
    Delivery.objects.filter(channel=Channel.PUSH).update(reason=reason, state=DeliveryState.SUPPRESSED)

    assert said_of(camille, asked(claire, fact))["push"][1] == str(reasons.RULES_OF_OTHERS[reason])


@pytest.mark.usefixtures("in_rhone")
def test_a_salesperson_sees_himself_alone(lyon: Site, camille: User, karim: User):
    fact = received(lyon)
    tell_and_route(fact)

    answer = asked(camille, fact)

    assert not answer.everybody
    assert [one.name for one in answer.events[0].people] == ["Camille Durand"]


@pytest.mark.usefixtures("in_rhone")
def test_whom_it_does_not_concern_learns_nothing(lyon: Site, camille: User, alain: User, marc: User):
    fact = received(lyon)
    tell_and_route(fact)

    assert told_about(member_of(alain), subject_of(fact)) is None
    assert told_about(member_of(marc), subject_of(fact)) is None


@pytest.mark.usefixtures("in_rhone")
def test_a_manager_of_another_site_learns_nothing(rhone: Group, lyon: Site, marseille: Site, camille: User):
    boss = make_person(rhone, "Sara Blanc", Role.SITE_MANAGER, marseille)
    fact = received(lyon)
    tell_and_route(fact)

    assert told_about(member_of(boss), subject_of(fact)) is None


def test_the_rival_learns_nothing(lyon: Site, camille: User, rival: Group, rival_site: Site, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    ruth = make_person(rival, "Ruth Falcone", Role.GROUP_DIRECTOR)

    foreign = signed_in(ruth).get(f"/told/{subject_of(fact)}/")
    missing = signed_in(ruth).get("/told/lead:nothing/")

    assert (foreign.status_code, missing.status_code) == (404, 404)


@pytest.mark.usefixtures("in_rhone")
def test_why_not_names_the_rule(
    rhone: Group, lyon: Site, marc: User, alain: User, diane: User, camille: User
):
    gone = make_person(rhone, "Paule Gone", Role.SALESPERSON, lyon)
    fact = received(lyon)
    tell_and_route(fact)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()

    assert why_not(marc, fact) == "It happened on Lyon; this person works on Marseille."
    assert why_not(alain, fact) == "Not for this role: Accountant."
    assert why_not(diane, fact).startswith("It goes to other people: who is in charge, Salesperson")
    assert why_not(gone, fact) == "The account is switched off."


@pytest.mark.usefixtures("in_rhone")
def test_why_not_knows_what_was_given_to_one_person(lyon: Site, camille: User, karim: User):
    fact = received(lyon, assignee_id=karim.pk)
    tell_and_route(fact)

    assert why_not(camille, fact).startswith("It was given to one person")


@pytest.mark.usefixtures("in_rhone")
def test_why_not_knows_the_one_who_did_it(lyon: Site, camille: User):
    fact = received(lyon, actor_id=camille.pk)
    tell_and_route(fact)

    assert why_not(camille, fact).startswith("It is this person's own doing")


@pytest.mark.usefixtures("in_rhone")
def test_why_not_knows_somebody_without_a_role(lyon: Site, camille: User, marc: User):
    fact = received(lyon)
    tell_and_route(fact)
    Membership.objects.filter(user=marc).delete()

    assert why_not(marc, fact) == "This person holds no role in the group."


@pytest.mark.usefixtures("in_rhone")
def test_why_not_says_when_only_the_past_kept_it_from_him(rhone: Group, lyon: Site, camille: User):
    """Who came to the site after the event: today's rules would tell him."""
    fact = received(lyon)
    tell_and_route(fact)

    late = make_person(rhone, "Léa Nouvelle", Role.SALESPERSON, lyon)

    assert why_not(late, fact).startswith("Today this person would be told")


@pytest.mark.usefixtures("in_rhone")
def test_why_not_asks_the_rules_that_routing_goes_by(rhone: Group, lyon: Site, marseille: Site):
    """Whoever routing tells is named by the same condition, and nobody else is: role by role, site by site."""
    people = [
        make_person(rhone, f"Role{n} Everywhere", role, email=f"e{n}@x.test") for n, role in enumerate(Role)
    ]
    people += [
        make_person(rhone, f"Role{n} Lyon", role, lyon, email=f"l{n}@x.test") for n, role in enumerate(Role)
    ]
    people += [
        make_person(rhone, f"Role{n} Marseille", role, marseille, email=f"m{n}@x.test")
        for n, role in enumerate(Role)
    ]
    event = tell_and_route(received(lyon))
    considered = set(Notification.objects.filter(event=event).values_list("user_id", flat=True))

    named = {one.pk for one in people if passed_over._is_named(registry.get("leads.received"), event, one)}

    able = {role.value for role in registry.get("leads.received").roles_concerned()}
    with_role = {one.pk for one in people if Membership.objects.filter(user=one, role__in=able).exists()}
    assert named == considered
    assert considered < with_role  # the condition is stricter than the permission alone


@pytest.mark.usefixtures("in_rhone")
def test_why_not_waits_for_the_router(lyon: Site, camille: User):
    fact = received(lyon)
    tell(fact)

    assert why_not(camille, fact).startswith("It has not been handed out yet")


def test_the_page_answers_for_a_chosen_colleague(
    lyon: Site, camille: User, marc: User, claire: User, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    address = f"/told/{subject_of(fact)}/"
    client = signed_in(claire)

    listed = client.get(address).content.decode()
    asked_about = client.get(f"{address}?person={marc.pk}").content.decode()
    nonsense = client.get(f"{address}?person=²").content.decode()

    assert "Qui a été prévenu ?" in listed
    assert "Camille Durand" in listed
    assert f'<option value="{camille.pk}"' not in listed  # she is in the list above
    assert f'<option value="{marc.pk}"' in listed
    assert "travaille à Marseille" in asked_about
    assert "travaille à" not in listed + nonsense


def test_a_person_reads_why_he_was_not_told(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon, assignee_id=karim.pk)
    tell_and_route(fact)

    page = signed_in(camille).get(f"/told/{subject_of(fact)}/?person={karim.pk}").content.decode()

    assert "Ai-je été prévenu ?" in page
    assert "attribuée à une personne" in page
    assert "Karim" not in page


def test_a_colleague_of_the_rival_cannot_be_asked_about(
    lyon: Site, camille: User, claire: User, rita: User, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    address = f"/told/{subject_of(fact)}/"

    foreign = signed_in(claire).get(f"{address}?person={rita.pk}").content.decode()

    assert "Rita" not in foreign
    assert 'id="why-not"' not in foreign


def test_the_page_costs_the_same_for_one_person_and_for_many(
    rhone: Group, lyon: Site, camille: User, claire: User, in_rhone: None
):
    counts = []
    client = signed_in(claire)
    for number in range(3):
        make_person(rhone, f"Vendeur{number} Lyon", Role.SALESPERSON, lyon)
        fact = received(lyon)
        tell_and_route(fact)
        with CaptureQueriesContext(connection) as counted:
            client.get(f"/told/{subject_of(fact)}/")
        counts.append(len(counted))

    assert counts[0] == counts[2]


def test_every_reason_has_words_for_others():
    assert [reason for reason in Reason if not reasons.rule_for_others(reason)] == []


def test_long_lists_show_their_first_people(
    lyon: Site, camille: User, karim: User, claire: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(told, "PEOPLE", 1)
    fact = received(lyon)
    tell_and_route(fact)

    one: Any = asked(claire, fact).events[0]

    assert (len(one.people), one.has_more) == (1, True)


@pytest.mark.usefixtures("in_rhone")
def test_what_concerns_one_person_is_no_colleagues_business(
    lyon: Site, camille: User, karim: User, claire: User
):
    lead_id = new_id()
    whose: Any = {"group_id": lyon.group_id, "site_id": lyon.pk, "lead_id": lead_id, "owner_id": camille.pk}
    again = replace(LeadEnquiredAgainNotice.sample, **whose)
    lead_enquired_again.send(again)
    for event in Event.objects.filter(routed_at=None):
        route(event.hint, at=MONDAY)

    seen = {
        one.pk: told_about(member_of(one), f"lead:{lead_id}") is not None for one in (camille, karim, claire)
    }

    assert seen == {camille.pk: True, karim.pk: False, claire.pk: True}  # she leads the people of that site


@pytest.mark.usefixtures("in_rhone")
def test_what_was_no_longer_needed_looks_like_no_failure(lyon: Site, camille: User, claire: User):
    choose(camille, Channel.EMAIL, enabled=True)
    fact = received(lyon)
    event = tell_and_route(fact)

    def mark(state: DeliveryState) -> str:
        Delivery.objects.filter(notification__event=event, channel="email").update(state=state)
        ways = line_of(camille, asked(claire, fact)).ways
        return next(way.mark.name for way in ways if way.channel == Channel.EMAIL)

    assert mark(DeliveryState.CANCELLED) == "NEEDLESS"
    assert mark(DeliveryState.FAILED_PERMANENT) == "STOPPED"
    assert mark(DeliveryState.ACCEPTED) == "ARRIVED"
