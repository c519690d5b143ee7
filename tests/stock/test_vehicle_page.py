"""The page of a vehicle: what each reader sees and may do there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalRequest
from leads.models import LeadSource
from sites.models import Group, Site, User
from stock import margins, panels, pricing_chart
from stock.models import Cost, Document, Photo, Vehicle, VehicleChange
from stock.services import add_cost, edit_vehicle, reprice
from tests.cast import MONDAY, make_lead, make_vehicle, member_of, signed_in

PURCHASE = "11 111"
LOWEST = "14 444"


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def car(in_rhone: None, lyon: Site) -> Vehicle:
    return make_vehicle(
        lyon,
        lot="B12",
        vin="VF3CCHMZ6JT012345",
        plate="AB-123-CD",
        min_price=14_444_00,
        purchase_price=11_111_00,
        options=["Toit panoramique"],
        description="Première main.",
    )


def page_of(person: User, vehicle: Vehicle) -> str:
    answer = signed_in(person).get(vehicle.get_absolute_url())
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_page_says_what_it_is_where_it_stands_and_since_when(car: Vehicle, camille: User):
    page = page_of(camille, car)

    for words in ("Peugeot 208", "1.2 PureTech 100 Allure", "15 990 €", "B12", "10 jours", "AB-123-CD"):
        assert words in page
    assert "Toit panoramique" in page


@pytest.mark.parametrize(
    ("who", "lowest", "purchase"),
    [
        ("camille", False, False),
        ("sophie", False, False),
        ("agnes", False, False),
        ("claire", True, False),
        ("hugo", False, False),
        ("ursule", True, True),
        ("paule", True, True),
        ("alain", True, True),
        ("diane", True, True),
    ],
)
def test_margin_and_lowest_price_show_to_those_only_who_may_see_them(
    car: Vehicle, ursule: User, who: str, lowest: bool, purchase: bool, request: pytest.FixtureRequest
):
    by = member_of(ursule)
    edit_vehicle(vehicle_id=car.pk, changes={"purchase_price": 12_222_00}, by=by, at=MONDAY)
    edit_vehicle(vehicle_id=car.pk, changes={"purchase_price": 11_111_00}, by=by, at=MONDAY)
    add_cost(vehicle_id=car.pk, label="Pneus", cents=320_00, incurred_on=MONDAY.date(), by=by, at=MONDAY)
    Document.objects.create(
        group_id=car.group_id, vehicle=car, name="Facture", file="x.pdf", media_type="application/pdf", size=1,
        shows_margin=True, added_at=MONDAY,
    )  # fmt: skip

    page = page_of(request.getfixturevalue(who), car)

    assert (LOWEST in page) is lowest
    assert (PURCHASE in page) is purchase
    assert ("12 222" in page) is purchase
    assert ("Pneus" in page) is purchase
    assert ("Facture" in page) is purchase


def test_an_accountant_of_another_site_sees_no_margin_of_this_one(
    car: Vehicle, rhone: Group, marseille: Site
):
    from tests.cast import make_person

    aude = make_person(rhone, "Aude Comptable", "accountant", marseille)

    assert PURCHASE not in page_of(aude, car)


@pytest.mark.parametrize(
    ("who", "shown", "hidden"),
    [
        ("camille", [], ["edit/", "price/", "status/", "highlight/", "erase/"]),
        ("sophie", ["edit/", "price/", "status/", "highlight/", "erase/", "photos/"], ["costs/add/"]),
        ("hugo", ["ask/"], ["edit/", "price/", "status/"]),
        ("ursule", ["edit/", "price/", "costs/add/", "documents/add/"], []),
        ("alain", [], ["edit/", "price/", "costs/add/", "documents/add/"]),
    ],
)
def test_who_may_do_what_is_offered_just_that(
    car: Vehicle, who: str, shown: list[str], hidden: list[str], request: pytest.FixtureRequest
):
    page = page_of(request.getfixturevalue(who), car)

    assert [path for path in shown if f"{car.get_absolute_url()}{path}" not in page] == []
    assert [path for path in hidden if f"{car.get_absolute_url()}{path}" in page] == []


def test_a_rival_finds_nothing(car: Vehicle, rita: User):
    assert signed_in(rita).get(car.get_absolute_url()).status_code == 404


def test_who_sees_no_stock_is_refused(car: Vehicle, rhone: Group, lyon: Site):
    from tests.cast import make_person

    assert (
        signed_in(make_person(rhone, "Sam Support", "support_agent", lyon))
        .get(car.get_absolute_url())
        .status_code
        == 403
    )


def test_a_price_is_set_from_the_page(car: Vehicle, sophie: User):
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}price/"

    answer = client.post(url, {"price": "14 900,50", "seen": car.price}, follow=True)

    assert Vehicle.objects.get(pk=car.pk).price == 14_900_50
    assert "14 900,50" in answer.content.decode().replace("\u202f", " ").replace("\u00a0", " ")


def test_a_price_below_the_lowest_asks_why_and_then_a_manager(car: Vehicle, sophie: User, claire: User):
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}price/"

    first = client.post(url, {"price": "14000", "seen": car.price})
    second = client.post(url, {"price": "14000", "seen": car.price, "reason": "Longtemps là"}, follow=True)

    assert first.status_code == 422
    assert 'name="reason"' in first.content.decode()
    assert LOWEST not in first.content.decode().replace("\u202f", " ")
    assert ApprovalRequest.objects.get().amount == 444_00
    assert "14 000 €" in second.content.decode().replace("\u202f", " ").replace("\u00a0", " ")


def test_two_prices_at_once_tell_the_second_and_keep_what_he_typed(car: Vehicle, sophie: User, ursule: User):
    reprice(vehicle_id=car.pk, cents=15_500_00, by=member_of(ursule), at=MONDAY)
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}price/"

    answer = client.post(url, {"price": "15400", "seen": 15_990_00})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert 'value="15400"' in page
    assert 'name="seen" value="1550000"' in page
    assert Vehicle.objects.get(pk=car.pk).price == 15_500_00


@pytest.mark.parametrize("typed", ["", "abc", "-5", "0", "99999999999"])
def test_what_is_no_price_is_said_beside_the_field(car: Vehicle, sophie: User, typed: str):
    answer = signed_in(sophie).post(f"{car.get_absolute_url()}price/", {"price": typed})

    assert answer.status_code == 422
    assert Vehicle.objects.get(pk=car.pk).price == 15_990_00


def test_a_sale_without_its_day_is_asked_for_again(car: Vehicle, sophie: User):
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}status/"

    without = client.post(url, {"status": "sold", "seen": "available"})
    done = client.post(url, {"status": "sold", "seen": "available", "sold_on": "2026-03-02"})

    assert (without.status_code, done.status_code) == (422, 302)
    assert Vehicle.objects.get(pk=car.pk).status == "sold"


def test_a_slip_is_erased_from_the_page(car: Vehicle, sophie: User):
    signed_in(sophie).post(f"{car.get_absolute_url()}erase/")

    assert not Vehicle.objects.exists()


def test_a_car_is_put_in_front_and_back(car: Vehicle, sophie: User):
    client = signed_in(sophie)

    client.post(f"{car.get_absolute_url()}highlight/", {"in_front": "1"})
    assert Vehicle.objects.get(pk=car.pk).highlighted_at == MONDAY
    client.post(f"{car.get_absolute_url()}highlight/", {"in_front": "0"})

    assert Vehicle.objects.get(pk=car.pk).highlighted_at is None


@pytest.mark.parametrize(
    "path", ["price/", "status/", "highlight/", "erase/", "costs/add/", "documents/add/"]
)
def test_no_deed_is_open_to_who_only_looks(car: Vehicle, camille: User, path: str):
    answer = signed_in(camille).post(
        f"{car.get_absolute_url()}{path}", {"price": "1", "status": "sold", "in_front": "1"}
    )

    assert answer.status_code == 403
    assert Vehicle.objects.get(pk=car.pk).status == "available"


def test_the_page_asks_as_often_for_many_things_as_for_one(
    car: Vehicle, ursule: User, website: LeadSource, marseille: Site
):
    def grow(number: int) -> None:
        Photo.objects.create(
            group_id=car.group_id, vehicle=car, position=number, file="a", thumbnail="b", width=4, height=3,
            digest=str(number), added_at=MONDAY,
        )  # fmt: skip
        Cost.objects.create(
            group_id=car.group_id, vehicle=car, label="x", cents=1, incurred_on=MONDAY.date(), added_at=MONDAY,
            added_by=ursule,
        )  # fmt: skip
        Document.objects.create(
            group_id=car.group_id, vehicle=car, name="d", file="x", media_type="application/pdf", size=1,
            added_at=MONDAY, added_by=ursule,
        )  # fmt: skip
        price = 15_000_00 + number * 100_00
        edit_vehicle(vehicle_id=car.pk, changes={"price": price}, by=member_of(ursule), at=MONDAY)
        make_vehicle(marseille, stock_number=f"M-{number}", price=15_500_00)
        make_lead(website, stock_number=car.stock_number, owner=ursule)

    counts = []
    for rounds in (1, 2):
        for number in range(rounds):
            grow(10 * rounds + number)
        with CaptureQueriesContext(connection) as queries:
            page_of(ursule, car)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 37  # session, person, shell and bell among them


def test_the_history_names_people_and_puts_values_in_words(car: Vehicle, sophie: User, camille: User):
    changes = {"fuel": "hybrid", "first_registration": date(2023, 4, 1), "mileage": 30_000}
    edit_vehicle(vehicle_id=car.pk, changes=changes, by=member_of(sophie), at=MONDAY)

    page = page_of(camille, car)

    for words in ("Sophie Lambert", "Hybride", "1er avril 2023", "30 000", "24 500"):
        assert words in page


def test_an_import_is_named_in_the_history(car: Vehicle, camille: User):
    from imports.models import Feed, Run

    feed = Feed.objects.create(group_id=car.group_id, name="Portail Nord", importer="stock.vehicles")
    run = Run.objects.create(group_id=car.group_id, feed=feed, file_name="a.csv", created_at=MONDAY)
    VehicleChange.objects.create(
        group_id=car.group_id, of=car, at=MONDAY, run=run, changes={"price": [1_00, 15_990_00]}
    )

    assert "Portail Nord" in page_of(camille, car)


def test_leads_on_it_show_as_far_as_the_reader_may_see_them(
    car: Vehicle, website: LeadSource, camille: User, karim: User, claire: User
):
    make_lead(website, last_name="Pool", stock_number="l-1001")
    make_lead(website, last_name="Karims", vin=car.vin, owner=karim, status="claimed")
    make_lead(website, last_name="Other", stock_number="L-9")

    camilles, claires = page_of(camille, car), page_of(claire, car)

    assert ("Paul Pool" in camilles, "Paul Karims" in camilles) == (True, False)
    assert ("Paul Pool" in claires, "Paul Karims" in claires) == (True, True)
    assert "Paul Other" not in claires


def test_similar_cars_are_near_in_price_and_of_the_whole_group(
    car: Vehicle, camille: User, marseille: Site, lyon: Site, quebec: Site, rival_site: Site
):
    near = make_vehicle(marseille, stock_number="NEAR", price=15_990_00 * 114 // 100)
    same_segment = make_vehicle(lyon, make="Renault", model="Clio", version="Zen", price=15_990_00)
    make_vehicle(marseille, version="Dear", price=15_990_00 * 116 // 100)
    make_vehicle(lyon, version="SoldOne", price=15_990_00, status="sold", sold_at=MONDAY)
    make_vehicle(quebec, version="Overseas", price=15_990_00)
    make_vehicle(rival_site, version="Rivals", price=15_990_00)

    page = page_of(camille, car)

    assert page.index(near.get_absolute_url()) < page.index(same_segment.get_absolute_url())
    for absent in ("Dear", "SoldOne", "Overseas", "Rivals"):
        assert absent not in page


def test_a_panel_of_another_app_is_shown_and_an_empty_one_left_out(car: Vehicle, camille: User):
    @panels.panel("a-test", title="Who wants it", icon="car-front", template="stock/_doubts.html")
    def wanted(_vehicle: Vehicle, _member: Any, _at: Any) -> dict[str, Any] | None:
        return {}

    @panels.panel("b-test", title="Not this one", icon="car-front", template="stock/_doubts.html")
    def nothing(_vehicle: Vehicle, _member: Any, _at: Any) -> dict[str, Any] | None:
        return None

    try:
        page = page_of(camille, car)
    finally:
        panels.forget("a-test")
        panels.forget("b-test")

    assert "Who wants it" in page
    assert "Not this one" not in page


# --- Sums and steps, without a database ---


def test_a_margin_car_owes_vat_on_the_margin_only():
    assert margins.tax_in(1_200_00, "FR") == 200_00
    assert margins.tax_in(-1_200_00, "FR") == 0
    assert margins.tax_in(1_000_00, "CA") == 0
    assert margins.tax_in(1, "FR") == 0


def test_the_margin_is_what_price_leaves_of_purchase_tax_costs_and_days(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, price=15_000_00, purchase_price=12_000_00)
    costs = [Cost(cents=400_00), Cost(cents=100_00)]

    margin = margins.margin_of(car, costs, MONDAY.date())

    assert margin is not None
    assert (margin.difference, margin.tax, margin.costs) == (3_000_00, 500_00, 500_00)
    assert (margin.gross, margin.holding, margin.net) == (2_000_00, 120_00, 1_880_00)
    assert margins.margin_of(make_vehicle(lyon), costs, MONDAY.date()) is None


def test_prices_become_steps_from_the_first_to_now(in_rhone: None, lyon: Site, sophie: User):
    car = make_vehicle(lyon, price=16_000_00)
    for days, price in ((4, 15_500_00), (2, 15_900_00)):
        reprice(vehicle_id=car.pk, cents=price, by=member_of(sophie), at=MONDAY - timedelta(days=days))
    changes = list(VehicleChange.objects.filter(of=car).order_by("-at"))
    car.refresh_from_db()

    prices = pricing_chart.prices_of(car, changes)
    chart = pricing_chart.chart_of(prices, MONDAY)

    assert [price.cents for price in prices] == [16_000_00, 15_500_00, 15_900_00]
    assert [price.change for price in prices] == [None, -500_00, 400_00]
    assert chart is not None
    assert (chart.lowest, chart.highest) == (15_500_00, 16_000_00)
    assert chart.line == "M10.0 10.0 L358.0 10.0 L358.0 110.0 L474.0 110.0 L474.0 30.0 L590.0 30.0"
    assert pricing_chart.chart_of(prices[:1], MONDAY) is None
