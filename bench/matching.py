"""Wanted cars against the stock: 1,000 arrivals, and a morning's changes, beside the bare join of the same pairs.

The rival is what somebody would write who had every name of a vehicle that a search may use ready in an indexed table:
one INSERT … SELECT over a join by equality, with the same limits, that writes the same rows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.ids import new_id
from sites import distances
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from stock.matching import match, wish_of, wishes_for
from stock.models import Fuel, Gearbox, Kind, Segment, Vehicle, VehicleStatus, WantedCar, WantedMatch
from stock.wanting import tell_matches

VEHICLES, SEARCHES, ARRIVALS = 100_000, 10_000, 1_000
# Of so many a price, a status or a mileage changes from one morning to the next.
CHANGED = 5_000
SITES, SALESPEOPLE = 8, 80
MAKES, MODELS, VERSIONS = 30, 12, 6
ROUNDS = 9
LIMIT = 2.0

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
YESTERDAY = AT - timedelta(days=1)
DAY = AT.date()

_RIVAL = """
    INSERT INTO stock_wantedmatch (group_id, wanted_id, vehicle_id, found_at)
    SELECT w.group_id, w.id, v.id, %s
    FROM stock_vehicle v
    JOIN bench_wish k ON k.vehicle_id = v.id
    JOIN stock_wantedcar w ON w.group_id = v.group_id AND w.make_folded = k.make AND w.model_folded = k.model
    JOIN sites_site vs ON vs.id = v.site_id
    JOIN sites_site ws ON ws.id = w.site_id
    WHERE v.group_id = %s AND {which} AND v.status = ANY(%s) AND w.state = 'open'
      AND (w.ends_on IS NULL OR w.ends_on >= %s)
      AND (w.elsewhere OR v.site_id = w.site_id) AND vs.country = ws.country
      AND (w.max_distance IS NULL OR coalesce({kilometres}, 0) <= w.max_distance)
      AND (w.segment = '' OR v.segment = w.segment)
      AND (w.fuel = '' OR v.fuel = '' OR v.fuel = w.fuel)
      AND (w.gearbox = '' OR v.gearbox = '' OR v.gearbox = w.gearbox)
      AND (w.max_price IS NULL OR v.price IS NULL OR v.price <= w.max_price)
      AND (w.max_mileage IS NULL OR v.mileage IS NULL OR v.mileage <= w.max_mileage)
      AND (w.min_year IS NULL OR v.year IS NULL OR v.year >= w.min_year)
    ON CONFLICT (wanted_id, vehicle_id) DO NOTHING
"""
_SELLABLE = ["ordered", "in_transit", "preparation", "available"]


def run() -> Report:
    """The table of this benchmark."""
    chance = random.Random(20260302)
    sites = _group(SITES)
    with group_scope(sites[0].group_id):
        _people_and_searches(sites, chance, SEARCHES)
        _vehicles(sites, chance, VEHICLES - CHANGED, YESTERDAY - timedelta(days=9))
        _vehicles(sites, chance, CHANGED - ARRIVALS, AT - timedelta(hours=5))
        arrivals = _vehicles(sites, chance, ARRIVALS, AT - timedelta(hours=1))
        _every_wish()
        return _measure(sites, arrivals)


def _measure(sites: list[Site], arrivals: list[UUID]) -> Report:
    report = Report(f"Wanted cars: {SEARCHES:,} searches, {VEHICLES:,} vehicles")
    came = Vehicle.objects.filter(pk__in=arrivals)
    changed = Vehicle.objects.filter(updated_at__gte=YESTERDAY)
    rival_arrivals = partial(_rival, sites[0].group_id, "v.id = ANY(%s)", arrivals)
    rival_changed = partial(_rival, sites[0].group_id, "v.updated_at >= %s", YESTERDAY)
    _compare(report, f"{ARRIVALS:,} arrivals", came, rival_arrivals)
    _compare(report, f"morning, {CHANGED:,} changed", changed, rival_changed)
    _morning(report, sites[0], changed)
    report.bound("queries for 10,000 searches / for 10", _queries(came) / _queries_for_few(), 1.0)
    return report


def _compare(report: Report, name: str, vehicles: QuerySet[Vehicle], rival: Callable[[], int]) -> None:
    ours = partial(match, vehicles, day=DAY, at=AT)
    pairs = (_undone(ours), _undone(rival))
    if pairs[0] != pairs[1]:
        raise AssertionError(f"{name}: {pairs[0]} pairs, the rival found {pairs[1]}")
    mine, theirs = alternating([partial(_undone, ours), partial(_undone, rival)], ROUNDS)
    report.row(f"{name}: matches written", f"{pairs[0]:8,}")
    report.row(f"{name}: ours", milliseconds(median(mine)))
    report.row(f"{name}: the bare join", milliseconds(median(theirs)))
    report.bound(f"{name} / bare join", median(mine) / median(theirs), LIMIT)


def _morning(report: Report, site: Site, changed: QuerySet[Vehicle]) -> None:
    """What a site's whole morning takes, its alerts included."""

    def morning() -> int:
        match(changed, day=DAY, at=AT, searches=WantedCar.objects.filter(site=site, state="open"))
        return tell_matches(site, day=DAY, since=AT - timedelta(hours=8), at=AT)

    (seconds,) = alternating([partial(_undone, morning)], 3)
    report.row(f"one of {SITES} sites: its morning, {_undone(morning)} alerts", milliseconds(median(seconds)))


def _undone(deed: Callable[[], int]) -> int:
    """Do it and take it back, so that each round finds the same table; both sides pay for the savepoint."""
    with transaction.atomic():
        result = deed()
        transaction.set_rollback(True)
    return result


def _rival(group_id: int, which: str, chosen: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _RIVAL.format(which=which, kilometres=distances.SQL.format(one="vs", other="ws")),
            [AT, group_id, chosen, _SELLABLE, DAY],
        )
        return int(cursor.rowcount)


def _queries(vehicles: QuerySet[Vehicle]) -> int:
    with CaptureQueriesContext(connection) as captured:
        _undone(partial(match, vehicles, day=DAY, at=AT))
    return len(captured)


def _queries_for_few() -> int:
    chance = random.Random(1)
    sites = _group(1)
    with group_scope(sites[0].group_id):
        _people_and_searches(sites, chance, 10)
        few = _vehicles(sites, chance, 2_000, AT)
        return _queries(Vehicle.objects.filter(pk__in=few))


def _group(number: int) -> list[Site]:
    group = Group.objects.create(name="Matching", slug=f"matching-{new_id()}")
    with group_scope(group.pk):
        return [Site.objects.create(group=group, name=f"Site {n}", slug=f"site-{n}") for n in range(number)]


def _people_and_searches(sites: list[Site], chance: random.Random, number: int) -> None:
    group = sites[0].group
    people = User.objects.bulk_create(
        [User(email=f"{n}@{group.slug}.test", group=group, first_name="P") for n in range(SALESPEOPLE)]
    )
    Membership.objects.bulk_create(
        Membership(group=group, user=one, role=Role.SALESPERSON, site=sites[turn % len(sites)])
        for turn, one in enumerate(people)
    )
    rows = []
    for turn in range(number):
        person = turn % SALESPEOPLE
        rows.append(_search(sites[person % len(sites)], people[person], chance))
    WantedCar.objects.bulk_create(rows, batch_size=2_000)


def _search(site: Site, person: User, chance: random.Random) -> WantedCar:
    """Most customers name a model, some a make, a few only a kind of car and what they can spend."""
    kind = chance.random()
    make = _make(chance.randrange(MAKES)) if kind < 0.96 else ""
    model = _model(chance.randrange(MODELS)) if kind < 0.86 else ""
    wanted = WantedCar(
        group_id=site.group_id,
        site=site,
        salesperson=person,
        customer_name="Paul Martin",
        make=make,
        model=model,
        segment=chance.choice(Segment.values) if not make else "",
        fuel=chance.choice(["", "", *Fuel.values[:4]]),
        gearbox=chance.choice(["", *Gearbox.values]),
        max_price=chance.randrange(8_000, 30_000) * 100,
        max_mileage=chance.choice([None, 60_000, 100_000]),
        min_year=chance.choice([None, 2019, 2021]),
        elsewhere=chance.random() < 0.7,
        created_at=AT,
        matched_at=AT,
    )
    wanted.make_folded, wanted.model_folded = wish_of(make, model)
    return wanted


def _vehicles(sites: list[Site], chance: random.Random, number: int, at: datetime) -> list[UUID]:
    rows = [_vehicle(sites, chance, at) for _turn in range(number)]
    Vehicle.objects.bulk_create(rows, batch_size=2_000)
    return [row.pk for row in rows]


def _vehicle(sites: list[Site], chance: random.Random, at: datetime) -> Vehicle:
    site = chance.choice(sites)
    return Vehicle(
        group_id=site.group_id,
        site=site,
        kind=Kind.USED,
        status=VehicleStatus.AVAILABLE if chance.random() < 0.8 else VehicleStatus.RESERVED,
        make=_make(chance.randrange(MAKES)).upper(),
        model=_model(chance.randrange(MODELS)),
        version=f"1.{chance.randrange(VERSIONS)} TDI Allure",
        segment=chance.choice(Segment.values),
        fuel=chance.choice(Fuel.values[:5]),
        gearbox=chance.choice(Gearbox.values),
        year=chance.randrange(2014, 2026),
        mileage=chance.randrange(5_000, 180_000),
        price=chance.randrange(5_000, 45_000) * 100,
        arrived_on=date(2026, 1, 5),
        created_at=at,
        updated_at=at,
    )


def _make(number: int) -> str:
    return f"Citroën {number}"


def _model(number: int) -> str:
    return f"Modèle{number}"


def _every_wish() -> None:
    """The rival's table: each vehicle's names that some search uses, indexed."""
    wishes = set(WantedCar.objects.values_list("make_folded", "model_folded").distinct())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_wish (vehicle_id uuid, make text, model text)")
        names = list(Vehicle.objects.values_list("pk", "make", "model", "version"))
        with cursor.cursor.copy("COPY bench_wish FROM STDIN") as stream:
            for pk, *name in names:
                for make, model in wishes_for((name[0], name[1], name[2])):
                    if (make, model) in wishes:
                        stream.write_row((pk, make, model))
        cursor.execute("CREATE INDEX ON bench_wish (vehicle_id)")
        cursor.execute("ANALYZE")
    assert not WantedMatch.objects.exists()
