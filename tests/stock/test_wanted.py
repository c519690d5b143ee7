"""What customers look for is found at each arrival, and told once, in the morning."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Notification
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from stock import wanting
from stock.matching import fitting, match, match_new_searches, wish_of, wishes_for
from stock.models import Fuel, Gearbox, Segment, Vehicle, VehicleStatus, WantedCar, WantedMatch, WantedState
from stock.services.refusals import StockNotAllowed
from stock.signals import matches_found
from stock.wanting import change_wanted, dismiss_match, end_wanted, tell_matches, visible_wanted, want_car
from tests.cast import MONDAY, make_person, make_vehicle, member_of
from tests.leads.listening import heard
from tests.stock.moving import route_all

pytestmark = pytest.mark.usefixtures("in_rhone")

TODAY = MONDAY.date()
TOMORROW = MONDAY + timedelta(days=1)


def wants(site: Site, by: User, make: str = "Peugeot", model: str = "208", **fields: Any) -> WantedCar:
    values = {"customer_name": "Paul Martin", "make": make, "model": model, **fields}
    with group_scope(site.group_id):
        return want_car(site_id=site.pk, values=values, by=member_of(by), at=MONDAY)


def found(day: date = TODAY) -> set[tuple[str, str]]:
    """(customer, vehicle) of every match, after all vehicles were held against all searches."""
    match(Vehicle.objects.all(), day=day, at=MONDAY)
    pairs = WantedMatch.objects.values_list("wanted__customer_name", "vehicle__model")
    return set(pairs)


def tell(site: Site, at: Any = MONDAY) -> list[Any]:
    with heard(matches_found) as facts:
        tell_matches(site, day=at.date(), since=at - timedelta(hours=9), at=at)
    return facts


@pytest.mark.parametrize(
    ("make", "model", "name", "fits"),
    [
        ("Peugeot", "208", ("Peugeot", "208", "1.2 PureTech"), True),
        ("PEUGEOT", "208", ("peugeot", "208", ""), True),
        ("Citroën", "C3", ("CITROEN", "C3", ""), True),
        ("citroen", "c3", ("Citroën", "C3 Aircross", ""), True),
        ("Peugeot", "208", ("Peugeot", "2008", ""), False),
        ("Peugeot", "20", ("Peugeot", "208", ""), False),
        ("Mercedes", "Classe A", ("Mercedes-Benz", "Classe A", ""), True),
        ("Mercedes-Benz", "Classe A", ("MERCEDES BENZ", "CLASSE A", ""), True),
        ("VW", "Golf", ("Volkswagen", "Golf VII", ""), True),
        ("Land", "", ("Land Rover", "Defender", ""), True),
        ("", "Clio", ("Renault", "Clio V", ""), True),
        ("Renault", "", ("Renault", "Twingo", ""), True),
        ("Peugeot", "208 GTI", ("Peugeot", "208", "1.6 THP GTi"), True),
        ("Volkswagen", "T-Roc", ("VW", "T Roc", ""), False),  # a feed learns « VW » once; here nobody has
        ("Volkswagen", "T-Roc", ("Volkswagen", "T Roc", ""), True),
        ("Peugeot", "Allure", ("Peugeot", "208", "Allure"), False),
    ],
)
def test_names_are_compared_as_people_write_them(make: str, model: str, name: Any, fits: bool):
    assert (wish_of(make, model) in wishes_for(name)) is fits


@pytest.mark.parametrize(
    ("search", "vehicle", "fits"),
    [
        ({"max_price": 15_990_00}, {}, True),
        ({"max_price": 15_989_99}, {}, False),
        ({"max_price": 10_000_00}, {"price": None}, True),
        ({"max_mileage": 24_500}, {}, True),
        ({"max_mileage": 24_499}, {}, False),
        ({"max_mileage": 100}, {"mileage": None}, True),
        ({"fuel": Fuel.PETROL}, {}, True),
        ({"fuel": Fuel.DIESEL}, {}, False),
        ({"fuel": Fuel.DIESEL}, {"fuel": ""}, True),
        ({"gearbox": Gearbox.AUTOMATIC}, {}, False),
        ({"gearbox": Gearbox.AUTOMATIC}, {"gearbox": ""}, True),
        ({"min_year": 2023}, {}, True),
        ({"min_year": 2024}, {}, False),
        ({"min_year": 2022}, {"year": None, "first_registration": date(2021, 12, 31)}, False),
        ({"min_year": 2021}, {"year": None, "first_registration": date(2021, 12, 31)}, True),
        ({"min_year": 2024}, {"year": None}, True),
        ({"segment": Segment.SUV}, {}, False),
        ({"segment": Segment.CITY, "make": "", "model": ""}, {}, True),
        ({"segment": Segment.CITY}, {"segment": ""}, False),
        ({"ends_on": TODAY}, {}, True),
        ({"ends_on": TODAY - timedelta(days=1)}, {}, False),
        ({}, {"status": VehicleStatus.RESERVED}, False),
        ({}, {"status": VehicleStatus.SOLD, "sold_at": MONDAY}, False),
        ({}, {"status": VehicleStatus.ORDERED}, True),
    ],
)
def test_every_limit_of_a_search_holds(
    search: dict[str, Any], vehicle: dict[str, Any], fits: bool, lyon: Site, camille: User
):
    make_vehicle(lyon, **vehicle)
    wants(lyon, camille, **search)

    assert bool(found()) is fits


def test_what_was_kept_is_what_still_fits(lyon: Site, marseille: Site, quebec: Site, camille: User):
    """The rule stands twice, in the join and for rows that exist: they must never disagree."""
    Site.objects.filter(pk=lyon.pk).update(latitude=45.764, longitude=4.836)
    Site.objects.filter(pk=marseille.pk).update(latitude=43.296, longitude=5.370)
    for site, price, mileage, fuel, year in product(
        (lyon, marseille, quebec), (9_000_00, 21_000_00, None), (10, 90_000), (Fuel.DIESEL, ""), (2019, None)
    ):
        make_vehicle(site, price=price, mileage=mileage, fuel=fuel, year=year)
    for most, km, fuel, year, (elsewhere, away) in product(
        (None, 15_000_00),
        (None, 50_000),
        ("", Fuel.DIESEL, Fuel.PETROL),
        (None, 2022),
        ((True, None), (True, 100), (True, 300), (False, None)),
    ):
        limits: dict[str, Any] = {"max_price": most, "max_mileage": km, "fuel": fuel, "min_year": year}
        wants(lyon, camille, **limits, elsewhere=elsewhere, max_distance=away)

    kept = match(Vehicle.objects.all(), day=TODAY, at=MONDAY)
    every_pair = [
        WantedMatch(group_id=lyon.group_id, wanted=wanted, vehicle=vehicle, found_at=MONDAY)
        for wanted, vehicle in product(WantedCar.objects.all(), Vehicle.objects.exclude(site__country="CA"))
    ]
    by_join = set(WantedMatch.objects.values_list("wanted_id", "vehicle_id"))
    WantedMatch.objects.all().delete()
    WantedMatch.objects.bulk_create(every_pair)
    by_row = set(fitting(WantedMatch.objects.all()).values_list("wanted_id", "vehicle_id"))

    assert by_join == by_row
    assert 0 < kept == len(by_join) < len(every_pair)


def test_elsewhere_is_a_choice_and_another_country_is_none(
    lyon: Site, marseille: Site, quebec: Site, camille: User
):
    make_vehicle(marseille, model="208")
    make_vehicle(quebec, model="208 Québec")
    wants(lyon, camille, customer_name="Anywhere")
    wants(lyon, camille, customer_name="Here", elsewhere=False)

    assert found() == {("Anywhere", "208")}


@pytest.mark.parametrize(
    ("here", "there", "far"), [(True, True, False), (True, False, True), (False, False, True)]
)
def test_a_customer_goes_no_further_and_an_unknown_way_is_no_hindrance(
    here: bool, there: bool, far: bool, lyon: Site, marseille: Site, camille: User
):
    """Lyon to Marseille is 278 km; a site without a place may be near."""
    if here:
        Site.objects.filter(pk=lyon.pk).update(latitude=45.764, longitude=4.836)
    if there:
        Site.objects.filter(pk=marseille.pk).update(latitude=43.296, longitude=5.370)
    make_vehicle(marseille)
    wants(lyon, camille, max_distance=200)

    assert bool(found()) is far


def test_a_rivals_stock_and_searches_stay_its_own(
    lyon: Site, rival: Group, rival_site: Site, rita: User, camille: User
):
    make_vehicle(rival_site)
    wants(lyon, camille)
    wants(rival_site, rita)

    assert found() == set()
    with group_scope(rival.pk):
        assert len(found()) == 1


def test_matching_again_adds_nothing(lyon: Site, camille: User):
    make_vehicle(lyon)
    wants(lyon, camille)

    counts = [match(Vehicle.objects.all(), day=TODAY, at=MONDAY) for _time in range(2)]

    assert counts == [1, 0]


def test_a_new_search_is_held_against_the_stock_once(lyon: Site, camille: User):
    make_vehicle(lyon)
    wanted = wants(lyon, camille)

    counts = [match_new_searches(day=TODAY, at=MONDAY) for _time in range(2)]

    assert counts == [1, 0]
    wanted.refresh_from_db()
    assert wanted.matched_at == MONDAY


def test_no_query_a_search(lyon: Site, camille: User):
    def queries() -> int:
        WantedMatch.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            match(Vehicle.objects.all(), day=TODAY, at=MONDAY)
        return len(captured)

    make_vehicle(lyon)
    wants(lyon, camille)
    for_one = queries()
    for model in ("208", "308", "Clio", "C3"):
        make_vehicle(lyon, model=model)
        wants(lyon, camille, model=model)

    assert queries() == for_one


def test_one_alert_a_morning_with_each_match_told_once(lyon: Site, camille: User, karim: User, rhone: Group):
    for price in (15_000_00, 14_000_00):
        make_vehicle(lyon, price=price)
    wants(lyon, camille, customer_name="Paul Martin")
    wants(lyon, camille, customer_name="Inès Roux", max_price=14_500_00)
    wants(lyon, karim, customer_name="Jean Petit", make="Renault", model="")
    found()

    first, second = tell(lyon), tell(lyon, TOMORROW)
    route_all(rhone)

    assert [(fact.salesperson_id, fact.count, fact.searches) for fact in first] == [(camille.pk, 2, 2)]
    assert second == []
    told = Notification.objects.filter(event__type_key="stock.matches_found")
    assert [one.user for one in told] == [camille]


def test_namesakes_are_two_people(lyon: Site, rhone: Group):
    """Three searches of each, in turn: still one alert a person."""
    namesakes = [
        make_person(rhone, "Jean Martin", Role.SALESPERSON, lyon, email=f"jean{number}@rhone.test")
        for number in range(2)
    ]
    make_vehicle(lyon)
    for _turn in range(3):
        for person in namesakes:
            wants(lyon, person)
    found()

    assert sorted(fact.salesperson_id for fact in tell(lyon)) == sorted(one.pk for one in namesakes)


def test_control_forgetting_what_was_told_rings_again(lyon: Site, camille: User):
    make_vehicle(lyon)
    wants(lyon, camille)
    found()
    tell(lyon)
    WantedMatch.objects.update(told_at=None)

    assert len(tell(lyon, TOMORROW)) == 1


def test_what_is_gone_or_fits_no_longer_is_left_out(lyon: Site, camille: User):
    sold, dearer, dismissed, left = (make_vehicle(lyon, stock_number=one) for one in "abcd")
    wants(lyon, camille, max_price=16_000_00)
    found()
    Vehicle.objects.filter(pk=sold.pk).update(status=VehicleStatus.SOLD, sold_at=MONDAY)
    Vehicle.objects.filter(pk=dearer.pk).update(price=17_000_00)
    dismiss_match(match_id=WantedMatch.objects.get(vehicle=dismissed).pk, by=member_of(camille), at=MONDAY)

    (fact,) = tell(lyon)

    assert (fact.count, fact.vehicle_id) == (1, left.pk)


def test_who_works_on_two_sites_hears_once_a_morning(
    lyon: Site, marseille: Site, rhone: Group, camille: User
):
    from tests.cast import add_role

    add_role(camille, Role.SALESPERSON, marseille)
    make_vehicle(lyon)
    wants(lyon, camille, customer_name="Paul")
    wants(marseille, camille, customer_name="Inès")
    found()

    in_lyon, in_marseille = tell(lyon), tell(marseille, MONDAY + timedelta(hours=1))

    assert [(fact.count, fact.searches) for fact in in_lyon] == [(1, 2)]
    assert in_marseille == []


def test_changing_a_search_looks_for_what_it_says_now(lyon: Site, camille: User):
    make_vehicle(lyon, model="208")
    make_vehicle(lyon, model="308")
    wanted = wants(lyon, camille)
    match_new_searches(day=TODAY, at=MONDAY)

    change_wanted(wanted_id=wanted.pk, values={"model": "308"}, by=member_of(camille))
    match_new_searches(day=TODAY, at=MONDAY)

    assert list(WantedMatch.objects.values_list("vehicle__model", flat=True)) == ["308"]


def test_changing_its_budget_tells_nothing_twice(lyon: Site, camille: User):
    make_vehicle(lyon)
    wanted = wants(lyon, camille)
    found()
    tell(lyon)

    change_wanted(wanted_id=wanted.pk, values={"max_price": 20_000_00}, by=member_of(camille))
    match_new_searches(day=TODAY, at=MONDAY)

    assert tell(lyon, TOMORROW) == []


def test_an_ended_search_is_silent_and_stays_as_it_ended(lyon: Site, camille: User):
    make_vehicle(lyon)
    wanted = wants(lyon, camille)
    found()

    end_wanted(wanted_id=wanted.pk, found=True, by=member_of(camille))
    again = end_wanted(wanted_id=wanted.pk, found=False, by=member_of(camille))

    assert again.state == WantedState.FOUND
    assert tell(lyon) == []


def test_a_search_ends_after_its_last_day(lyon: Site, camille: User):
    wants(lyon, camille, ends_on=TODAY)

    ended = [wanting.end_overdue(lyon, day=TODAY + timedelta(days=after)) for after in (0, 1)]

    assert ended == [0, 1]


def test_a_search_for_anything_is_none(lyon: Site, camille: User):
    with pytest.raises(wanting.SearchesForNothing):
        wants(lyon, camille, make=" ", model="", max_price=10_000_00)


def test_who_sees_whose_searches(
    lyon: Site,
    marseille: Site,
    camille: User,
    karim: User,
    sophie: User,
    marc: User,
    paule: User,
    alain: User,
):
    own, in_marseille = wants(lyon, camille), wants(marseille, marc)

    def seen(person: User) -> set[Any]:
        return set(visible_wanted(member_of(person)).values_list("pk", flat=True))

    assert (seen(camille), seen(karim), seen(marc)) == ({own.pk}, set(), {in_marseille.pk})
    assert (seen(sophie), seen(paule), seen(alain)) == ({own.pk}, {own.pk, in_marseille.pk}, set())


def test_nobody_touches_a_search_that_is_not_his(
    lyon: Site, camille: User, karim: User, rival_site: Site, rita: User
):
    wanted, foreign = wants(lyon, camille), wants(rival_site, rita)

    for wanted_id in (wanted.pk, foreign.pk, uuid4()):
        with pytest.raises(wanting.WantedNotFound):
            change_wanted(wanted_id=wanted_id, values={"model": "308"}, by=member_of(karim))
        with pytest.raises(wanting.WantedNotFound):
            end_wanted(wanted_id=wanted_id, found=True, by=member_of(karim))


def test_a_search_is_noted_where_one_may(
    lyon: Site, marseille: Site, rival_site: Site, camille: User, alain: User
):
    for site, person in ((marseille, camille), (rival_site, camille), (lyon, alain)):
        with pytest.raises(StockNotAllowed):
            want_car(
                site_id=site.pk, values={"make": "X", "customer_name": "P"}, by=member_of(person), at=MONDAY
            )


def test_a_salesperson_who_left_hears_nothing(lyon: Site, rhone: Group):
    gone = make_person(rhone, "Luc Parti", Role.SALESPERSON, lyon, email="luc@rhone.test")
    make_vehicle(lyon)
    wants(lyon, gone)
    found()
    User.objects.filter(pk=gone.pk).update(is_active=False)

    tell(lyon)
    route_all(rhone)

    assert not Notification.objects.filter(user=gone).exists()
