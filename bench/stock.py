"""The stock list over 100,000 vehicles: a page with three filters and a search against the same rows by plain SQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.ids import new_id
from sites.access import Member, member_for
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from stock.filters import StockFilter, matching
from stock.models import Fuel, Gearbox, Segment, Vehicle
from stock.models.vehicles import SEARCHED, words_of
from stock.searching import search_for
from stock.selectors import facets_of, first_photos, size_of, visible_vehicles
from stock.sorting import SORTS, page_of

VEHICLES, FEW, SITES = 100_000, 60, 8
ROUNDS = 25
LIMIT, PAGE_BYTES = 1.5, 60 * 1024
TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# Three filters and a search, as in « a diesel Peugeot with automatic gearbox up to 25,000 euros, Allure ».
WANTED = StockFilter(text="peugeot allure", fuels=("diesel",), gearboxes=("automatic",), price_to=25_000_00)
QUERY = "q=peugeot+allure&fuel=diesel&gearbox=automatic&price_to=25000&site=all"

_FITS = """
    WHERE v.group_id = %(group)s AND v.status IN ('ordered', 'in_transit', 'preparation', 'available')
        AND v.fuel IN ('diesel') AND v.gearbox IN ('automatic') AND v.price <= 2500000
        AND v.words LIKE '%% peugeot%%' AND v.words LIKE '%% allure%%'
"""
_PAGE_SQL = f"""SELECT v.id, v.*, s.* FROM stock_vehicle v JOIN sites_site s ON s.id = v.site_id {_FITS}
    ORDER BY v.arrived_on DESC, v.id DESC LIMIT 51"""
_COUNT_SQL = f"SELECT count(*) FROM (SELECT 1 FROM stock_vehicle v {_FITS} LIMIT 1001) AS found"
_PHOTOS_SQL = (
    "SELECT * FROM stock_photo WHERE group_id = %(group)s AND vehicle_id = ANY(%(ids)s) ORDER BY position, id"
)

_MODELS = [
    (make, model, segment)
    for make, models in {
        "Peugeot": "208 2008 308 3008 5008 Rifter",
        "Renault": "Clio Captur Mégane Austral Scénic Trafic",
        "Citroën": "C3 C4 C5_Aircross Berlingo",
        "Dacia": "Sandero Duster Jogger Spring",
        "Volkswagen": "Polo Golf T-Roc Tiguan Passat",
        "Toyota": "Yaris Corolla C-HR RAV4",
        "Ford": "Puma Focus Kuga Transit",
        "BMW": "Série_1 X1 i4",
    }.items()
    for model, segment in zip(models.replace("_", " ").split(" "), [*Segment.values] * 2, strict=False)
]
_TRIMS = (
    "Allure",
    "Active",
    "GT",
    "Techno",
    "Evolution",
    "Business",
    "Style",
    "Shine",
    "Confort",
    "Expression",
)


@dataclass(frozen=True)
class Scene:
    """A group with its vehicles, and a salesperson of it."""

    group: Group
    member: Member
    person: User


def run() -> Report:
    """The table of this benchmark."""
    scene, small = _scene(VEHICLES), _scene(FEW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    report = Report(f"Stock list with {VEHICLES:,} vehicles: three filters and a search")
    with group_scope(scene.group.pk):
        _compare(report, scene)
        _tell_more(report, scene)
    queries, size, seconds = _whole_page(scene)
    few, _size, _seconds = _whole_page(small)
    report.row("the whole page, rendered", f"{milliseconds(seconds)}, {size:,} bytes, {queries} queries")
    report.bound(f"queries for {VEHICLES:,} / for {FEW}", queries / few, 1.0)
    report.bound("page / 60 KB", size / PAGE_BYTES, 1.0)
    return report


def _compare(report: Report, scene: Scene) -> None:
    """Rows, photos and the capped count: what the database takes for ours, and for the same by hand."""
    ours: list[float] = []
    raw: list[float] = []
    alternating(
        [partial(_timed, ours, partial(_ours, scene)), partial(_timed, raw, partial(_raw, scene))], ROUNDS
    )
    report.row("page, photos and count: database", milliseconds(median(ours)))
    report.row("the same by raw SQL", milliseconds(median(raw)))
    report.bound("database time / raw SQL", median(ours) / median(raw), LIMIT)


def _ours(scene: Scene) -> None:
    search = search_for(WANTED.text, group_id=scene.group.pk)
    vehicles = matching(visible_vehicles(scene.member), WANTED, search, today=TODAY)
    page = page_of(vehicles, sort=SORTS["newest"])
    first_photos(page.vehicles)
    size_of(vehicles)


def _raw(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PAGE_SQL, {"group": scene.group.pk})
        ids = [row[0] for row in cursor.fetchall()][:50]
        cursor.execute(_PHOTOS_SQL, {"group": scene.group.pk, "ids": ids})
        cursor.fetchall()
        cursor.execute(_COUNT_SQL, {"group": scene.group.pk})
        cursor.fetchall()


def _timed(taken: list[float], deed: Callable[[], None]) -> None:
    with _database_time() as spent:
        deed()
    taken.append(spent[0])


@contextmanager
def _database_time() -> Iterator[list[float]]:
    """Seconds within statements, their rows fetched: not what Python makes of them."""
    spent = [0.0]

    def measure(execute: Callable[..., Any], *arguments: Any) -> Any:
        started = perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent[0] += perf_counter() - started

    with connection.execute_wrapper(measure):
        yield spent


def _tell_more(report: Report, scene: Scene) -> None:
    """Beside the promise: other orders, words and counts, so that a slow one is seen."""
    plain = StockFilter()
    deeds = {
        "facets of the whole stock": lambda: _facets(scene, plain),
        "facets of the search": lambda: _facets(scene, WANTED),
        "capped count of the whole stock": lambda: size_of(_found(scene, plain)),
        "first page, newest first": lambda: page_of(_found(scene, plain), sort=SORTS["newest"]),
        "first page, lowest price first": lambda: page_of(_found(scene, plain), sort=SORTS["cheapest"]),
        "first page, lowest mileage first": lambda: page_of(_found(scene, plain), sort=SORTS["fewest_km"]),
        "first page, by make": lambda: page_of(_found(scene, plain), sort=SORTS["make"]),
        "a plate": lambda: page_of(_found(scene, StockFilter(text="ab123cd")), sort=SORTS["newest"]),
        "two faults": lambda: page_of(
            _found(scene, StockFilter(text="peugot meganne")), sort=SORTS["newest"]
        ),
    }
    for name, taken in zip(deeds, alternating(list(deeds.values()), 5), strict=True):
        report.row(name, milliseconds(median(taken)))
    cache.clear()
    started = perf_counter()
    search_for("peugeot", group_id=scene.group.pk)
    report.row("reading the vocabulary, once in ten minutes", milliseconds(perf_counter() - started))


def _facets(scene: Scene, wanted: StockFilter) -> None:
    search = search_for(wanted.text, group_id=scene.group.pk)
    facets_of(visible_vehicles(scene.member), wanted, search, today=TODAY)


def _found(scene: Scene, wanted: StockFilter) -> Any:
    search = search_for(wanted.text, group_id=scene.group.pk)
    return matching(visible_vehicles(scene.member), wanted, search, today=TODAY)


def _whole_page(scene: Scene) -> tuple[int, int, float]:
    """Queries, bytes and seconds of a full page as a browser gets it, the second time."""
    client = Client()
    client.force_login(scene.person, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get(f"/stock/?{QUERY}")
    with CaptureQueriesContext(connection) as captured:
        started = perf_counter()
        client.get(f"/stock/?{QUERY}")
        seconds = perf_counter() - started
    return len(captured), len(client.get(f"/stock/?{QUERY}").content), seconds


def _scene(number: int) -> Scene:
    slug = f"stock-{new_id()}"
    group = Group.objects.create(name="Stock", slug=slug)
    person = User.objects.create_user(f"seller@{slug}.test", group=group, first_name="S", last_name="P")
    with group_scope(group.pk):
        sites = Site.objects.bulk_create(
            [Site(group=group, name=f"Site {place}", slug=f"site-{place}") for place in range(SITES)]
        )
        Membership.objects.create(group=group, user=person, role=Role.SALESPERSON, site=sites[0])
        chance = random.Random(number)
        for begin in range(0, number, 5_000):
            many = range(begin, min(begin + 5_000, number))
            Vehicle.objects.bulk_create([_vehicle(group, chance.choice(sites), chance, at) for at in many])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO stock_photo (id, group_id, vehicle_id, position, file, thumbnail, width, height, digest,
                    source_url, added_at)
                SELECT gen_random_uuid(), group_id, id, 0, 'a', 'b', 4, 3, 'c', '', created_at
                FROM stock_vehicle WHERE group_id = %s""",
            [group.pk],
        )
    member = member_for(person)
    assert member is not None
    return Scene(group, member, person)


def _vehicle(group: Group, site: Site, chance: random.Random, number: int) -> Vehicle:
    """One of the two thousand that fit the search in a hundred thousand; a few hold a group that small."""
    make, model, segment = chance.choice(_MODELS)
    fits = number % 50 == 0 or number < FEW
    said = {
        "make": "Peugeot" if fits else make,
        "model": "308" if fits else model,
        "version": f"1.5 BlueHDi 130 {'Allure' if fits else chance.choice(_TRIMS)} Pack",
        "stock_number": f"S-{number:06}",
        "plate": f"{chance.choice('ABC')}{chance.choice('ABC')}-{number % 1000:03}-{chance.choice('ABC')}D",
        "vin": f"VF3{number:014}",
        "year": chance.randrange(2015, 2027),
        "colour": chance.choice(("Bleu Vertigo", "Noir Perla", "Gris Artense", "Blanc Nacré")),
    }
    return Vehicle(
        group=group,
        site=site,
        **said,
        words=words_of(**{name: said[name] for name in SEARCHED}),
        segment=segment,
        fuel=Fuel.DIESEL if fits else chance.choice(Fuel.values),
        gearbox=Gearbox.AUTOMATIC if fits else chance.choice(Gearbox.values),
        mileage=chance.randrange(150_000),
        price=chance.randrange(6_000, 24_000 if fits else 60_000) * 100,
        options=["GPS", "Caméra de recul", "Sièges chauffants"] * 4,
        description="Première main, carnet à jour. " * 8,
        arrived_on=TODAY - timedelta(days=chance.randrange(400)),
        created_at=AT,
        updated_at=AT,
    )
