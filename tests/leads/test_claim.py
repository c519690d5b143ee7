"""The first to answer takes the lead, and the second learns who won."""

from datetime import timedelta
from uuid import uuid4

import pytest

from leads.claimable import claimable_by, may_claim
from leads.models import Lead, LeadSource, LeadStatus
from leads.services import AlreadyClaimed, ClaimNotAllowed, LeadNotFound, claim_lead
from leads.signals import lead_claimed
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, make_lead, make_person, make_source, member_of
from tests.leads.listening import heard

pytestmark = pytest.mark.usefixtures("in_rhone")

LATER = MONDAY + timedelta(minutes=3)


def test_the_first_to_answer_takes_the_lead(website: LeadSource, camille: User):
    waiting = make_lead(website)

    with heard(lead_claimed) as facts:
        lead = claim_lead(lead_id=waiting.pk, by=member_of(camille), at=LATER)

    assert (lead.owner, lead.status, lead.claimed_at) == (camille, LeadStatus.CLAIMED, LATER)
    assert [(fact.owner_name, fact.actor_id) for fact in facts] == [("Camille Durand", camille.pk)]


def test_second_salesperson_learns_who_won_and_when(website: LeadSource, camille: User, karim: User):
    lead = make_lead(website)
    claim_lead(lead_id=lead.pk, by=member_of(camille), at=LATER)

    with heard(lead_claimed) as facts, pytest.raises(AlreadyClaimed) as refusal:
        claim_lead(lead_id=lead.pk, by=member_of(karim), at=LATER + timedelta(minutes=1))

    assert (refusal.value.winner_name, refusal.value.at) == ("Camille Durand", LATER)
    assert facts == []
    assert Lead.objects.get().owner == camille


def test_taking_ones_own_lead_again_changes_nothing(website: LeadSource, camille: User):
    lead = make_lead(website)
    claim_lead(lead_id=lead.pk, by=member_of(camille), at=LATER)

    with heard(lead_claimed) as facts:
        again = claim_lead(lead_id=lead.pk, by=member_of(camille), at=LATER + timedelta(hours=1))

    assert again.claimed_at == LATER
    assert facts == []


def test_the_assignee_acknowledges_by_the_same_act(website: LeadSource, camille: User):
    lead = make_lead(website, status=LeadStatus.ASSIGNED, owner=camille, assigned_at=MONDAY)

    with heard(lead_claimed) as facts:
        claimed = claim_lead(lead_id=lead.pk, by=member_of(camille), at=LATER)

    assert (claimed.status, claimed.claimed_at) == (LeadStatus.CLAIMED, LATER)
    assert len(facts) == 1


def test_an_assigned_lead_is_not_a_colleagues_to_take(website: LeadSource, camille: User, karim: User):
    lead = make_lead(website, status=LeadStatus.ASSIGNED, owner=camille, assigned_at=MONDAY)

    with pytest.raises(AlreadyClaimed) as refusal:
        claim_lead(lead_id=lead.pk, by=member_of(karim), at=LATER)

    assert (refusal.value.winner_name, refusal.value.at) == ("Camille Durand", MONDAY)


def test_a_lead_of_another_site_is_missing(website: LeadSource, marc: User):
    lead = make_lead(website)

    with pytest.raises(LeadNotFound):
        claim_lead(lead_id=lead.pk, by=member_of(marc), at=LATER)


def test_a_rivals_lead_is_missing_like_one_that_never_was(rival_website: LeadSource, camille: User):
    foreign = make_lead(rival_website)

    refusals = []
    for lead_id in (foreign.pk, uuid4()):
        with pytest.raises(LeadNotFound) as refusal:
            claim_lead(lead_id=lead_id, by=member_of(camille), at=LATER)
        refusals.append(type(refusal.value))

    assert refusals == [LeadNotFound, LeadNotFound]
    with group_scope(foreign.group_id):
        assert Lead.objects.get().owner is None


def test_who_may_only_look_is_told_so(website: LeadSource, rhone: Group, alain: User):
    lead = make_lead(website)
    marketing = make_person(rhone, "Maud Lenoir", Role.MARKETING_MANAGER)

    with pytest.raises(ClaimNotAllowed):
        claim_lead(lead_id=lead.pk, by=member_of(marketing), at=LATER)
    with pytest.raises(LeadNotFound):
        claim_lead(lead_id=lead.pk, by=member_of(alain), at=LATER)


def test_a_lead_in_quarantine_cannot_be_taken(website: LeadSource, claire: User, camille: User):
    lead = make_lead(website, status=LeadStatus.QUARANTINED)

    with pytest.raises(LeadNotFound):
        claim_lead(lead_id=lead.pk, by=member_of(camille), at=LATER)
    with pytest.raises(ClaimNotAllowed):
        claim_lead(lead_id=lead.pk, by=member_of(claire), at=LATER)


def test_what_a_page_offers_is_what_the_update_would_take(
    website: LeadSource, rhone: Group, marseille: Site, camille: User, claire: User, marc: User, diane: User
):
    """The rule stands twice, for one lead and for the database: they must never disagree."""
    marketing = make_person(rhone, "Maud Lenoir", Role.MARKETING_MANAGER)
    for source in (website, make_source(marseille)):
        for status in LeadStatus:
            make_lead(source, status=status, owner=camille)
        make_lead(source)

    for person in (camille, claire, marc, diane, marketing):
        member = member_of(person)
        taken = set(Lead.objects.filter(claimable_by(member)))
        offered = {lead for lead in Lead.objects.all() if may_claim(lead, member)}

        assert offered == taken
        assert bool(offered) is (person != marketing)
