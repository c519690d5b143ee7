"""Transfers that life overtakes: sold while asked for, moved by somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from notifications import escalations
from notifications.models import Notification
from sites.models import Group, OpeningHours, Site, User
from stock.models import Transfer, TransferState, Vehicle, VehicleStatus
from stock.overtaken import settle_overtaken
from stock.services import change_status
from stock.signals import transfer_answered, transfer_ended
from stock.transferring import accept_transfer, send_vehicle
from stock.watching import look
from tests.cast import MONDAY, make_vehicle, member_of
from tests.leads.listening import heard
from tests.stock.moving import asked, now_is, route_all

pytestmark = pytest.mark.usefixtures("in_rhone")

LATER = MONDAY + timedelta(hours=1)


def test_who_asked_hears_that_it_is_sold(
    lyon: Site, marseille: Site, rhone: Group, camille: User, ursule: User, hugo: User
):
    from sites.roles import Role
    from tests.cast import make_person

    seller = make_person(rhone, "Vera Vente", Role.SALES_MANAGER, marseille, email="vera@rhone.test")
    vehicle = make_vehicle(marseille)
    transfer = asked(vehicle, lyon, camille)
    route_all(rhone)

    change_status(
        vehicle_id=vehicle.pk,
        status=VehicleStatus.SOLD,
        by=member_of(seller),
        at=LATER,
        sold_on=LATER.date(),
    )
    look(at=LATER)
    route_all(rhone, at=LATER)

    assert now_is(transfer, camille).state == TransferState.CANCELLED
    answer = Notification.objects.get(event__type_key="stock.transfer_answered")
    assert (answer.user, answer.event.payload["outcome"]) == (camille, "sold")
    question = Notification.objects.get(event__type_key="stock.transfer_asked", user=hugo)
    assert question.closed_at == LATER


def test_what_was_promised_and_is_sold_comes_to_nothing(
    lyon: Site, marseille: Site, camille: User, hugo: User
):
    transfer = asked(make_vehicle(marseille), lyon, camille)
    accept_transfer(transfer_id=transfer.pk, by=member_of(hugo), at=MONDAY)
    Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=LATER)

    with heard(transfer_ended) as facts:
        counts = [settle_overtaken(at=LATER) for _time in range(2)]

    assert counts == [1, 0]
    assert [(fact.outcome, fact.site_id, fact.asker_id) for fact in facts] == [("sold", lyon.pk, camille.pk)]


def test_what_is_under_way_goes_on_although_it_is_sold(lyon: Site, marseille: Site, hugo: User):
    vehicle = make_vehicle(marseille)
    send_vehicle(vehicle_id=vehicle.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)
    Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=LATER)

    assert settle_overtaken(at=LATER) == 0


@pytest.mark.parametrize(
    ("where", "state", "outcome"),
    [("lyon", TransferState.RECEIVED, "arrived"), ("quebec", TransferState.CANCELLED, "elsewhere")],
)
def test_a_vehicle_that_moved_by_other_hands_is_not_waited_for(
    where: str,
    state: TransferState,
    outcome: str,
    lyon: Site,
    marseille: Site,
    camille: User,
    request: pytest.FixtureRequest,
):
    transfer = asked(make_vehicle(marseille), lyon, camille)
    Vehicle.objects.update(site=request.getfixturevalue(where))

    with heard(transfer_answered) as facts:
        settle_overtaken(at=LATER)

    assert now_is(transfer, camille).state == state
    assert [fact.outcome for fact in facts] == [outcome]


def test_one_that_cannot_be_ended_holds_up_no_other(
    lyon: Site, marseille: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    first, second = (asked(make_vehicle(marseille), lyon, camille) for _number in range(2))
    Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=LATER)
    from stock import overtaken
    from stock.transferring import tell_end

    def poisoned(transfer: Transfer, *args: Any, **keywords: Any) -> None:
        if transfer.pk == first.pk:
            raise RuntimeError("a poisoned row")
        tell_end(transfer, *args, **keywords)

    monkeypatch.setattr(overtaken, "tell_end", poisoned)

    assert settle_overtaken(at=LATER) == 1
    assert now_is(first, camille).state == TransferState.ASKED
    assert now_is(second, camille).state == TransferState.CANCELLED


def test_two_open_hours_without_an_answer_are_the_site_managers(
    lyon: Site, marseille: Site, rhone: Group, camille: User, hugo: User
):
    from sites.roles import Role
    from tests.cast import make_person

    manager = make_person(rhone, "Mona Chef", Role.SITE_MANAGER, marseille, email="mona@rhone.test")
    OpeningHours.objects.create(
        group=rhone, site=marseille, weekday=MONDAY.weekday(), opens="09:00", closes="12:00"
    )
    OpeningHours.objects.create(
        group=rhone, site=marseille, weekday=MONDAY.weekday(), opens="14:00", closes="18:00"
    )
    asked(make_vehicle(marseille), lyon, camille)  # at 10:30: an hour and a half before noon
    route_all(rhone)

    def told_by(minutes_after: int) -> set[User]:
        at = MONDAY + timedelta(minutes=minutes_after)
        escalations.tell_unanswered(at=at)
        route_all(rhone, at=at)
        rows = Notification.objects.filter(event__type_key="stock.transfer_left_alone", in_inbox=True)
        return {row.user for row in rows}

    assert told_by(3 * 60 + 59) == set()  # 14:29 in Marseille
    assert told_by(4 * 60) == {manager}  # half past two: half an hour after the break
