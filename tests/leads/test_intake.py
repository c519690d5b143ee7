"""A request comes in: once, handed out as its source says, never dropped."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from core.signals import Fact
from leads.models import Enquiry, IntakeMode, Lead, LeadFingerprint, LeadSource, LeadStatus, Suspicion
from leads.services import IdempotencyKeyReused, LeadEnquiry, VehicleWish, receive_lead
from leads.services.fingerprints import WINDOW
from leads.signals import lead_enquired_again, lead_quarantined, lead_received
from notifications import recording
from sites.models import Site, User
from tests.cast import MONDAY, make_lead, make_source
from tests.leads.listening import heard, recorded

pytestmark = pytest.mark.usefixtures("in_rhone")

PAUL = LeadEnquiry(
    first_name="Paul",
    last_name="Martin",
    email="Paul.Martin@Example.com",
    phone="06 12 34 56 78",
    message="Est-elle toujours disponible ?",
    vehicle=VehicleWish(make="Peugeot", model="208", year=2023),
    campaign={"utm_source": "search"},
)


@pytest.fixture(autouse=True, params=["one statement", "a transaction"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything holds both ways: alone with the recorder, and with a receiver who needs a transaction."""
    if request.param == "one statement":
        yield
    else:
        with heard(lead_received), heard(lead_quarantined):
            yield


def paul(**changes: object) -> LeadEnquiry:
    from msgspec.structs import replace

    return replace(PAUL, **changes)


def test_a_request_becomes_a_lead_in_the_pool(website: LeadSource):
    intake = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    lead = Lead.objects.get(pk=intake.lead_id)
    assert (intake.status, intake.joined) == ("new", False)
    assert (lead.email, lead.phone) == ("paul.martin@example.com", "+33612345678")
    assert (lead.vehicle_label, lead.campaign) == ("Peugeot 208 2023", {"utm_source": "search"})
    assert (lead.owner, lead.received_at, lead.site) == (None, MONDAY, website.site)


def test_a_pool_leads_fact_does_not_give_the_customer_away(website: LeadSource):
    words = "Appelez-moi au 06 12 34 56 78 ou écrivez à paul.martin@example.com"

    with recorded(lead_received) as facts:
        receive_lead(source=website, enquiry=paul(message=words), at=MONDAY)

    assert len(facts) == 1
    assert facts[0].customer_name == "Paul Martin"
    assert "06 12" not in str(facts[0])
    assert "@" not in str(facts[0])


def test_a_nameless_customer_is_not_named_by_his_address(website: LeadSource):
    with recorded(lead_received) as facts:
        receive_lead(source=website, enquiry=paul(first_name="", last_name=""), at=MONDAY)

    assert facts[0].customer_name == "p•••@e•••"


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "FR", "+33612345678"),
        ("(418) 555-0199", "CA", "+14185550199"),
        ("+1 418 555 0199", "FR", "+14185550199"),
        ("call me maybe", "FR", "call me maybe"),
        ("12", "FR", "12"),
    ],
)
def test_a_number_is_read_as_people_of_the_country_write_it(
    website: LeadSource, typed: str, country: str, kept: str
):
    website.site.country = country

    intake = receive_lead(source=website, enquiry=paul(phone=typed), at=MONDAY)

    assert Lead.objects.get(pk=intake.lead_id).phone == kept


def test_the_same_request_again_joins_its_lead(website: LeadSource):
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    with recorded(lead_received) as facts:
        second = receive_lead(source=website, enquiry=PAUL, at=MONDAY + timedelta(minutes=5))

    assert (second.lead_id, second.status, second.joined) == (first.lead_id, "new", True)
    assert Lead.objects.count() == 1
    assert Enquiry.objects.get().lead_id == first.lead_id
    assert facts == []


@pytest.mark.parametrize(
    "changes", [{"phone": ""}, {"email": ""}, {"email": "PAUL.martin@example.com", "phone": "+33612345678"}]
)
def test_a_customer_is_recognised_by_his_address_or_his_number(website: LeadSource, changes: dict[str, str]):
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    second = receive_lead(source=website, enquiry=paul(**changes), at=MONDAY)

    assert second.lead_id == first.lead_id


def test_an_enquiry_that_ties_two_leads_together_joins_the_older(website: LeadSource, time_machine: Any):
    """The older by its id: two that were made in the same millisecond are equally old."""
    time_machine.move_to(MONDAY, tick=False)
    by_email = receive_lead(source=website, enquiry=paul(phone=""), at=MONDAY)
    time_machine.shift(1)
    by_phone = receive_lead(source=website, enquiry=paul(email=""), at=MONDAY)

    with_both = receive_lead(source=website, enquiry=PAUL, at=MONDAY)
    by_phone_again = receive_lead(source=website, enquiry=paul(email=""), at=MONDAY)

    assert by_phone.lead_id != by_email.lead_id
    assert with_both.lead_id == by_phone_again.lead_id == by_email.lead_id


def test_another_car_or_another_website_is_another_lead(website: LeadSource, lyon: Site):
    other_site = make_source(lyon, "Portail")
    receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    receive_lead(source=website, enquiry=paul(vehicle=VehicleWish(make="Renault")), at=MONDAY)
    receive_lead(source=other_site, enquiry=PAUL, at=MONDAY)

    assert Lead.objects.count() == 3


def test_insisting_lengthens_the_window_and_silence_ends_it(website: LeadSource):
    almost = WINDOW - timedelta(minutes=1)
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    within = receive_lead(source=website, enquiry=PAUL, at=MONDAY + almost)
    still_within = receive_lead(source=website, enquiry=PAUL, at=MONDAY + 2 * almost)
    after = receive_lead(source=website, enquiry=PAUL, at=MONDAY + 3 * WINDOW)

    assert within.lead_id == still_within.lead_id == first.lead_id
    assert after.lead_id != first.lead_id


def test_what_was_missing_is_filled_in_by_the_second_request(website: LeadSource):
    first = receive_lead(source=website, enquiry=paul(phone="", last_name=""), at=MONDAY)

    receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    lead = Lead.objects.get(pk=first.lead_id)
    assert (lead.phone, lead.last_name) == ("+33612345678", "Martin")


def test_a_lead_that_is_gone_is_not_joined(website: LeadSource):
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY)
    Lead.objects.filter(pk=first.lead_id).delete()

    second = receive_lead(source=website, enquiry=PAUL, at=MONDAY)
    third = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert second.joined is False
    assert third.lead_id == second.lead_id


@pytest.mark.parametrize(("words", "times"), [("Je passe samedi", 1), (PAUL.message, 0), ("", 0)])
def test_the_owner_hears_of_new_words_only(website: LeadSource, camille: User, words: str, times: int):
    intake = receive_lead(source=website, enquiry=PAUL, at=MONDAY)
    Lead.objects.filter(pk=intake.lead_id).update(owner=camille, status=LeadStatus.CLAIMED)

    with heard(lead_enquired_again) as facts:
        receive_lead(source=website, enquiry=paul(message=words), at=MONDAY)
        receive_lead(source=website, enquiry=paul(message=words), at=MONDAY)

    assert [(fact.owner_id, fact.message) for fact in facts] == [(camille.pk, words)] * times


@pytest.mark.parametrize("words", [PAUL.message, ""])
def test_the_owner_hears_of_a_customer_who_insists_though_he_says_nothing_new(
    website: LeadSource, camille: User, words: str
):
    intake = receive_lead(source=website, enquiry=PAUL, at=MONDAY)
    Lead.objects.filter(pk=intake.lead_id).update(owner=camille, status=LeadStatus.CLAIMED)

    with heard(lead_enquired_again) as facts:
        for minutes in (9, 18, 28, 28):
            receive_lead(source=website, enquiry=paul(message=words), at=MONDAY + timedelta(minutes=minutes))

    assert [fact.occurred_at for fact in facts] == [MONDAY + timedelta(minutes=28)]


def test_nobody_is_told_again_while_the_lead_is_in_the_pool(website: LeadSource):
    receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    with heard(lead_enquired_again) as facts:
        receive_lead(source=website, enquiry=paul(message="Je passe samedi"), at=MONDAY)

    assert facts == []


def test_a_suspect_waits_in_quarantine_and_a_reviewer_hears(website: LeadSource):
    with recorded(lead_received) as leads, recorded(lead_quarantined) as suspects:
        intake = receive_lead(source=website, enquiry=paul(suspicion=Suspicion.HONEYPOT), at=MONDAY)

    assert intake.status == "quarantined"
    assert Lead.objects.get().quarantine_reason == "honeypot"
    assert (len(leads), len(suspects)) == (0, 1)


def test_a_customer_whom_a_trap_caught_gets_through_the_second_time(website: LeadSource):
    caught = receive_lead(source=website, enquiry=paul(suspicion=Suspicion.TOO_FAST), at=MONDAY)

    second = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert second.lead_id != caught.lead_id
    assert second.status == "new"


def test_a_key_that_comes_again_gets_its_first_answer(website: LeadSource, camille: User):
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY, idempotency_key="k1")
    Lead.objects.update(owner=camille, status=LeadStatus.CLAIMED)

    again = receive_lead(source=website, enquiry=PAUL, at=MONDAY, idempotency_key="k1")

    assert (again.lead_id, again.status) == (first.lead_id, "new")
    assert not Enquiry.objects.exists()


def test_a_key_with_another_body_is_refused_and_nothing_is_kept(website: LeadSource):
    receive_lead(source=website, enquiry=PAUL, at=MONDAY, idempotency_key="k1")

    with pytest.raises(IdempotencyKeyReused):
        receive_lead(source=website, enquiry=paul(email="x@example.com"), at=MONDAY, idempotency_key="k1")

    assert Lead.objects.count() == 1


def test_two_sources_may_use_the_same_key(website: LeadSource, lyon: Site):
    first = receive_lead(source=website, enquiry=PAUL, at=MONDAY, idempotency_key="k1")

    second = receive_lead(source=make_source(lyon), enquiry=PAUL, at=MONDAY, idempotency_key="k1")

    assert second.lead_id != first.lead_id


def test_a_lead_whose_fact_cannot_be_recorded_is_not_kept(website: LeadSource):
    def refuse(fact: Fact) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError), heard(lead_received, then=refuse):
        receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert not Lead.objects.exists()


def test_a_lead_whose_event_cannot_be_written_is_not_kept(
    website: LeadSource, monkeypatch: pytest.MonkeyPatch
):
    row = recording._row
    monkeypatch.setattr(recording, "_row", lambda *of: {**row(*of), "type_key": None})

    with pytest.raises(IntegrityError), transaction.atomic():
        receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert not Lead.objects.exists()
    assert not LeadFingerprint.objects.exists()


def test_assigned_leads_go_round_among_those_present(website: LeadSource, camille: User, karim: User):
    website.mode = IntakeMode.ASSIGNED

    owners = [_owner_of_next(website, number) for number in range(4)]
    karim.is_present = False
    karim.save()
    owners += [_owner_of_next(website, number) for number in range(4, 6)]

    assert owners == [camille.pk, karim.pk, camille.pk, karim.pk, camille.pk, camille.pk]


def test_who_comes_back_gets_one_turn_and_not_all_that_he_missed(
    website: LeadSource, camille: User, karim: User
):
    website.mode = IntakeMode.ASSIGNED
    karim.is_present = False
    karim.save()
    for number in range(3):
        _owner_of_next(website, number)

    karim.is_present = True
    karim.save()
    owners = [_owner_of_next(website, number) for number in range(3, 6)]

    assert owners == [karim.pk, camille.pk, karim.pk]


def test_only_this_sites_salespeople_take_part(
    website: LeadSource, camille: User, marc: User, claire: User, alain: User
):
    website.mode = IntakeMode.ASSIGNED

    owners = {_owner_of_next(website, number) for number in range(3)}

    assert owners == {camille.pk}


def test_with_nobody_present_a_lead_goes_to_the_pool(website: LeadSource):
    website.mode = IntakeMode.ASSIGNED

    with recorded(lead_received) as facts:
        intake = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert intake.status == "new"
    assert facts[0].assignee_id is None


def test_an_assignee_is_told_the_number_at_once(website: LeadSource, camille: User):
    website.mode = IntakeMode.ASSIGNED

    with recorded(lead_received) as facts:
        intake = receive_lead(source=website, enquiry=PAUL, at=MONDAY)

    assert intake.status == "assigned"
    assert (facts[0].assignee_id, facts[0].phone) == (camille.pk, "+33612345678")


def test_public_ids_are_in_the_order_of_arrival(website: LeadSource):
    leads = [make_lead(website) for _ in range(3)]

    assert all(isinstance(lead.pk, UUID) for lead in leads)
    assert leads == sorted(leads, key=lambda lead: str(lead.pk)[:13])


def _owner_of_next(source: LeadSource, number: int) -> int | None:
    intake = receive_lead(source=source, enquiry=paul(email=f"{number}@example.com", phone=""), at=MONDAY)
    return Lead.objects.get(pk=intake.lead_id).owner_id
