"""What a trap caught is judged by a person, once, and never dropped."""

from datetime import timedelta

import pytest

from leads.models import IntakeMode, Lead, LeadSource, LeadStatus
from leads.services import AlreadyReviewed, LeadNotFound, confirm_spam, release_from_quarantine
from leads.signals import lead_received, lead_released
from sites.models import User
from tests.cast import MONDAY, make_lead, member_of
from tests.leads.listening import heard

pytestmark = pytest.mark.usefixtures("in_rhone")

LATER = MONDAY + timedelta(hours=1)


def suspect(source: LeadSource, status: LeadStatus = LeadStatus.QUARANTINED) -> Lead:
    return make_lead(source, status=status, quarantine_reason="honeypot")


def test_a_released_request_becomes_a_lead_like_any_other(website: LeadSource, claire: User):
    caught = suspect(website)

    with heard(lead_received) as received, heard(lead_released) as released:
        lead = release_from_quarantine(lead_id=caught.pk, by=member_of(claire), at=LATER)

    lead.refresh_from_db()
    assert (lead.status, lead.reviewed_by, lead.reviewed_at) == (LeadStatus.NEW, claire, LATER)
    assert [fact.occurred_at for fact in received] == [LATER]
    assert len(released) == 1


def test_a_released_request_of_an_assigning_source_gets_an_owner(
    website: LeadSource, claire: User, camille: User
):
    LeadSource.objects.update(mode=IntakeMode.ASSIGNED)
    caught = suspect(website)

    release_from_quarantine(lead_id=caught.pk, by=member_of(claire), at=LATER)

    lead = Lead.objects.get()
    assert (lead.status, lead.owner, lead.assigned_at) == (LeadStatus.ASSIGNED, camille, LATER)


def test_confirmed_spam_is_kept_and_tells_nobody_of_a_lead(website: LeadSource, claire: User):
    caught = suspect(website)

    with heard(lead_received) as received, heard(lead_released) as released:
        confirm_spam(lead_id=caught.pk, by=member_of(claire), at=LATER)

    assert Lead.objects.get().status == LeadStatus.SPAM
    assert (len(received), len(released)) == (0, 1)


def test_spam_that_was_none_can_still_be_released(website: LeadSource, claire: User):
    caught = suspect(website, LeadStatus.SPAM)

    lead = release_from_quarantine(lead_id=caught.pk, by=member_of(claire), at=LATER)

    assert lead.status == LeadStatus.NEW


@pytest.mark.parametrize("judge", [release_from_quarantine, confirm_spam])
def test_the_second_reviewer_finds_it_decided(website: LeadSource, claire: User, remy: User, judge):
    caught = suspect(website)
    release_from_quarantine(lead_id=caught.pk, by=member_of(claire), at=LATER)

    with heard(lead_received) as received, pytest.raises(AlreadyReviewed):
        judge(lead_id=caught.pk, by=member_of(remy), at=LATER)

    assert received == []


@pytest.mark.parametrize("judge", [release_from_quarantine, confirm_spam])
def test_a_salesperson_does_not_review(website: LeadSource, camille: User, judge):
    caught = suspect(website)

    with pytest.raises(LeadNotFound):
        judge(lead_id=caught.pk, by=member_of(camille), at=LATER)

    assert Lead.objects.get().status == LeadStatus.QUARANTINED
