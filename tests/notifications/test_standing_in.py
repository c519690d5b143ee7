"""Who is away may have somebody stand in: the colleague hears in his place, may look, and nobody else does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import IntakeMode, Lead, LeadSource, LeadStatus
from leads.selectors import visible_leads
from leads.services import claim_lead
from leads.services.rotation import next_in_turn
from notifications import routing
from notifications.choices import Channel
from notifications.models import Absence
from notifications.services import add_absence
from sites.models import Group, Site, User
from tests.cast import MONDAY, make_lead, make_person, member_of, signed_in
from tests.notifications.road import (
    choose,
    delivery_states,
    inbox_names,
    reason_of,
    received,
    tell,
    tell_and_route,
)

pytestmark = pytest.mark.usefixtures("in_rhone")

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)


def away(person: User, stand_in: User | None, first: date = FIRST, last: date = LAST) -> Absence:
    return add_absence(member=member_of(person), first_day=first, last_day=last, stand_in=stand_in)


def test_the_colleague_hears_of_what_was_given_to_the_absent(lyon: Site, camille: User, karim: User):
    away(karim, camille)

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim", "Camille"}
    assert reason_of(event, camille) == "stands_in"


def test_control_without_a_stand_in_only_the_assignee_hears(lyon: Site, camille: User, karim: User):
    away(karim, None)

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim"}


@pytest.mark.parametrize("day", [FIRST - timedelta(days=1), LAST + timedelta(days=1)])
def test_only_during_the_absence(lyon: Site, camille: User, karim: User, day: date):
    away(karim, camille, day, day)

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim"}


def test_the_day_is_that_of_the_absent_persons_clock(quebec: Site, rhone: Group):
    louis = make_person(rhone, "Louis Tremblay", "salesperson", quebec)
    anne = make_person(rhone, "Anne Roy", "salesperson", quebec)
    Site.objects.filter(pk=quebec.pk).update(time_zone="America/Toronto")
    away(louis, anne, date(2026, 3, 1), date(2026, 3, 1))
    fact = received(quebec, assignee_id=louis.pk)
    early = MONDAY.replace(hour=4)  # 23:00 on Sunday in Québec

    assert inbox_names(tell_and_route(fact, early)) == {"Louis", "Anne"}
    assert inbox_names(tell_and_route(received(quebec, assignee_id=louis.pk), MONDAY)) == {"Louis"}


def test_who_hears_already_hears_once(lyon: Site, camille: User, karim: User):
    away(karim, camille)

    event = tell_and_route(received(lyon))

    assert event.notifications.filter(user=camille).count() == 1
    assert reason_of(event, camille) == "pool"


def test_a_stand_in_who_may_not_see_it_hears_nothing(lyon: Site, karim: User, marc: User, alain: User):
    away(karim, marc)  # of Marseille
    away(karim, alain, FIRST, FIRST)  # an accountant

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim"}


def test_the_stand_ins_own_choices_count(lyon: Site, camille: User, karim: User):
    choose(camille, Channel.EMAIL, enabled=True)
    choose(camille, Channel.PUSH, enabled=False)
    away(karim, camille)

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert {"email", "push"} & set(delivery_states(event, camille)) == {"email"}


def test_standing_in_is_not_passed_on(lyon: Site, camille: User, karim: User, rhone: Group):
    third = make_person(rhone, "Zoé Petit", "salesperson", lyon)
    away(karim, camille)
    away(camille, third)

    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim", "Camille"}


def test_routing_asks_once_more_only_when_somebody_stands_in(lyon: Site, camille: User, karim: User):
    def statements(fact: Any) -> int:
        event = tell(fact)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            routing.route(event.hint, at=MONDAY)
        return len(captured)

    before = statements(received(lyon, assignee_id=karim.pk))
    away(karim, camille)
    during = statements(received(lyon, assignee_id=karim.pk))

    assert during == before + 1


def test_he_sees_the_leads_of_the_absent_and_takes_over_with_one_tap(
    website: LeadSource, camille: User, karim: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("notifications.standing_in.now", lambda: MONDAY)
    lead = make_lead(website, owner=karim, status=LeadStatus.ASSIGNED, assigned_at=MONDAY)
    before = visible_leads(member_of(camille)).filter(pk=lead.pk).exists()
    away(karim, camille)

    seen = visible_leads(member_of(camille)).filter(pk=lead.pk).exists()
    taken = claim_lead(lead_id=lead.pk, by=member_of(camille), at=MONDAY)

    assert (before, seen) == (False, True)
    assert taken.owner == camille


def test_control_another_colleague_sees_nothing(
    website: LeadSource, camille: User, karim: User, rhone: Group, lyon: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("notifications.standing_in.now", lambda: MONDAY)
    third = make_person(rhone, "Zoé Petit", "salesperson", lyon)
    lead = make_lead(website, owner=karim, status=LeadStatus.ASSIGNED, assigned_at=MONDAY)
    away(karim, camille)

    assert not visible_leads(member_of(third)).filter(pk=lead.pk).exists()


def test_the_rotation_passes_over_who_is_away(website: LeadSource, camille: User, karim: User):
    LeadSource.objects.filter(pk=website.pk).update(mode=IntakeMode.ASSIGNED)
    away(karim, None)

    given = {next_in_turn(website, MONDAY) for _ in range(3)}

    assert given == {camille.pk}
    assert Lead.objects.count() == 0


def test_on_the_page_a_colleague_is_chosen_and_a_stranger_is_not(
    camille: User, karim: User, rita: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("notifications.views.hours.now", lambda: MONDAY)
    days = {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    client = signed_in(camille)

    refused = client.post("/preferences/hours/away/", {**days, "stand_in": rita.pk})
    kept = client.post("/preferences/hours/away/", {**days, "stand_in": karim.pk})

    assert (refused.status_code, kept.status_code) == (400, 302)
    assert Absence.objects.get().stand_in == karim
    assert (
        "Karim Benali reçoit vos alertes à votre place" in client.get("/preferences/hours/").content.decode()
    )


def test_nobody_of_another_group_and_not_oneself_can_stand_in(camille: User, rita: User):
    for impossible in (rita, camille):
        with pytest.raises(ValueError, match=str(impossible.pk)):
            away(camille, impossible)
