"""The public stock feed: what everybody may know, in the words of schema.org; and nothing else, to nobody else."""

from __future__ import annotations

import csv
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from sites.models import Group, Site
from sites.scope import group_scope
from stock.api.limits import FETCHES
from stock.api.table import csv_pieces
from stock.models import Kind, Outlet, Vehicle, VehicleStatus
from stock.publishing import cars, versions
from tests.cast import MONDAY, make_key, make_vehicle
from tests.stock.publishing import JSON, KEY, TABLE, body_of, fetch, listed, make_outlet, make_photo


@pytest.fixture
def outlet(lyon: Site) -> Outlet:
    return make_outlet(lyon)


def rows(language: str = "en") -> list[dict[str, str]]:
    response = fetch(f"{TABLE}?language={language}")
    delimiter = ";" if language == "fr" else ","
    return list(csv.DictReader(StringIO(body_of(response), newline=""), delimiter=delimiter))


SECRETS: dict[str, Any] = {
    "plate": "GH-428-KT",
    "purchase_price": 11_111_00,
    "min_price": 12_222_00,
    "list_price": 23_333_00,
    "lot": "Parking Z9",
}


@pytest.mark.parametrize("address", [JSON, f"{TABLE}?language=fr", f"{TABLE}?language=en"])
def test_what_it_cost_and_whose_plate_it_had_is_never_told(outlet: Outlet, lyon: Site, address: str):
    make_vehicle(lyon, **SECRETS)

    body = body_of(fetch(address))

    assert "15990" in body
    assert [secret for secret in ("GH-428-KT", "11111", "12222", "23333", "Z9") if secret in body] == []


def test_what_it_cost_is_not_even_read(outlet: Outlet, lyon: Site):
    make_vehicle(lyon, **SECRETS)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        listed()

    assert [
        query["sql"] for query in asked if "purchase_price" in query["sql"] or "plate" in query["sql"]
    ] == []


def test_what_left_the_stock_is_not_shown_whatever_was_ticked(outlet: Outlet, lyon: Site):
    for status in VehicleStatus:
        make_vehicle(lyon, status=status, stock_number=status.value, sold_at=MONDAY)
    with group_scope(outlet.group_id):
        Outlet.objects.filter(pk=outlet.pk).update(statuses=VehicleStatus.values)

    shown = {car["sku"] for car in listed()}

    assert shown == {"ordered", "in_transit", "preparation", "available", "reserved"}


def test_only_the_statuses_kinds_and_prices_that_were_ticked(lyon: Site):
    make_outlet(lyon, statuses=["available"], kinds=["used"], with_priceless=False)
    make_vehicle(lyon, stock_number="yes")
    make_vehicle(lyon, stock_number="new", kind=Kind.NEW)
    make_vehicle(lyon, stock_number="reserved", status=VehicleStatus.RESERVED)
    make_vehicle(lyon, stock_number="priceless", price=None)

    assert [car["sku"] for car in listed()] == ["yes"]


def test_an_outlet_shows_its_own_sites(outlet: Outlet, lyon: Site, marseille: Site):
    make_vehicle(lyon, stock_number="L")
    make_vehicle(marseille, stock_number="M")

    assert [car["sku"] for car in listed()] == ["L"]


def test_a_rivals_key_sees_its_own_stock_and_nothing_of_ours(outlet: Outlet, lyon: Site, rival_site: Site):
    make_outlet(rival_site, key="rival-portal-key")
    make_vehicle(lyon, stock_number="ours")
    make_vehicle(rival_site, stock_number="theirs")

    assert [car["sku"] for car in listed(key="rival-portal-key")] == ["theirs"]
    assert [car["sku"] for car in listed()] == ["ours"]


def test_a_foreign_site_that_slipped_into_an_outlet_shows_nothing(
    outlet: Outlet, lyon: Site, rival_site: Site
):
    """Not even a row that somebody put into the table by hand opens a door."""
    Outlet.sites.through._default_manager.create(outlet_id=outlet.pk, site_id=rival_site.pk)
    make_vehicle(rival_site, stock_number="theirs")

    assert listed() == []


@pytest.mark.parametrize(
    ("scopes", "status"), [(["leads:read_all", "leads:write"], 403), (["stock:read"], 403)]
)
def test_a_key_without_a_feed_or_without_the_scope_reads_nothing(
    outlet: Outlet, rhone: Group, scopes: list[str], status: int
):
    make_key(rhone, "another", scopes=scopes)

    assert fetch(key="another").status_code == status


@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_a_valid_key_there_is_nothing(outlet: Outlet, key: str | None):
    response = fetch(key=key)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Api-Key")
    assert response["Content-Type"] == "application/problem+json"


def test_a_feed_that_is_switched_off_is_closed_at_once(outlet: Outlet, lyon: Site):
    assert fetch().status_code == 200

    with group_scope(outlet.group_id):
        Outlet.objects.filter(pk=outlet.pk).update(is_active=False)

    assert fetch().status_code == 403


def test_the_table_speaks_two_languages(outlet: Outlet, lyon: Site):
    make_vehicle(lyon, price=15_990_50, power=100)

    french, english = rows("fr")[0], rows("en")[0]

    assert (french["energie"], french["boite"], french["statut"]) == ("Essence", "Manuelle", "Disponible")
    assert (english["fuel"], english["gearbox"], english["status"]) == ("Petrol", "Manual", "Available")
    assert (french["prix"], english["price"], english["currency"]) == ("15990.50", "15990.50", "EUR")
    assert (french["puissance_ch"], french["kilometrage"]) == ("100", "24500")


def test_the_table_is_french_unless_asked_otherwise_and_refuses_other_languages(outlet: Outlet):
    assert body_of(fetch(TABLE)).startswith("numero_de_stock;vin;")
    assert fetch(f"{TABLE}?language=tlh").status_code == 400
    assert fetch(TABLE)["Content-Disposition"] == 'attachment; filename="autoportail.csv"'


def test_text_that_a_spreadsheet_would_compute_stays_text(outlet: Outlet, lyon: Site):
    make_vehicle(lyon, version="=HYPERLINK(1)", colour="@blue", options=["Toit; ouvrant", 'GPS "pro"'])

    car = rows("fr")[0]

    assert (car["version"], car["couleur"]) == ("'=HYPERLINK(1)", "'@blue")
    assert car["options"] == 'Toit; ouvrant|GPS "pro"'


def test_an_unchanged_feed_is_not_sent_again(outlet: Outlet, lyon: Site):
    make_vehicle(lyon)
    with travel(MONDAY, tick=False):
        first = fetch()

    again = fetch(If_None_Match=first["ETag"])
    by_date = fetch(If_Modified_Since=first["Last-Modified"])
    table = fetch(TABLE, If_None_Match=first["ETag"])

    assert first["Last-Modified"] == "Mon, 02 Mar 2026 09:30:00 GMT"
    assert [response.status_code for response in (again, by_date, table)] == [304, 304, 200]
    assert again["ETag"] == first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"price": 14_990_00}, id="repriced"),
        pytest.param({"status": VehicleStatus.SOLD, "sold_at": MONDAY}, id="sold"),
    ],
)
def test_a_change_is_seen_even_when_a_slow_import_commits_an_older_moment(
    outlet: Outlet, lyon: Site, change: dict[str, Any]
):
    slow = make_vehicle(lyon, stock_number="slow", updated_at=MONDAY - timedelta(hours=3))
    make_vehicle(lyon, stock_number="quick", updated_at=MONDAY)
    with travel(MONDAY, tick=False):
        first = fetch()

    with group_scope(lyon.group_id):
        late = MONDAY - timedelta(hours=1)  # before what was seen last
        Vehicle.objects.filter(pk=slow.pk).update(updated_at=late, **change)
    with travel(MONDAY, tick=False):
        again = fetch(If_None_Match=first["ETag"])
        by_date = fetch(If_Modified_Since=first["Last-Modified"])

    assert [again.status_code, by_date.status_code] == [200, 200]
    assert again["Last-Modified"] == "Mon, 02 Mar 2026 09:30:01 GMT"


def test_a_vehicle_that_was_erased_or_moved_changes_the_feed(outlet: Outlet, lyon: Site, marseille: Site):
    erased, moved = make_vehicle(lyon), make_vehicle(lyon)
    tags = [fetch()["ETag"]]

    with group_scope(lyon.group_id):
        Vehicle.objects.filter(pk=erased.pk).delete()
        tags.append(fetch()["ETag"])
        Vehicle.objects.filter(pk=moved.pk).update(site=marseille)
        tags.append(fetch()["ETag"])

    assert len(set(tags)) == 3


def test_a_new_form_of_the_feed_is_fetched_anew(outlet: Outlet, monkeypatch: pytest.MonkeyPatch):
    first = fetch()
    monkeypatch.setattr(versions, "FORMAT", versions.FORMAT + 1)

    assert fetch(If_None_Match=first["ETag"]).status_code == 200


def test_a_head_request_has_the_head_and_nothing_else(outlet: Outlet, lyon: Site):
    make_vehicle(lyon)

    head = Client().head(JSON, headers={"Authorization": f"Api-Key {KEY}"})

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == fetch()["ETag"]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 12])
def test_every_vehicle_comes_once_whatever_the_size_of_a_piece(
    lyon: Site, marseille: Site, monkeypatch: pytest.MonkeyPatch, count: int
):
    outlet = make_outlet(lyon, marseille)
    made = {
        make_vehicle(
            (lyon, marseille)[number % 2],
            stock_number=str(number),
            status=(VehicleStatus.AVAILABLE, VehicleStatus.RESERVED)[number % 3 == 0],
            arrived_on=date(2026, 2, 1 + number // 4),
        ).pk
        for number in range(count)
    }

    pieces = list(cars.pieces_of(outlet, size=4))

    told = [car.id for piece in pieces for car in piece]
    assert len(told) == count
    assert set(told) == made
    assert max(map(len, pieces)) <= 4


def test_a_piece_costs_two_queries_however_many_vehicles_it_has(outlet: Outlet, lyon: Site):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            listed()
        return len(queries)

    make_photo(make_vehicle(lyon))
    listed()  # the last use of the key is noted once a minute
    one = asked()
    for number in range(2):
        make_photo(make_vehicle(lyon, stock_number=str(number)))
    listed()  # the new version is noted once

    assert asked() == one


def test_who_fetches_without_a_pause_is_asked_to_wait(outlet: Outlet, rival_site: Site):
    make_outlet(rival_site, key="rival-portal-key")
    with travel(datetime(2026, 3, 2, 12, 2, tzinfo=UTC), tick=False):
        served = {fetch().status_code for _ in range(FETCHES)}
        refused = fetch()
        rival = fetch(key="rival-portal-key")

    assert served == {200}
    assert (refused.status_code, refused["Retry-After"]) == (429, "480")
    assert rival.status_code == 200


def test_without_the_count_he_goes_on(outlet: Outlet):
    statuses = set()
    for _ in range(FETCHES + 2):
        cache.clear()
        statuses.add(fetch().status_code)

    assert statuses == {200}


def _peak_of(outlet: Outlet) -> int:
    """Bytes that reading the whole feed holds at its worst moment."""
    tracemalloc.start()
    length = sum(len(piece) for piece in csv_pieces(cars.pieces_of(outlet), language="fr"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 0
    return peak


def test_five_times_the_vehicles_need_no_more_memory(outlet: Outlet, lyon: Site, in_rhone: None):
    def take_in(count: int) -> None:
        Vehicle.objects.bulk_create(
            Vehicle(
                group_id=lyon.group_id, site=lyon, make="Peugeot", model="208", stock_number=f"{number}",
                arrived_on=MONDAY.date(), created_at=MONDAY, updated_at=MONDAY, description="x" * 400,
            )
            for number in range(count)
        )  # fmt: skip

    take_in(1_000)
    _peak_of(outlet)  # whatever is loaded once
    small = _peak_of(outlet)
    take_in(4_000)

    assert _peak_of(outlet) < small * 1.3
