"""Attacks on the stock: what people wrote never becomes a formula, and nobody reaches beyond his own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.spreadsheets import safe_cell
from imports.models import Feed, Run
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from stock.models import (
    AgeLimit,
    ChosenColumns,
    Cost,
    Document,
    Photo,
    SavedView,
    Segment,
    Threshold,
    Transfer,
    Vehicle,
    WantedCar,
    WantedMatch,
)
from stock.services.costs import add_cost
from stock.services.editing import edit_vehicle
from stock.services.papers import add_document
from stock.transferring import MileageTooLow, TransferMoved, receive_transfer, send_vehicle
from tests.cast import MONDAY, make_person, make_vehicle, member_of, signed_in
from tests.imports.files import CLIO, ZOE, changed, csv_of, imported, make_feed
from tests.stock.moving import asked


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_no_text_is_a_formula_in_any_spreadsheet(text: str):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["?!", "...", "%ed%a0%80", "de la", "…"])
@pytest.mark.parametrize("page", ["/stock/", "/stock/filter/", "/stock/export.csv", "/api/v1/stock/"])
def test_a_search_without_a_word_finds_nothing_and_breaks_nothing(
    camille: User, lyon: Site, page: str, text: str
):
    make_vehicle(lyon)

    assert signed_in(camille).get(f"{page}?q={text}").status_code == 200


# --- another group's ids in every address and in every field --------------------------------------------

_KINDS = (
    Vehicle,
    Transfer,
    WantedCar,
    WantedMatch,
    SavedView,
    Threshold,
    AgeLimit,
    Cost,
    Document,
    Photo,
    Feed,
    Run,
)
RIVALS = (Role.GROUP_DIRECTOR, Role.STOCK_MANAGER, Role.GROUP_ADMIN, Role.SALESPERSON)


@pytest.fixture
def ids(lyon: Site, marseille: Site, sophie: User, camille: User) -> dict[str, Any]:
    """One of everything that the group has, by the name that addresses and forms give it."""
    run = imported(make_feed(sophie, lyon), csv_of(CLIO, changed(ZOE, price="beaucoup")))
    car = make_vehicle(marseille, vin="VF1RJA00000000009")
    own: dict[str, Any] = {"group_id": lyon.group_id}
    with group_scope(lyon.group_id):
        wanted = WantedCar.objects.create(
            **own, site=lyon, salesperson=camille, customer_name="Paul Martin", make="Kia", created_at=MONDAY
        )
        made = {
            "match_id": WantedMatch.objects.create(**own, wanted=wanted, vehicle=car, found_at=MONDAY),
            "view_id": SavedView.objects.create(**own, user=camille, name="Les miennes", is_shared=True),
            "threshold_id": Threshold.objects.create(
                **own, site=lyon, segment=Segment.CITY, least=2, enough=4
            ),
            "cost_id": Cost.objects.create(
                **own, vehicle=car, label="Frais", cents=1, incurred_on=MONDAY.date(), added_at=MONDAY
            ),
            "document_id": Document.objects.create(
                **own,
                vehicle=car,
                name="Carte grise",
                file="x",
                media_type="application/pdf",
                size=1,
                added_at=MONDAY,
            ),
            "photo_id": Photo.objects.create(
                **own, vehicle=car, file="x", thumbnail="x", width=1, height=1, digest="x", added_at=MONDAY
            ),
        }
    found = {name: row.pk for name, row in made.items()}
    found |= {"vehicle_id": car.pk, "transfer_id": asked(car, lyon, camille).pk, "wanted_id": wanted.pk}
    return {**found, "site_id": lyon.pk, "run_id": run.pk, "feed_id": run.feed_id}


def addresses(ids: Mapping[str, Any]) -> Iterator[str]:
    """Every address of the two apps that names something."""
    for prefix, module in (("/stock/", "stock.urls"), ("/imports/", "imports.urls")):
        for pattern in import_module(module).urlpatterns:
            route = re.sub(r"<\w+:(\w+)>", lambda part: str(ids[part[1]]), str(pattern.pattern))
            if route != str(pattern.pattern):
                yield prefix + route
    for action in ("accept", "refuse"):
        yield f"/api/v1/stock/transfers/{ids['transfer_id']}/{action}/"
    yield f"/api/v1/stock/vehicles/{ids['vehicle_id']}/highlight/"
    yield f"/api/v1/stock/{ids['vehicle_id']}/"


def everything(group_id: int) -> dict[str, list[dict[str, Any]]]:
    with group_scope(group_id):
        return {kind.__name__: [dict(row) for row in kind.objects.order_by("pk").values()] for kind in _KINDS}


@pytest.mark.parametrize("role", RIVALS)
def test_of_another_group_nothing_is_there_and_nothing_can_be_changed(
    role: Role, ids: dict[str, Any], rhone: Group, rival: Group, rival_site: Site
):
    client = signed_in(make_person(rival, "Rosa Rival", role, email="rosa@rival.test"))
    before = everything(rhone.pk)

    answers = {
        (method, address): getattr(client, method)(address, body).status_code
        for address in addresses(ids)
        for method, body in (
            ("get", {}),
            ("post", {"to_site": rival_site.pk, "do": "start", "verdict": "remove"}),
        )
    }

    assert len(answers) > 80
    views = f"/stock/views/{ids['view_id']}/"  # goes back to one's own views
    found = {
        address: status
        for (_method, address), status in answers.items()
        if status not in (403, 404, 405, 415)
    }
    assert found in ({}, {views: 302})
    assert everything(rhone.pk) == before


def forms(own: Vehicle, ids: Mapping[str, Any], rival_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Forms about what is one's own that name somebody else's in each field that names something."""
    site = ids["site_id"]
    car = {"make": "Kia", "model": "Rio", "status": "available", "kind": "used"}
    return [
        (f"/stock/{own.pk}/send/", {"to_site": site}),
        (f"/stock/{own.pk}/ask/", {"to_site": site}),
        ("/stock/new/", {**car, "site": site}),
        (
            "/stock/new/",
            {**car, "site": own.site_id, "group": rival_id, "group_id": ids["site_id"], "site_id": site},
        ),
        (
            f"/stock/{own.pk}/edit/",
            {**car, "site": site, "feed": ids["feed_id"], "group": 1, "id": ids["vehicle_id"]},
        ),
        (f"/stock/{own.pk}/photos/order/", {"photo": ids["photo_id"]}),
        (
            f"/stock/thresholds/{own.site_id}/save/",
            {"threshold": ids["threshold_id"], "site": site, "segment": "suv"},
        ),
        ("/stock/wanted/new/", {"site": site, "customer_name": "Eve", "make": "Kia"}),
        (
            f"/stock/wanted/new/?like={ids['wanted_id']}",
            {"site": site, "customer_name": "Eve", "make": "Kia"},
        ),
        (
            "/stock/views/",
            {"name": "Mine", "query": f"view={ids['view_id']}&site=lyon", "user": 1, "group": 1},
        ),
        ("/stock/columns/", {"view": ids["view_id"], "columns": "price"}),
        ("/imports/upload/", {"feed": ids["feed_id"], "file": SimpleUploadedFile("a.csv", csv_of(CLIO))}),
        ("/imports/upload/", {"sites": site, "file": SimpleUploadedFile("a.csv", csv_of(CLIO))}),
        ("/imports/new/", {"name": "Mine", "way": "upload", "vanish_limit": 30, "sites": site}),
    ]


def test_no_field_of_a_form_reaches_into_another_group(
    ids: dict[str, Any], rhone: Group, rival: Group, rival_site: Site
):
    client = signed_in(make_person(rival, "Rosa Rival", Role.GROUP_DIRECTOR, email="rosa@rival.test"))
    own, before = make_vehicle(rival_site, stock_number="R-1"), everything(rhone.pk)

    for address, body in forms(own, ids, rival.pk):
        answer = client.post(address, body)
        assert answer.status_code < 500, address
        assert "Paul Martin" not in answer.content.decode(), address

    assert everything(rhone.pk) == before
    mine = everything(rival.pk)
    assert {row["site_id"] for kind in ("Vehicle", "WantedCar") for row in mine[kind]} <= {rival_site.pk}
    assert mine["Transfer"] == []
    with group_scope(rival.pk):
        assert {site.pk for feed in Feed.objects.all() for site in feed.sites.all()} <= {rival_site.pk}


def test_a_car_that_is_here_has_come_some_day(lyon: Site, sophie: User):
    car = make_vehicle(lyon)

    answer = signed_in(sophie).post(
        f"/stock/{car.pk}/edit/", {"make": "Kia", "model": "Rio", "kind": "used", "arrived_on": ""}
    )

    assert answer.status_code == 422


# --- what was paid, and the lowest price ----------------------------------------------------------------

PAID, LOWEST, REPAIR = 12_345_67, 13_579_31, 987_65
TOLD = re.compile(r"12\D?345|13\D?579|987[.,]65|1234567|1357931|98765|2\D?654[.,]33|265433|Facture secrète")


@pytest.fixture
def dear(lyon: Site, diane: User, paule: User) -> Vehicle:
    """A car of which secrets are known: in its record, its history, its costs and papers, and in a shared view."""
    car = make_vehicle(lyon, price=15_000_00, vin="VF1RJA00000000017")
    with group_scope(lyon.group_id):
        boss = member_of(diane)
        edit_vehicle(
            vehicle_id=car.pk, changes={"purchase_price": PAID, "min_price": LOWEST}, by=boss, at=MONDAY
        )
        add_cost(
            vehicle_id=car.pk,
            label="Facture secrète",
            cents=REPAIR,
            incurred_on=MONDAY.date(),
            by=boss,
            at=MONDAY,
        )
        add_document(
            vehicle_id=car.pk, data=b"%PDF-1.7", file_name="a.pdf", name="Facture secrète", by=boss, at=MONDAY,
            shows_margin=True,
        )  # fmt: skip
        columns = ["purchase_price", "min_price", "gap"]
        SavedView.objects.create(
            group_id=lyon.group_id, user=diane, name="Marges", columns=columns, is_shared=True
        )
        ChosenColumns.objects.update_or_create(group_id=lyon.group_id, user=paule, defaults={"keys": columns})
    return car


def readable(car: Vehicle) -> list[str]:
    """Whatever a salesperson can look at."""
    with group_scope(car.group_id):
        view, document = SavedView.objects.get(), Document.objects.get()
    lists = [f"/stock/{page}?view={view.pk}" for page in ("", "filter/", "export.csv", "export.xlsx")]
    sorts = [f"/stock/?sort={key}" for key in ("purchase_price", "gap", "-min_price", "cheapest")]
    pages = [f"/stock/{car.pk}/{page}" for page in ("", "sheet/", "photos/", "edit/", "ask/", "send/")]
    own = [f"/stock/documents/{document.pk}/", "/stock/ageing/", "/stock/thresholds/", "/stock/transfers/"]
    return [*lists, *sorts, *pages, *own, "/api/v1/stock/?purchase_price=1", f"/api/v1/stock/{car.pk}/"]


def body_of(answer: Any) -> str:
    data: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if data[:2] == b"PK":
        with ZipFile(BytesIO(data)) as book:
            return " ".join(book.read(name).decode() for name in book.namelist())
    return data.decode()


def test_a_salesperson_reads_nowhere_what_was_paid(dear: Vehicle, camille: User, diane: User):
    client = signed_in(camille)

    told = {page: TOLD.findall(body_of(client.get(page))) for page in readable(dear)}

    assert {page: found for page, found in told.items() if found} == {}
    assert TOLD.search(body_of(signed_in(diane).get(f"/stock/{dear.pk}/")))  # the words do find it


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("edit/", {"make": "Kia", "model": "Rio", "kind": "used", "arrived_on": "2026-03-01", "price": "1",
                   "purchase_price": "1", "min_price": "1", "list_price": "1", "status": "sold", "kept": "[]"}),
        ("price/", {"price": "1"}), ("price/", {"min_price": "1", "price": "14000"}), ("status/", {"status": "sold"}),
        ("costs/add/", {"label": "x", "amount": "1", "incurred_on": "2026-03-01"}), ("erase/", {}),
        ("highlight/", {"on": "1"}), ("photos/add/", {}), ("documents/add/", {}),
    ],
)  # fmt: skip
def test_a_salesperson_writes_nothing_that_is_not_his(
    dear: Vehicle, camille: User, address: str, body: dict[str, str]
):
    before = everything(dear.group_id)

    answer = signed_in(camille).post(f"/stock/{dear.pk}/{address}", body)

    assert answer.status_code in (302, 403, 404, 422)
    assert everything(dear.group_id) == before


def test_who_edits_without_seeing_the_margin_changes_no_margin(dear: Vehicle, sophie: User):
    body = {"make": "Kia", "model": "Rio", "kind": "used", "arrived_on": "2026-03-01", "purchase_price": "1",
            "min_price": "1", "site": "99", "group": "99", "sold_at": "2026-03-01", "feed_key": "x"}  # fmt: skip

    answer = signed_in(sophie).post(f"/stock/{dear.pk}/edit/", {**body, "heard": "[]"})

    with group_scope(dear.group_id):
        now = Vehicle.objects.get(pk=dear.pk)
    assert answer.status_code in (302, 422)
    assert (now.purchase_price, now.min_price, now.sold_at, now.feed_key) == (
        PAID,
        LOWEST,
        None,
        dear.feed_key,
    )
    assert (now.site_id, now.group_id) == (dear.site_id, dear.group_id)


def test_who_receives_second_hears_who_was_first_whatever_he_read(
    lyon: Site, marseille: Site, hugo: User, sophie: User, diane: User
):
    car = make_vehicle(marseille, mileage=25_000)
    with group_scope(lyon.group_id):
        transfer = send_vehicle(vehicle_id=car.pk, to_site_id=lyon.pk, by=member_of(hugo), at=MONDAY)
        with pytest.raises(MileageTooLow):
            receive_transfer(transfer_id=transfer.pk, mileage=24_000, by=member_of(sophie), at=MONDAY)
        receive_transfer(transfer_id=transfer.pk, mileage=25_100, by=member_of(sophie), at=MONDAY)
        with pytest.raises(TransferMoved):
            receive_transfer(transfer_id=transfer.pk, mileage=25_050, by=member_of(diane), at=MONDAY)
        car.refresh_from_db()

    assert (car.site_id, car.mileage) == (lyon.pk, 25_100)
