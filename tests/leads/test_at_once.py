"""Many people and many posts in the same instant: one winner, one lead, fair turns. With negative controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, models
from msgspec.structs import replace

from leads.models import Enquiry, IntakeMode, Lead, LeadFingerprint, LeadSource, LeadStatus
from leads.services import AlreadyClaimed, Intake, LeadEnquiry, claim_lead, fingerprints, receive_lead
from sites.access import Member
from sites.models import Group, Site
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, make_lead, make_person, member_of
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CLAIMS = 100
POSTS = 50
MEANWHILE = 0.5  # seconds
PAUL = LeadEnquiry(first_name="Paul", email="paul@example.com", phone="0612345678", message="Bonjour")


@pytest.fixture
def sellers(rhone: Group, lyon: Site) -> list[Member]:
    people = [
        make_person(rhone, f"Seller {n}", Role.SALESPERSON, lyon, email=f"s{n}@rhone.test") for n in range(10)
    ]
    return [member_of(person) for person in people]


def test_100_claims_at_once_have_one_winner(website: LeadSource, sellers: list[Member]):
    lead = make_lead(website)
    claimants = [
        member_of(
            make_person(
                website.site.group, f"Claimant {n}", Role.SALESPERSON, website.site, email=f"c{n}@rhone.test"
            )
        )
        for n in range(CLAIMS)
    ]

    def claim(number: int) -> Lead:
        with group_scope(website.group_id):
            return claim_lead(lead_id=lead.pk, by=claimants[number], at=MONDAY + timedelta(seconds=number))

    outcomes = at_once(CLAIMS, claim)

    winners = [outcome for outcome in outcomes if isinstance(outcome, Lead)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, AlreadyClaimed)]
    assert (len(winners), len(losers)) == (1, CLAIMS - 1)
    assert winners[0].owner is not None
    assert {loser.winner_name for loser in losers} == {winners[0].owner.full_name}
    assert {loser.at for loser in losers} == {winners[0].claimed_at}


def test_control_reading_before_writing_has_many_winners(website: LeadSource, sellers: list[Member]):
    """What the conditional UPDATE prevents: everybody reads « free » before anybody writes."""
    lead = make_lead(website)
    everybody_has_read = Barrier(len(sellers))

    def careless_claim(number: int) -> bool:
        with group_scope(website.group_id):
            seen = Lead.objects.get(pk=lead.pk)
            everybody_has_read.wait()
            if seen.status != LeadStatus.NEW:
                return False
            Lead.objects.filter(pk=lead.pk).update(owner=sellers[number].user, status=LeadStatus.CLAIMED)
            return True

    outcomes = at_once(len(sellers), careless_claim)

    assert outcomes.count(True) == len(sellers)


@pytest.mark.parametrize("key", ["", "the-same-key"])
def test_50_equal_posts_at_once_are_one_lead_and_50_equal_answers(website: LeadSource, key: str):
    outcomes = _post_at_once(website, key)

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    answers = {(outcome.lead_id, outcome.status) for outcome in outcomes if isinstance(outcome, Intake)}
    with group_scope(website.group_id):
        lead = Lead.objects.get()
    assert answers == {(lead.pk, "new")}


def test_control_without_the_unique_constraint_equal_posts_are_many_leads(website: LeadSource):
    """What the constraint prevents: look for the key, find none, write; all of them."""
    everybody_has_looked = Barrier(POSTS)
    digest = fingerprints.digests_of(PAUL)[0]

    def careless_post(number: int) -> bool:
        with group_scope(website.group_id):
            is_known = LeadFingerprint.objects.filter(source=website, digest=digest).exists()
            everybody_has_looked.wait()
            if not is_known:
                lead = make_lead(website)
                LeadFingerprint.objects.create(
                    group_id=website.group_id,
                    source=website,
                    digest=digest,
                    lead_id=lead.pk,
                    expires_at=MONDAY,
                )
            return not is_known

    with without_constraint(LeadFingerprint, "fingerprint_once"):
        outcomes = at_once(POSTS, careless_post)
        with group_scope(website.group_id):
            Lead.objects.all().delete()
            LeadFingerprint.objects.all().delete()

    assert outcomes.count(True) == POSTS


def test_a_claim_waits_for_words_that_are_being_kept(
    website: LeadSource, sellers: list[Member], monkeypatch: pytest.MonkeyPatch
):
    """Otherwise nobody hears of them: the pool is not told, and whoever claims meanwhile is not the owner yet."""
    with group_scope(website.group_id):
        lead_id = receive_lead(source=website, enquiry=PAUL, at=MONDAY).lead_id
    seen_by_claimant: list[list[str]] = []

    def claim() -> None:
        try:
            with group_scope(website.group_id):
                claim_lead(lead_id=lead_id, by=sellers[0], at=MONDAY)
                seen_by_claimant.append([row.message for row in Enquiry.objects.filter(lead=lead_id)])
        finally:
            connection.close()

    claimant = Thread(target=claim)
    create = Enquiry.objects.create

    def create_while_somebody_claims(**fields: Any) -> Enquiry:
        claimant.start()
        claimant.join(MEANWHILE)
        return create(**fields)

    monkeypatch.setattr(Enquiry.objects, "create", create_while_somebody_claims)
    with group_scope(website.group_id):
        receive_lead(source=website, enquiry=replace(PAUL, message="Rappelez-moi vite"), at=MONDAY)
    claimant.join()

    assert seen_by_claimant == [["Rappelez-moi vite"]]


def test_leads_that_arrive_together_go_round_fairly(website: LeadSource, sellers: list[Member]):
    website.mode = IntakeMode.ASSIGNED

    def post(number: int) -> Intake:
        enquiry = LeadEnquiry(email=f"{number}@example.com")
        with group_scope(website.group_id):
            return receive_lead(source=website, enquiry=enquiry, at=MONDAY)

    outcomes = at_once(30, post)

    assert all(isinstance(outcome, Intake) for outcome in outcomes), outcomes
    with group_scope(website.group_id):
        shares = Counter(Lead.objects.values_list("owner_id", flat=True))
    assert set(shares.values()) == {3}
    assert len(shares) == len(sellers)


def _post_at_once(source: LeadSource, key: str) -> list[Intake | Exception]:
    def post(number: int) -> Intake:
        with group_scope(source.group_id):
            return receive_lead(source=source, enquiry=PAUL, at=MONDAY, idempotency_key=key)

    return at_once(POSTS, post)


@contextmanager
def without_constraint(model: type[models.Model], name: str) -> Iterator[None]:
    """The table as it would be if somebody had forgotten the constraint."""
    declared = model._meta.constraints
    constraint = next(found for found in declared if found.name == name)
    model._meta.constraints = [found for found in declared if found.name != name]
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        model._meta.constraints = declared
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)
