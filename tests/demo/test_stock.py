"""The demo's stock: believable, coherent, the same every time; in the database with its past and its pictures."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.files.storage import default_storage

from core.vin import has_valid_check_digit, is_acceptable_vin
from dms.demo.cast import RHONE, RIVAL
from dms.demo.drawings.bodies import BODIES
from dms.demo.stock.catalogue import models_of
from dms.demo.stock.parking import Yard, park, set_limits
from dms.demo.stock.plan import Car, cars_of
from sites.models import Group, Site
from stock.models import (
    HERE,
    AgeLimit,
    Fuel,
    Kind,
    Photo,
    Segment,
    Threshold,
    Vehicle,
    VehicleChange,
    VehicleStatus,
)
from tests.cast import MONDAY, make_site

TODAY = MONDAY.date()
PLATE = re.compile(r"[A-HJ-NP-TV-Z]{2}-[0-9]{3}-[A-HJ-NP-TV-Z]{2}")


@pytest.fixture(scope="module")
def cars() -> list[Car]:
    return cars_of(RHONE, day=TODAY)


def in_france(cars: list[Car]) -> list[Car]:
    return [car for car in cars if car.site.country == "FR"]


def test_three_hundred_cars_stand_on_every_site(cars: list[Car]):
    assert len(cars) == 300
    assert {car.site.slug for car in cars} == {"lyon", "marseille", "paris", "quebec"}
    assert len(cars_of(RIVAL, day=TODAY)) == 20


def test_the_same_stock_is_planned_every_time(cars: list[Car]):
    assert cars_of(RHONE, day=TODAY) == cars


def test_dates_move_with_the_day_of_seeding(cars: list[Car]):
    later = cars_of(RHONE, day=TODAY + timedelta(days=400))

    assert max(car.arrived_on for car in later) > TODAY + timedelta(days=370)
    assert Counter(car.status for car in later) == Counter(car.status for car in cars)


def test_every_status_of_the_trade_but_withdrawn_is_played(cars: list[Car]):
    assert {car.status for car in cars} == set(VehicleStatus) - {VehicleStatus.WITHDRAWN}
    sold = [car for car in cars if car.sold_on is not None]
    assert 60 <= len(sold) <= 100
    assert all(TODAY - timedelta(days=60) <= car.sold_on < TODAY for car in sold if car.sold_on)


def test_only_new_cars_are_ordered(cars: list[Car]):
    ordered = [car.kind for car in cars if car.status == VehicleStatus.ORDERED]

    assert ordered
    assert set(ordered) == {Kind.NEW}


def test_some_cars_have_stood_for_too_long(cars: list[Car]):
    ages = [(TODAY - car.arrived_on).days for car in cars if car.status in HERE]

    assert 10 <= sum(age > 90 for age in ages) <= 40
    assert sum(age <= 30 for age in ages) > len(ages) * 0.35


def test_each_car_is_one_of_its_market_and_can_be_drawn(cars: list[Car]):
    for car in cars:
        assert car.model in models_of(car.site.country)
        assert car.version in car.model.versions
        assert car.model.segment.value in BODIES
        assert car.kind == Kind.NEW or car.year >= car.model.since


def test_fuel_power_and_emissions_fit_each_other():
    for country in ("FR", "CA"):
        for model in models_of(country):
            for version in model.versions:
                assert (version.co2 == 0) == (version.fuel == Fuel.ELECTRIC), version
                assert 60 <= version.power <= 500
                assert version.fuel != Fuel.PLUGIN_HYBRID or version.co2 < 50


def test_numbers_have_the_right_form_and_are_nobodys_twice(cars: list[Car]):
    vins = [car.vin for car in cars if car.vin]
    plates = [car.plate for car in cars if car.plate]

    assert all(is_acceptable_vin(vin) and len(vin) == 17 for vin in vins)
    assert all(has_valid_check_digit(vin) for vin in vins if vin[0] in "12345")
    assert all(PLATE.fullmatch(plate) and not plate.endswith("SS") for plate in plates)
    assert len(set(vins)) == len(vins)
    assert len({car.stock_number for car in cars}) == len(cars)
    assert {car.site.country for car in cars if car.plate} == {"FR"}
    assert 0 < len(cars) - len(vins) < 30


def test_prices_leave_a_margin_and_fall_with_age(cars: list[Car]):
    for car in cars:
        if car.price is not None:
            assert car.purchase_price < car.min_price <= car.price <= car.list_price * 1.02, car
        before = [price for _after, price in car.lowered]
        assert before == sorted(before, reverse=True)
    used = [car for car in in_france(cars) if car.kind == Kind.USED and car.price]
    young = [car.price / car.list_price for car in used if car.year >= TODAY.year - 1 and car.price]
    old = [car.price / car.list_price for car in used if car.year <= TODAY.year - 6 and car.price]
    assert sum(young) / len(young) > sum(old) / len(old) + 0.2


def test_kilometres_fit_the_age(cars: list[Car]):
    for car in cars:
        if car.first_registration is None:
            assert car.mileage < 30
        else:
            years = (car.arrived_on - car.first_registration).days / 365
            assert 900 <= car.mileage <= max(4_000, years * 40_000)


def test_vat_is_french_and_new_cars_are_never_in_the_margin_scheme(cars: list[Car]):
    assert {car.vat_scheme for car in cars if car.site.country == "CA"} == {""}
    assert {car.vat_scheme for car in in_france(cars) if car.kind == Kind.NEW} == {"standard"}


@pytest.fixture
def parked(rhone: Group, lyon: Site, marseille: Site, quebec: Site, in_rhone: None) -> list[Vehicle]:
    sites = {"lyon": lyon, "marseille": marseille, "quebec": quebec, "paris": make_site(rhone, "Paris")}
    set_limits(sites.values())
    cars = cars_of(replace(RHONE, vehicles=40), day=TODAY)
    return park(cars, Yard(sites, dict.fromkeys(sites)), at=MONDAY)


def test_each_vehicle_has_its_past(parked: list[Vehicle]):
    for vehicle in parked:
        steps = list(VehicleChange.objects.filter(of=vehicle).order_by("at"))
        prices = [step.changes["price"] for step in steps if "price" in step.changes]
        assert steps[0].changes == {}
        assert steps[-1].at <= MONDAY
        assert vehicle.updated_at == steps[-1].at
        assert not prices or prices[-1][1] == vehicle.price
        assert all(before[1] == after[0] for before, after in pairwise(prices))


def test_nothing_happens_after_the_day_of_seeding(parked: list[Vehicle]):
    assert all(vehicle.created_at <= MONDAY for vehicle in parked)
    assert not Photo.objects.filter(added_at__gt=MONDAY).exists()


def test_photos_are_our_own_drawings_in_files_of_their_own(parked: list[Vehicle]):
    photos = list(Photo.objects.all())

    assert len({photo.file for photo in photos}) == len(photos) > 20
    assert all(default_storage.exists(name) for photo in photos for name in (photo.file, photo.thumbnail))
    assert {(photo.width, photo.height) for photo in photos} == {(1280, 960)}


def test_each_site_has_limits(parked: list[Vehicle]):
    assert Threshold.objects.count() == 4 * 5
    assert AgeLimit.objects.filter(segment="").count() == 4
    assert set(Threshold.objects.values_list("segment", flat=True)) <= set(Segment.values)


def test_the_stock_can_be_searched(parked: list[Vehicle]):
    assert all(vehicle.make.lower()[:3] in vehicle.words for vehicle in parked if vehicle.make.isascii())
