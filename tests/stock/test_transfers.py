"""A vehicle changes site: asked for, given or kept, sent, received. It is never on two sites, and never on none."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from notifications.models import Notification
from sites.models import Group, Site, User
from sites.scope import group_scope
from stock import transferring as flow
from stock.models import Transfer, TransferState, Vehicle, VehicleChange, VehicleStatus
from stock.services.refusals import OtherCurrency, StockNotAllowed, VehicleGone, VehicleNotFound
from stock.signals import transfer_answered, transfer_asked, transfer_ended, transfer_started
from tests.cast import MONDAY, make_vehicle, member_of
from tests.leads.listening import heard
from tests.stock.moving import asked, now_is, route_all

pytestmark = pytest.mark.usefixtures("in_rhone")

LATER = MONDAY + timedelta(minutes=20)


@pytest.fixture
def clio(marseille: Site) -> Vehicle:
    """It stands in Marseille."""
    return make_vehicle(marseille, make="Renault", model="Clio", stock_number="M-7")


def test_who_asks_is_heard_where_the_vehicle_stands(
    clio: Vehicle, lyon: Site, marseille: Site, camille: User, hugo: User, sophie: User, rhone: Group
):
    with heard(transfer_asked) as facts:
        transfer = asked(clio, lyon, camille, reason="Essai samedi", customer_name="Paul Martin")
    route_all(rhone)

    assert (transfer.state, transfer.from_site, transfer.to_site) == (TransferState.ASKED, marseille, lyon)
    assert [(fact.site_id, fact.asker_id, fact.to_name) for fact in facts] == [
        (marseille.pk, camille.pk, "Lyon")
    ]
    told = Notification.objects.filter(event__type_key="stock.transfer_asked", in_inbox=True)
    assert [one.user for one in told] == [hugo]


def test_the_answer_reaches_the_asker_and_ends_the_question(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, rhone: Group
):
    transfer = asked(clio, lyon, camille)
    route_all(rhone)

    flow.accept_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)
    route_all(rhone)

    question = Notification.objects.get(event__type_key="stock.transfer_asked", user=hugo)
    assert (question.closed_at is not None, question.acted_at is not None) == (True, True)
    answer = Notification.objects.get(event__type_key="stock.transfer_answered")
    assert (answer.user, answer.in_inbox) == (camille, True)
    assert now_is(transfer, camille).state == TransferState.ACCEPTED


def test_a_refusal_carries_its_sentence(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    transfer = asked(clio, lyon, camille)

    with heard(transfer_answered) as facts:
        flow.refuse_transfer(
            transfer_id=transfer.pk, by=member_of(hugo), at=LATER, answer="Réservée ce matin."
        )

    assert [(fact.outcome, fact.answer, fact.by_name) for fact in facts] == [
        ("refused", "Réservée ce matin.", "Hugo Ferrand")
    ]
    assert now_is(transfer, camille).answer == "Réservée ce matin."


def test_the_vehicle_moves_on_arrival_and_not_before(
    clio: Vehicle, lyon: Site, marseille: Site, camille: User, hugo: User, sophie: User
):
    transfer = asked(clio, lyon, camille)
    flow.accept_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)
    stood = [Vehicle.objects.get().site]
    flow.start_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)
    stood.append(Vehicle.objects.get().site)

    with heard(transfer_ended) as facts:
        flow.receive_transfer(transfer_id=transfer.pk, mileage=24_900, by=member_of(sophie), at=LATER)

    vehicle = Vehicle.objects.get()
    assert stood == [marseille, marseille]
    assert (vehicle.site, vehicle.mileage) == (lyon, 24_900)
    assert [(fact.outcome, fact.site_id) for fact in facts] == [("received", marseille.pk)]
    changed: set[str] = set().union(*VehicleChange.objects.values_list("changes", flat=True))
    assert {"site", "mileage"} <= changed


def test_both_sides_hear_of_the_journey(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, sophie: User, rhone: Group
):
    transfer = asked(clio, lyon, camille)
    flow.start_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)
    flow.receive_transfer(transfer_id=transfer.pk, mileage=25_000, by=member_of(sophie), at=LATER)
    route_all(rhone)

    def who(key: str) -> set[User]:
        rows = Notification.objects.filter(event__type_key=key, in_inbox=True)
        return {row.user for row in rows}

    assert who("stock.transfer_started") == {sophie, camille}
    assert who("stock.transfer_ended") == {hugo, camille}
    assert who("stock.transfer_answered") == set()  # she hears that it left: that is the answer


def test_a_site_sends_a_vehicle_unasked(clio: Vehicle, lyon: Site, hugo: User, sophie: User, rhone: Group):
    with heard(transfer_started) as facts:
        transfer = flow.send_vehicle(
            vehicle_id=clio.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY, expected_on=LATER.date()
        )
    route_all(rhone)

    assert transfer.state == TransferState.UNDER_WAY
    assert [fact.site_id for fact in facts] == [lyon.pk]
    told = Notification.objects.filter(event__type_key="stock.transfer_started", in_inbox=True)
    assert [one.user for one in told] == [sophie]


def test_sending_it_where_it_is_asked_for_answers_the_question(
    clio: Vehicle, lyon: Site, camille: User, hugo: User
):
    transfer = asked(clio, lyon, camille)

    sent = flow.send_vehicle(vehicle_id=clio.pk, to_site_id=lyon.pk, by=member_of(hugo), at=LATER)

    assert sent.pk == transfer.pk
    assert (sent.state, sent.decided_by, sent.asked_by) == (TransferState.UNDER_WAY, hugo, camille)


def test_a_vehicle_that_is_asked_for_is_not_asked_for_again(
    clio: Vehicle, lyon: Site, camille: User, karim: User
):
    first = asked(clio, lyon, camille)

    with heard(transfer_asked) as facts, pytest.raises(flow.OnItsWay) as refusal:
        asked(clio, lyon, karim)

    assert (refusal.value.transfer, refusal.value.transfer.asked_by) == (first, camille)
    assert facts == []


def test_the_database_refuses_a_second_open_transfer(
    clio: Vehicle, lyon: Site, marseille: Site, camille: User
):
    """The wall behind the service: a control that the constraint is there."""
    transfer = asked(clio, lyon, camille)

    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.create(
            group_id=clio.group_id,
            vehicle=clio,
            from_site=marseille,
            to_site=lyon,
            asked_by=camille,
            asked_at=MONDAY,
        )
    assert list(Transfer.objects.all()) == [transfer]


@pytest.mark.parametrize("status", [VehicleStatus.SOLD, VehicleStatus.DELIVERED, VehicleStatus.WITHDRAWN])
def test_what_is_gone_does_not_change_site(
    status: VehicleStatus, lyon: Site, marseille: Site, camille: User, hugo: User
):
    gone = make_vehicle(marseille, status=status, sold_at=MONDAY)

    with pytest.raises(VehicleGone):
        asked(gone, lyon, camille)
    with pytest.raises(VehicleGone):
        flow.send_vehicle(vehicle_id=gone.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)


def test_what_was_sold_after_the_question_is_neither_promised_nor_sent(
    clio: Vehicle, lyon: Site, camille: User, hugo: User
):
    transfer = asked(clio, lyon, camille)
    Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=LATER)

    for step in (flow.accept_transfer, flow.start_transfer):
        with pytest.raises(VehicleGone):
            step(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)


def test_what_was_sold_on_its_way_arrives_all_the_same(clio: Vehicle, lyon: Site, hugo: User, sophie: User):
    transfer = flow.send_vehicle(vehicle_id=clio.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)
    Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=LATER)

    flow.receive_transfer(transfer_id=transfer.pk, mileage=24_600, by=member_of(sophie), at=LATER)

    assert Vehicle.objects.get().site == lyon


def test_no_vehicle_arrives_with_fewer_kilometres(clio: Vehicle, lyon: Site, hugo: User, sophie: User):
    transfer = flow.send_vehicle(vehicle_id=clio.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)

    with pytest.raises(flow.MileageTooLow) as refusal:
        flow.receive_transfer(transfer_id=transfer.pk, mileage=2_490, by=member_of(sophie), at=LATER)

    assert refusal.value.known == 24_500
    assert now_is(transfer, hugo).state == TransferState.UNDER_WAY


def test_a_vehicle_stays_where_it_stands_and_in_its_country(
    clio: Vehicle, marseille: Site, quebec: Site, diane: User
):
    with pytest.raises(flow.StandsThere):
        asked(clio, marseille, diane)
    with pytest.raises(OtherCurrency):
        asked(clio, quebec, diane)


def test_who_may_only_look_does_nothing(
    clio: Vehicle, lyon: Site, marseille: Site, camille: User, alain: User, hugo: User, sophie: User
):
    transfer = asked(clio, lyon, camille)

    with pytest.raises(StockNotAllowed):
        asked(make_vehicle(marseille), lyon, alain)  # sees the stock, asks for nothing
    with pytest.raises(StockNotAllowed):
        asked(make_vehicle(marseille), lyon, hugo)  # not for somebody else's site
    for step in (flow.accept_transfer, flow.refuse_transfer, flow.start_transfer):
        with pytest.raises(StockNotAllowed):
            step(transfer_id=transfer.pk, by=member_of(sophie), at=LATER)  # it stands in Marseille
    with pytest.raises(StockNotAllowed):
        flow.receive_transfer(transfer_id=transfer.pk, mileage=30_000, by=member_of(hugo), at=LATER)
    with pytest.raises(StockNotAllowed):
        flow.cancel_transfer(transfer_id=transfer.pk, by=member_of(alain), at=LATER)


def test_a_rivals_vehicle_and_transfer_are_missing_like_none(
    rival: Group, rival_site: Site, lyon: Site, rita: User, camille: User, hugo: User
):
    foreign = make_vehicle(rival_site)
    with group_scope(rival.pk):
        theirs = Transfer.objects.create(
            group=rival, vehicle=foreign, from_site=rival_site, to_site=lyon, asked_by=rita, asked_at=MONDAY
        )

    for vehicle_id in (foreign.pk, uuid4()):
        with pytest.raises(VehicleNotFound):
            flow.ask_for_vehicle(vehicle_id=vehicle_id, to_site_id=lyon.pk, by=member_of(camille), at=MONDAY)
    for transfer_id in (theirs.pk, uuid4()):
        with pytest.raises(flow.TransferNotFound):
            flow.accept_transfer(transfer_id=transfer_id, by=member_of(hugo), at=MONDAY)


def test_a_rivals_site_is_missing(clio: Vehicle, rival_site: Site, diane: User):
    with pytest.raises(flow.SiteNotFound):
        asked(clio, rival_site, diane)


def test_the_second_answer_learns_what_stands(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, diane: User
):
    transfer = asked(clio, lyon, camille)
    flow.accept_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER)

    again = flow.accept_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=LATER + timedelta(hours=1))
    with heard(transfer_answered) as facts, pytest.raises(flow.TransferMoved) as refusal:
        flow.refuse_transfer(transfer_id=transfer.pk, by=member_of(diane), at=LATER)

    assert again.decided_at == LATER
    stands = refusal.value.transfer
    assert (stands.state, stands.decided_by, stands.decided_at) == (TransferState.ACCEPTED, hugo, LATER)
    assert facts == []


@pytest.mark.parametrize(
    ("who", "state", "may"),
    [
        ("camille", TransferState.ASKED, True),
        ("camille", TransferState.ACCEPTED, True),
        ("camille", TransferState.UNDER_WAY, False),
        ("karim", TransferState.ASKED, False),
        ("hugo", TransferState.ASKED, False),  # he refuses it, with a sentence
        ("hugo", TransferState.ACCEPTED, True),
        ("hugo", TransferState.UNDER_WAY, True),
        ("sophie", TransferState.ASKED, True),
        ("sophie", TransferState.UNDER_WAY, True),
        ("sophie", TransferState.RECEIVED, False),
    ],
)
def test_who_may_call_it_off_and_until_when(
    who: str, state: TransferState, may: bool, clio: Vehicle, lyon: Site, request: pytest.FixtureRequest
):
    people = {name: request.getfixturevalue(name) for name in ("camille", "karim", "hugo", "sophie")}
    transfer = asked(clio, lyon, people["camille"])
    Transfer.objects.update(state=state)

    offered = flow.may_cancel(now_is(transfer, people[who]), member_of(people[who]))
    try:
        flow.cancel_transfer(transfer_id=transfer.pk, by=member_of(people[who]), at=LATER)
        done = True
    except (StockNotAllowed, flow.TransferMoved):
        done = False

    assert (offered, done) == (may, may)


def test_calling_off_a_question_tells_whom_it_was_put_to(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, rhone: Group
):
    transfer = asked(clio, lyon, camille)
    route_all(rhone)

    flow.cancel_transfer(transfer_id=transfer.pk, by=member_of(camille), at=LATER)
    route_all(rhone)

    question = Notification.objects.get(event__type_key="stock.transfer_asked", user=hugo)
    assert question.closed_at is not None
    assert not Notification.objects.filter(user=camille, in_inbox=True).exists()  # her own doing
