"""The story of a lead, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from leads.models import Enquiry, Lead, LeadSource, LeadStatus
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


def again(lead: Lead, **given: str) -> Enquiry:
    """The same customer, ten minutes later; what was given otherwise."""
    payload = {"first_name": "Paul", "last_name": "Martin", "phone": lead.phone, "email": lead.email, **given}
    return Enquiry(
        lead=lead,
        received_at=MONDAY + timedelta(minutes=10),
        message=payload.pop("message", ""),
        payload=payload,
    )


def test_another_name_and_another_number_are_told(website: LeadSource):
    lead = make_lead(
        website, first_name="Paul", last_name="Martin", phone="+33612345678", email="p@example.com"
    )
    other = again(
        lead, first_name="Lucie", phone="+33698765432", email="lucie@example.com", message="Alors ?"
    )

    said = timeline_of(lead, [other])[-1].text

    assert said.split("\n") == [
        "Alors ?",
        "Au nom de Lucie Martin",
        "Autre numéro : 06 98 76 54 32",
        "Autre adresse : lucie@example.com",
    ]


def test_what_is_the_same_is_not_said_twice(website: LeadSource):
    lead = make_lead(
        website, first_name="Paul", last_name="Martin", phone="+33612345678", email="p@example.com"
    )

    assert timeline_of(lead, [again(lead)])[-1].text == ""


def test_before_the_lead_is_taken_nothing_in_it_reaches_the_customer(website: LeadSource):
    lead = make_lead(
        website, first_name="Paul", last_name="Martin", phone="+33612345678", email="p@example.com"
    )
    other = again(
        lead,
        first_name="Lucie",
        phone="+33698765432",
        email="lucie@example.com",
        message="Mon 06 98 76 54 32",
    )

    said = timeline_of(lead, [other], shows_contact=False)[-1].text

    assert said == "Mon •••\nAu nom de Lucie Martin"


@pytest.mark.parametrize(
    ("known", "given"), [("Paul 0612345678", "Paul 0612345678"), ("Paul Martin", "martin"), ("Paul", "paul")]
)
def test_his_own_name_or_a_part_of_it_is_no_other_name(website: LeadSource, known: str, given: str):
    lead = make_lead(website, first_name=known, last_name="", phone="+33612345678", email="p@example.com")

    said = timeline_of(lead, [again(lead, first_name=given, last_name="")], shows_contact=False)[-1].text

    assert said == ""


def test_what_was_kept_in_another_form_says_only_the_words(website: LeadSource):
    lead = make_lead(website, first_name="Paul", last_name="Martin")
    odd = Enquiry(
        lead=lead, received_at=MONDAY, message="Alors ?", payload={"suspicion": "of old", "phone": 6}
    )

    assert timeline_of(lead, [odd])[-1].text == "Alors ?"
