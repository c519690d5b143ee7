"""Whatever a file's rows already are is looked up by an index, also on the day when nobody has counted the tables.

Asked for « one of these thousands », a planner that knows nothing of a table may read all that the group has, for each
block again: the first import of a fresh system took minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import declarations
from imports.declarations import Setting
from imports.models import Feed
from imports.plan import Plan
from imports.running import here
from imports.running.here import Rows
from sites.models import Site, User
from stock.models import Vehicle
from tests.cast import MONDAY, make_vehicle
from tests.imports.files import HEADER, make_feed

pytestmark = pytest.mark.usefixtures("in_rhone")
MANY = 3_000


@pytest.fixture
def plan(sophie: User, lyon: Site) -> Plan:
    """Of a feed in whose group a few thousand cars stand, in a table that has no statistics."""
    feed = make_feed(sophie, lyon)
    Vehicle.objects.bulk_create(
        Vehicle(
            group=lyon.group, site=lyon, make="Renault", model="Clio", vin=vin_of(number),
            arrived_on=MONDAY.date(), created_at=MONDAY, updated_at=MONDAY,
            feed=feed, feed_key=f"n:{number}", feed_digest="d",
        )
        for number in range(MANY)
    )  # fmt: skip
    importer = declarations.get(Feed.objects.get().importer)
    mapping = {"N° de stock": "stock_number", "VIN": "vin", "Marque": "make", "Modèle": "model"}
    return Plan(importer, Setting(feed, (lyon,), MONDAY), HEADER, mapping)


def vin_of(number: int) -> str:
    return f"VF1RJA{number:011}"


@contextmanager
def each_by(index: str, conditions: str) -> Iterator[None]:
    """What is asked within looks each row up by this index, with all of these conditions."""
    with CaptureQueriesContext(connection) as captured:
        yield
    (asked,) = [query["sql"] for query in captured.captured_queries if "stock_vehicle" in query["sql"]]
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(f"{explain} {asked.replace('%', '%%')}")
        told = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert index in told, told
    assert conditions in told.replace("::text", "").replace("(", "").replace(")", ""), told


def test_by_vin(plan: Plan):
    where = "group_id=? AND vin=?" if connection.vendor == "sqlite" else "vin = k.value"
    with each_by("vehicle_by_vin", where):
        found = here._others([vin_of(number) for number in range(0, MANY, 2)], plan)

    assert len(found) == MANY / 2


def test_by_key(plan: Plan):
    where = "feed_id=? AND feed_key=?" if connection.vendor == "sqlite" else "AND feed_key = ANY"
    with each_by("vehicle_once_a_feed", where):
        found = here.rows_here([f"n:{number}" for number in range(0, MANY, 2)], plan)

    assert len(found) == MANY / 2


def test_what_is_as_it_was_taken(plan: Plan):
    keys = [f"n:{number}" for number in range(0, MANY, 2)]
    where = "feed_id=? AND feed_key=?" if connection.vendor == "sqlite" else "AND feed_key = ANY"
    with each_by("vehicle_once_a_feed", where):
        same = here.as_taken(Rows(range(MANY // 2), keys, ["d", *["other"] * (MANY // 2 - 1)], []), plan)

    assert same == [True, *[False] * (MANY // 2 - 1)]


@pytest.mark.parametrize("odd", ['"', "\\", "'", "{", "é", "\x1f", "%s", "\t", "𝔄"])
def test_whatever_a_key_or_a_vin_is_made_of(plan: Plan, lyon: Site, odd: str):
    """They go to the database as one text."""
    vin, key = f"VF1{odd}X", f"n:{odd}"
    make_vehicle(lyon, vin=vin, feed=plan.setting.feed, feed_key=key, feed_digest="d")

    assert list(here._others(["A", vin], plan)) == [vin]
    assert list(here.rows_here(["A", key], plan)) == [key]
