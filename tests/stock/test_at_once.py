"""Many at once: one answer stands, one alert rings, one morning is run. With negative controls."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from notifications.models import Event
from sites.models import Group, OpeningHours, Site, User
from sites.roles import Role
from sites.scope import every_group, group_scope
from stock.models import Errand, Morning, Threshold, Transfer, TransferState, WantedMatch
from stock.mornings import due, run
from stock.thresholds import recount
from stock.transferring import OnItsWay, TransferMoved, accept_transfer, receive_transfer, send_vehicle
from stock.wanting import want_car
from tests.cast import MONDAY, make_person, make_vehicle, member_of
from tests.stock.moving import asked, now_is
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE = 20


def keepers(site: Site, number: int) -> list[User]:
    return [
        make_person(site.group, f"Stock {n}", Role.STOCK_MANAGER, site, email=f"stock{n}@rhone.test")
        for n in range(number)
    ]


def test_20_acceptances_at_once_have_one_winner(marseille: Site, lyon: Site, camille: User, rhone: Group):
    members = [member_of(person) for person in keepers(marseille, PEOPLE)]
    transfer = asked(make_vehicle(marseille), lyon, camille)

    def accept(number: int) -> Transfer:
        with group_scope(rhone.pk):
            return accept_transfer(
                transfer_id=transfer.pk, by=members[number], at=MONDAY + timedelta(seconds=number)
            )

    outcomes = at_once(PEOPLE, accept)

    winners = [outcome for outcome in outcomes if isinstance(outcome, Transfer)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, TransferMoved)]
    assert (len(winners), len(losers)) == (1, PEOPLE - 1), outcomes
    stands = now_is(transfer, camille)
    assert {lost.transfer.decided_by for lost in losers} == {stands.decided_by} == {winners[0].decided_by}
    with group_scope(rhone.pk):
        assert Event.objects.filter(type_key="stock.transfer_answered").count() == 1


def test_control_reading_before_writing_has_many_winners(
    marseille: Site, lyon: Site, camille: User, rhone: Group
):
    """What the conditional UPDATE prevents."""
    people = keepers(marseille, 5)
    transfer = asked(make_vehicle(marseille), lyon, camille)
    everybody_has_read = Barrier(len(people))

    def careless(number: int) -> bool:
        with group_scope(rhone.pk):
            seen = Transfer.objects.get(pk=transfer.pk)
            everybody_has_read.wait()
            if not seen.is_asked:
                return False
            Transfer.objects.filter(pk=transfer.pk).update(
                state=TransferState.ACCEPTED, decided_by=people[number], decided_at=MONDAY
            )
            return True

    assert at_once(len(people), careless) == [True] * len(people)


def test_one_vehicle_is_asked_for_once_however_many_want_it(marseille: Site, lyon: Site, rhone: Group):
    people = [
        make_person(rhone, f"Vend {n}", Role.SALESPERSON, lyon, email=f"v{n}@rhone.test") for n in range(10)
    ]
    vehicle = make_vehicle(marseille)

    outcomes = at_once(len(people), lambda number: asked(vehicle, lyon, people[number]))

    assert sum(isinstance(outcome, Transfer) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, OnItsWay) for outcome in outcomes) == len(people) - 1, outcomes


def test_asking_and_receiving_at_once_never_block_each_other(
    marseille: Site, lyon: Site, camille: User, hugo: User, sophie: User, rhone: Group
):
    """Both lock the vehicle first: neither waits for what the other holds."""
    vehicle = make_vehicle(marseille)
    with group_scope(rhone.pk):
        transfer = send_vehicle(vehicle_id=vehicle.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)
    receiver = member_of(sophie)

    def step(number: int) -> object:
        if number % 2:
            return asked(vehicle, lyon, camille)
        with group_scope(rhone.pk):
            return receive_transfer(transfer_id=transfer.pk, mileage=25_000, by=receiver, at=MONDAY)

    outcomes = at_once(8, step)

    names = {type(outcome).__name__ for outcome in outcomes}
    assert names <= {"Transfer", "OnItsWay", "StandsThere"}, outcomes
    assert now_is(transfer, sophie).state == TransferState.RECEIVED
    vehicle.refresh_from_db()
    assert vehicle.site_id == lyon.pk


def test_recounts_at_once_ring_once(lyon: Site, rhone: Group):
    with group_scope(rhone.pk):
        Threshold.objects.create(group=rhone, site=lyon, segment="city", least=2, enough=3)

    def count(_number: int) -> int:
        with group_scope(rhone.pk):
            return recount(at=MONDAY)

    outcomes = at_once(8, count)

    assert sorted(outcomes, key=str) == [0] * 7 + [1], outcomes
    with group_scope(rhone.pk):
        assert Event.objects.filter(type_key="stock.segment_fell_short").count() == 1


def test_two_beats_at_once_run_a_morning_once(lyon: Site, rhone: Group, camille: User):
    with group_scope(rhone.pk):
        for weekday in range(7):
            OpeningHours.objects.create(
                group=rhone, site=lyon, weekday=weekday, opens="09:00", closes="19:00"
            )
        make_vehicle(lyon, arrived_on=MONDAY.date() - timedelta(days=61), updated_at=MONDAY)
        values: dict[str, Any] = {"customer_name": "Paul", "make": "Peugeot", "model": "208"}
        want_car(site_id=lyon.pk, values=values, by=member_of(camille), at=MONDAY)
    with every_group():
        errands = due(at=MONDAY)
    assert len(errands) == len(Errand)

    def beat(number: int) -> bool:
        errand = errands[number % len(errands)]
        with group_scope(rhone.pk):
            return run(errand, at=MONDAY)

    outcomes = at_once(4 * len(errands), beat)

    assert sorted(outcomes, key=str) == [False] * 3 * len(errands) + [True] * len(errands), outcomes
    with group_scope(rhone.pk):
        assert Morning.objects.count() == len(errands)
        told = Event.objects.filter(type_key__in=["stock.vehicles_aged", "stock.matches_found"])
        assert sorted(told.values_list("type_key", flat=True)) == [
            "stock.matches_found",
            "stock.vehicles_aged",
        ]
        assert WantedMatch.objects.get().told_at == MONDAY
