"""The story of a lead, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from leads.models import Enquiry, LeadSource, LeadStatus
from leads.timeline import timeline_of
from sites.models import User
from tests.cast import MONDAY, make_lead

pytestmark = pytest.mark.usefixtures("in_rhone")


def test_a_new_lead_has_one_step(website: LeadSource):
    lead = make_lead(website)

    steps = timeline_of(lead, [])

    assert [step.text for step in steps] == ["Site web Lyon"]


def test_the_claim_says_how_long_the_customer_waited(camille: User, website: LeadSource):
    lead = make_lead(
        website, status=LeadStatus.CLAIMED, owner=camille, claimed_at=MONDAY + timedelta(minutes=7)
    )

    taken = timeline_of(lead, [])[-1]

    assert (taken.text, taken.minutes) == ("Camille Durand", 7)


def test_what_the_customer_sent_later_stands_where_it_belongs(camille: User, website: LeadSource):
    lead = make_lead(
        website, status=LeadStatus.CLAIMED, owner=camille, claimed_at=MONDAY + timedelta(minutes=30)
    )
    again = Enquiry(lead=lead, received_at=MONDAY + timedelta(minutes=5), message="Alors ?", payload={})

    with translation.override("en"):
        titles = [step.title for step in timeline_of(lead, [again])]

    assert titles == ["Request received", "The customer wrote again", "Taken"]
