"""The list: what is shown to whom, filtered, counted, a page at a time, with a constant number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from sites.chosen import SESSION_KEY
from sites.models import Site, User
from sites.scope import group_scope
from stock.models import ChosenColumns, Fuel, Gearbox, Kind, Photo, Segment, VatScheme, Vehicle, VehicleStatus
from tests.cast import MONDAY, make_vehicle, signed_in

LIST = "/stock/"
RESULTS = {"HX-Request": "true", "HX-Target": "results"}


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def names_on(person: User, query: str = "") -> list[str]:
    """The stock numbers on the page, in order."""
    response = signed_in(person).get(f"{LIST}?{query}")
    assert response.status_code == 200
    return re.findall(r"<small>([^<:]+)</small></th>", response.content.decode())


def page_of_list(person: User, query: str = "") -> str:
    text: str = signed_in(person).get(f"{LIST}?{query}").content.decode()
    return text


def photo_of(vehicle: Vehicle, digest: str = "d") -> Photo:
    with group_scope(vehicle.group_id):
        return Photo.objects.create(
            group_id=vehicle.group_id,
            vehicle=vehicle,
            file="x.jpg",
            thumbnail="x-small.jpg",
            width=4,
            height=3,
            digest=digest,
            added_at=MONDAY,
        )


def test_the_whole_groups_stock_is_one_list_newest_first(camille: User, lyon: Site, marseille: Site):
    make_vehicle(lyon, stock_number="OLD", arrived_on=(MONDAY - timedelta(days=50)).date())
    make_vehicle(marseille, stock_number="ELSEWHERE")

    assert names_on(camille) == ["ELSEWHERE", "OLD"]
    assert "Marseille" in page_of_list(camille)


def test_by_itself_the_list_holds_what_may_be_sold(camille: User, lyon: Site):
    for status in VehicleStatus:
        make_vehicle(lyon, stock_number=status.upper(), status=status, sold_at=MONDAY)

    assert set(names_on(camille)) == {"ORDERED", "IN_TRANSIT", "PREPARATION", "AVAILABLE"}
    assert names_on(camille, "status=sold") == ["SOLD"]
    assert set(names_on(camille, "status=sold&status=reserved")) == {"SOLD", "RESERVED"}
    assert len(names_on(camille, "status=any")) == len(VehicleStatus)


def test_who_may_not_see_stock_sees_no_page_and_no_link(rhone: Any, lyon: Site, camille: User):
    from tests.cast import make_person

    advisor = make_person(rhone, "Simon Serre", "service_advisor", lyon)

    assert signed_in(advisor).get(LIST).status_code == 403
    assert 'href="/stock/"' not in signed_in(advisor).get("/").content.decode()
    assert 'href="/stock/"' in signed_in(camille).get("/").content.decode()


FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("make=Renault", {"make": "Renault"}),
    ("model=Clio", {"model": "Clio"}),
    ("kind=new", {"kind": Kind.NEW}),
    ("segment=suv", {"segment": Segment.SUV}),
    ("fuel=diesel", {"fuel": Fuel.DIESEL}),
    ("gearbox=automatic", {"gearbox": Gearbox.AUTOMATIC}),
    ("colour=rouge", {"colour": "Rouge Élixir"}),
    ("price_from=20+000", {"price": 20_000_00}),
    ("price_to=9000", {"price": 8_999_00}),
    ("mileage_to=10+000", {"mileage": 9_000}),
    ("year_from=2025", {"year": 2025}),
    ("year_to=2019", {"year": None, "first_registration": "2019-04-01"}),
    ("power_from=150", {"power": 150}),
    ("power_to=70", {"power": 69}),
    ("co2_to=50", {"co2": 20}),
    ("co2_to=0", {"co2": 0}),
    ("seats_from=7", {"seats": 7}),
    ("age_from=60", {"arrived_on": (MONDAY - timedelta(days=60)).date()}),
    ("age_to=3", {"arrived_on": (MONDAY - timedelta(days=3)).date()}),
    ("margin=1", {"vat_scheme": VatScheme.MARGIN}),
    ("no_price=1", {"price": None}),
    ("highlighted=1", {"highlighted_at": MONDAY}),
    ("q=clio", {"model": "Clio"}),
]


@pytest.mark.parametrize(("query", "fields"), FILTERS, ids=[query for query, _fields in FILTERS])
def test_each_filter_finds_what_it_names_and_nothing_else(
    camille: User, lyon: Site, query: str, fields: dict[str, Any]
):
    ordinary = {"power": 100, "co2": 100, "seats": 5, "year": 2023}
    make_vehicle(lyon, stock_number="OTHER", **ordinary)
    make_vehicle(lyon, stock_number="WANTED", **{**ordinary, **fields})

    assert names_on(camille, query) == ["WANTED"]


def test_a_vehicle_without_photo_is_found(camille: User, lyon: Site):
    make_vehicle(lyon, stock_number="BARE")
    photo_of(make_vehicle(lyon, stock_number="SHOWN"))

    assert names_on(camille, "no_photo=1") == ["BARE"]


def test_filters_narrow_together_and_several_values_widen(camille: User, lyon: Site, marseille: Site):
    make_vehicle(lyon, stock_number="A", make="Renault", model="Clio")
    make_vehicle(marseille, stock_number="B", make="Renault", model="Clio")
    make_vehicle(marseille, stock_number="C")

    assert set(names_on(camille, "make=Renault&make=Peugeot")) == {"A", "B", "C"}
    assert names_on(camille, "make=Renault&site=marseille") == ["B"]


def test_the_site_that_a_person_looks_at_narrows_the_list_until_he_takes_it_away(
    diane: User, lyon: Site, marseille: Site
):
    make_vehicle(lyon, stock_number="HERE")
    make_vehicle(marseille, stock_number="THERE")
    client = signed_in(diane)
    session = client.session
    session[SESSION_KEY] = lyon.pk
    session.save()

    narrowed = client.get(LIST).content.decode()
    everywhere = client.get(f"{LIST}?site=all").content.decode()

    assert "HERE" in narrowed
    assert "THERE" not in narrowed
    assert re.search(r'class="filter-chip" href="\?site=all">.*?Lyon', narrowed)
    assert "THERE" in everywhere


def test_what_cannot_be_read_is_said_and_the_rest_still_filters(camille: User, lyon: Site):
    make_vehicle(lyon, stock_number="A", make="Renault")
    make_vehicle(lyon, stock_number="B")

    page = page_of_list(camille, "price_to=beaucoup&make=Renault&status=nonsense&site=nowhere")

    assert "Écrivez un montant" in page
    assert re.findall(r"<small>([^<:]+)</small></th>", page) == ["A"]


def test_htmx_gets_what_changes_and_a_restored_history_the_whole_page(camille: User, lyon: Site):
    make_vehicle(lyon)
    client = signed_in(camille)

    part = client.get(LIST, headers=RESULTS).content.decode()
    whole = client.get(LIST, headers={**RESULTS, "HX-History-Restore-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "L-1001" in part
    assert "<html" in whole


def test_chips_take_away_one_thing_each(camille: User, lyon: Site):
    make_vehicle(lyon)

    page = page_of_list(camille, "make=Peugeot&make=Renault&price_to=15000&q=208&no_photo=1")

    chips = {
        re.sub(r"<[^>]+>|Retirer\W*:", "", label).strip().replace("\u202f", " ").replace("\u00a0", " "): href
        for href, label in re.findall(r'class="filter-chip" href="\?([^"]*)">(.*?)</a>', page)
    }
    assert list(chips) == ["Peugeot", "Renault", "Jusqu’à 15 000 €", "Sans photo"]
    assert chips["Peugeot"] == "make=Renault&amp;price_to=15000&amp;q=208&amp;no_photo=1"
    assert "price_to" not in chips["Jusqu’à 15 000 €"]


def test_the_page_says_what_it_searched_and_offers_what_was_typed(camille: User, lyon: Site):
    make_vehicle(lyon, stock_number="FOUND")

    page = page_of_list(camille, "q=Peugot&make=Peugeot")
    literal = page_of_list(camille, "q=Peugot&exact=1")

    assert "<strong>peugeot</strong>" in page
    assert "FOUND" in page
    assert "?q=Peugot&amp;make=Peugeot&amp;exact=1" in page
    assert "FOUND" not in literal
    assert "<strong>peugeot</strong>" not in literal


def test_another_sites_car_can_be_asked_for_and_ones_own_cannot(
    camille: User, diane: User, alain: User, lyon: Site, marseille: Site
):
    own = make_vehicle(lyon)
    other = make_vehicle(marseille)
    reserved = make_vehicle(marseille, status=VehicleStatus.RESERVED)

    page = page_of_list(camille, "status=any")

    assert f"/stock/{other.pk}/ask/" in page
    assert f"/stock/{own.pk}/ask/" not in page
    assert f"/stock/{reserved.pk}/ask/" not in page
    assert "/ask/" not in page_of_list(diane)  # she works on every site
    assert "/ask/" not in page_of_list(alain)  # he may not ask


def test_a_car_that_is_sold_in_another_currency_cannot_be_asked_for(
    camille: User, lyon: Site, marseille: Site, quebec: Site
):
    near, far = make_vehicle(marseille), make_vehicle(quebec)

    page, its_own = page_of_list(camille), signed_in(camille).get(f"/stock/{far.pk}/").content.decode()
    typed = signed_in(camille).get(f"/stock/{far.pk}/ask/").content.decode()

    assert f"/stock/{near.pk}/ask/" in page
    assert f"/stock/{far.pk}/ask/" not in page + its_own
    assert "dans une autre monnaie" in typed


def test_an_age_has_a_colour_only_when_it_is_old(camille: User, lyon: Site):
    for days in (10, 59, 60, 89, 90):
        make_vehicle(lyon, stock_number=f"D{days}", arrived_on=(MONDAY - timedelta(days=days)).date())

    ages = re.findall(
        r'<td class="n">(?:<span class="chip chip-(\w+)">)?\d+\xa0?\s?j', page_of_list(camille, "sort=newest")
    )

    assert ages == ["", "", "warm", "warm", "late"]


def test_margin_shows_only_on_the_sites_where_one_may_see_it(
    camille: User, ursule: User, lyon: Site, marseille: Site
):
    make_vehicle(lyon, purchase_price=11_111_00)
    make_vehicle(marseille, purchase_price=12_222_00)
    for person in (camille, ursule):
        with group_scope(lyon.group_id):
            ChosenColumns.objects.create(
                group_id=lyon.group_id, user=person, keys=["purchase_price", "gap", "min_price"]
            )

    hers, his = (re.sub(r"[\s\u202f\u00a0]", "", page_of_list(person)) for person in (ursule, camille))

    assert "11111€" in hers
    assert "4879€" in hers
    assert "12222" not in hers
    assert "11111" not in his
    assert 'value="purchase_price"' not in his


def test_a_full_page_is_light(camille: User, lyon: Site, marseille: Site):
    for number in range(60):
        vehicle = make_vehicle(
            (lyon, marseille)[number % 2],
            stock_number=f"LYO-{10_000 + number}",
            model="308 SW",
            version="1.5 BlueHDi 130 ch S&S EAT8 Allure Pack",
            arrived_on=(MONDAY - timedelta(days=number * 2)).date(),
            fuel=Fuel.PLUGIN_HYBRID,
        )
        photo_of(vehicle)

    page = signed_in(camille).get(LIST).content

    assert page.count(b"</small></th>") == 50
    assert len(page) <= 60 * 1024


def test_an_empty_stock_says_how_vehicles_come_and_an_empty_filter_how_to_widen_it(camille: User, lyon: Site):
    empty = page_of_list(camille)
    make_vehicle(lyon)
    narrow = page_of_list(camille, "make=Lada")

    assert "Les véhicules arrivent par un import" in empty
    assert "Afficher tout le stock" in narrow
    assert "?site=all" in narrow


def test_what_dealers_type_is_never_markup(camille: User, lyon: Site):
    make_vehicle(lyon, make="<b>Peu", model='"><script>', version="<i>", stock_number="<u>")

    page = page_of_list(camille)

    assert "<b>Peu" not in page
    assert "<script>" not in page
    assert "&lt;b&gt;Peu" in page
