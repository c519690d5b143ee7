"""Wanted cars against the stock: by one join, whatever their numbers; nobody asks the database once per search.

A search names make and model as a customer does (« golf gti »), a vehicle as its feed does (« Volkswagen », « Golf »,
« 2.0 TSI 245 GTI »). So a vehicle's name is turned into the names by which people may look for it, those that nobody
looks for are dropped, and what is left joins both tables by equality.

What is not known of a vehicle (its price, mileage, year, fuel, gearbox, how far it stands) does not rule it out: a
call tells.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear
from django_scopes import get_scope

from core.arrays import array_of
from core.words import fold
from sites import distances
from stock.models import SELLABLE, Vehicle, WantedCar, WantedMatch, WantedState

Name = tuple[str, str, str]
"""(make, model, version) of a vehicle, as its row has them"""
Wish = tuple[str, str]
"""(make, model) of a search, as `wish_of` writes them; empty is « whatever »"""

# Words of a version that may follow the model in a search: « 208 gti », « golf gti performance ».
_VERSION_WORDS = 8
# Short names that people use for a make whose feed spells it out.
_ALIASES = {"vw": "volkswagen", "merco": "mercedes"}
_JOINTS = str.maketrans("-/._'", "     ")

# Vehicles that are held against the searches by one statement.
BATCH = 5_000

# Lists of values as rows: of each database's own making.
_WISHES = {
    "postgresql": "unnest(CAST(%s AS text[]), CAST(%s AS text[])) AS k(make, model)",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS make, json_extract(value, '$[1]') AS model"
    " FROM json_each(%s)) AS k",
}
_KEYS = {
    "postgresql": "unnest(CAST(%s AS uuid[]), CAST(%s AS text[]), CAST(%s AS text[])) AS k(vehicle_id, make, model)",
    "sqlite": "(SELECT json_extract(value, '$[0]') AS vehicle_id, json_extract(value, '$[1]') AS make,"
    " json_extract(value, '$[2]') AS model FROM json_each(%s)) AS k",
}
# Says again what the join says, so that the few vehicles are looked up and not all of a large stock walked through.
_AMONG = {
    "postgresql": "v.id = ANY(CAST(%s AS uuid[]))",
    "sqlite": "v.id IN (SELECT value FROM json_each(%s))",
}
_YEAR = {
    "postgresql": "coalesce(v.year, extract(year FROM v.first_registration))",
    "sqlite": "coalesce(v.year, CAST(strftime('%%Y', v.first_registration) AS integer))",
}
_LOOKED_FOR = """
    SELECT k.make, k.model FROM {wishes}
    WHERE EXISTS (
        SELECT 1 FROM stock_wantedcar w
        WHERE w.group_id = %s AND w.make_folded = k.make AND w.model_folded = k.model AND w.state = 'open' {searches}
    )
"""
# Every table names the group: no manager does it here. The vehicles are gathered first: a planner that knows nothing of
# the listed rows would join them to the searches alone, and look a vehicle up for each of a million pairs.
_MATCH = """
    INSERT INTO stock_wantedmatch (group_id, wanted_id, vehicle_id, found_at)
    WITH v AS MATERIALIZED (
        SELECT k.make AS wish_make, k.model AS wish_model, v.id, v.site_id, s.country, s.latitude, s.longitude,
            v.segment, v.fuel, v.gearbox, v.price, v.mileage, {year} AS known_year
        FROM {keys}
        JOIN stock_vehicle v ON v.id = k.vehicle_id
        JOIN sites_site s ON s.id = v.site_id
        WHERE v.group_id = %s AND {among}
    )
    SELECT w.group_id, w.id, v.id, %s
    FROM v
    JOIN stock_wantedcar w ON w.make_folded = v.wish_make AND w.model_folded = v.wish_model
    JOIN sites_site s ON s.id = w.site_id
    WHERE w.group_id = %s AND w.state = 'open' AND (w.ends_on IS NULL OR w.ends_on >= %s)
      {searches}
      AND (w.elsewhere OR v.site_id = w.site_id) AND v.country = s.country
      AND (w.max_distance IS NULL OR coalesce({kilometres}, 0) <= w.max_distance)
      AND (w.segment = '' OR v.segment = w.segment)
      AND (w.fuel = '' OR v.fuel = '' OR v.fuel = w.fuel)
      AND (w.gearbox = '' OR v.gearbox = '' OR v.gearbox = w.gearbox)
      AND (w.max_price IS NULL OR v.price IS NULL OR v.price <= w.max_price)
      AND (w.max_mileage IS NULL OR v.mileage IS NULL OR v.mileage <= w.max_mileage)
      AND (w.min_year IS NULL OR v.known_year IS NULL OR v.known_year >= w.min_year)
    ON CONFLICT (wanted_id, vehicle_id) DO NOTHING
"""


def wish_of(make: str, model: str) -> Wish:
    """What a customer named, as it is compared."""
    words = _words(make)
    return " ".join([_ALIASES.get(words[0], words[0]), *words[1:]] if words else []), " ".join(_words(model))


@lru_cache(maxsize=50_000)
def wishes_for(name: Name) -> tuple[Wish, ...]:
    """Everything that a customer may have named who wants a vehicle of this name, each once."""
    make, model, version = (_words(part) for part in name)
    makes = ["", *_beginnings(make)]
    models = ["", *_beginnings([*model, *version[:2]])]
    whole = " ".join(model)
    models += [f"{whole} {word}" for word in version[:_VERSION_WORDS] if not word.isdigit()]
    return tuple(dict.fromkeys((one, other) for one in makes for other in models))


def match(
    vehicles: QuerySet[Vehicle], *, day: date, at: datetime, searches: QuerySet[WantedCar] | None = None
) -> int:
    """Keep what fits of these vehicles for the open searches (or for these) of the scope's group; how many are new.

    `day` is the last on which a search with an end may still run. One read, and two statements for every 5,000
    vehicles, whatever the number of searches.
    """
    offered = vehicles.filter(status__in=SELLABLE).order_by()
    rows = offered.values_list("pk", "make", "model", "version").iterator(chunk_size=BATCH)
    limited = _Limited(searches)
    found = 0
    while batch := list(islice(rows, BATCH)):
        named = [(pk, wishes_for((make, model, version))) for pk, make, model, version in batch]
        found += _match_batch(named, limited, day, at)
    return found


@transaction.atomic
def match_new_searches(*, day: date, at: datetime) -> int:
    """Hold searches that are new or changed against the whole stock; how many matches are new.

    They stay locked meanwhile: one that is changed again now is new again afterwards.
    """
    new = WantedCar.objects.filter(has_new_searches()).select_for_update(no_key=True, of=("self",))
    waiting = list(new.order_by("pk").only("make_folded", "segment"))
    if not waiting:
        return 0
    ids = [one.pk for one in waiting]
    found = match(_worth_a_look(waiting), day=day, at=at, searches=WantedCar.objects.filter(pk__in=ids))
    WantedCar.objects.filter(pk__in=ids, matched_at__isnull=True).update(matched_at=at)
    return found


def has_new_searches() -> Q:
    """For the sweep: searches that nobody has held against the stock yet."""
    return Q(state=WantedState.OPEN, matched_at__isnull=True)


def fitting(matches: QuerySet[WantedMatch]) -> QuerySet[WantedMatch]:
    """Those that still hold: the search is open, the vehicle may be sold, its price, site… still fit."""
    year = Coalesce(F("vehicle__year"), ExtractYear("vehicle__first_registration"))
    far = distances.kilometres_between("vehicle__site", "wanted__site")
    return matches.alias(known_year=year, kilometres=far).filter(
        Q(wanted__elsewhere=True) | Q(vehicle__site=F("wanted__site")),
        Q(wanted__max_distance=None) | Q(kilometres=None) | Q(kilometres__lte=F("wanted__max_distance")),
        Q(wanted__segment="") | Q(vehicle__segment=F("wanted__segment")),
        Q(wanted__fuel="") | Q(vehicle__fuel="") | Q(vehicle__fuel=F("wanted__fuel")),
        Q(wanted__gearbox="") | Q(vehicle__gearbox="") | Q(vehicle__gearbox=F("wanted__gearbox")),
        _at_most("price", "max_price"),
        _at_most("mileage", "max_mileage"),
        Q(wanted__min_year=None) | Q(known_year=None) | Q(known_year__gte=F("wanted__min_year")),
        wanted__state=WantedState.OPEN,
        vehicle__status__in=SELLABLE,
        dismissed_at__isnull=True,
    )


def _worth_a_look(searches: Iterable[WantedCar]) -> QuerySet[Vehicle]:
    """The vehicles that some of these may fit by make, or, where they name none, by segment: few of a large stock."""
    makes = {one.make_folded for one in searches if one.make_folded}
    others = [one for one in searches if not one.make_folded]
    if not all(one.segment for one in others):
        return Vehicle.objects.all()
    known = Vehicle.objects.order_by().values_list("make", flat=True).distinct() if makes else []
    meant = [make for make in known if not makes.isdisjoint(_beginnings(_words(make)))]
    return Vehicle.objects.filter(Q(make__in=meant) | Q(segment__in={one.segment for one in others}))


def _at_most(field: str, limit: str) -> Q:
    unknown = Q((f"wanted__{limit}", None)) | Q((f"vehicle__{field}", None))
    return unknown | Q((f"vehicle__{field}__lte", F(f"wanted__{limit}")))


class _Limited:
    """« Only these searches », as a part of a statement and its values."""

    def __init__(self, searches: QuerySet[WantedCar] | None) -> None:
        self.sql, self.values = "", ()
        if searches is not None:
            chosen, self.values = searches.order_by().values("id").query.sql_with_params()
            self.sql = f"AND w.id IN ({chosen})"


def _match_batch(
    named: list[tuple[UUID, tuple[Wish, ...]]], limited: _Limited, day: date, at: datetime
) -> int:
    looked_for = _looked_for({wish for _pk, wishes in named for wish in wishes}, limited)
    rows = [(pk, *wish) for pk, wishes in named for wish in wishes if wish in looked_for]
    return _insert(rows, limited, day, at) if rows else 0


def _looked_for(wishes: Collection[Wish], limited: _Limited) -> set[Wish]:
    """Those of the wishes that some search names."""
    statement = _LOOKED_FOR.format(wishes=_WISHES[connection.vendor], searches=limited.sql)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_as_rows(wishes), get_scope()["group"], *limited.values])
        return {(make, model) for make, model in cursor.fetchall()}


def _insert(rows: Collection[tuple[Any, ...]], limited: _Limited, day: date, at: datetime) -> int:
    vendor, group_id = connection.vendor, get_scope()["group"]
    statement = _MATCH.format(
        keys=_KEYS[vendor],
        among=_AMONG[vendor],
        year=_YEAR[vendor],
        searches=limited.sql,
        kilometres=distances.SQL.format(one="v", other="s"),
    )
    ids = list(dict.fromkeys(row[0] for row in rows))
    moment = connection.ops.adapt_datetimefield_value(at)
    last_day = connection.ops.adapt_datefield_value(day)
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [*_as_rows(rows), group_id, _as_list(ids), moment, group_id, last_day, *limited.values]
        )
        return int(cursor.rowcount)


def _as_rows(rows: Collection[tuple[Any, ...]]) -> Iterator[Any]:
    """The rows as one parameter for each column, or as one for all."""
    if connection.vendor == "postgresql":
        yield from map(array_of, zip(*rows, strict=True))
    else:
        yield json.dumps([[_plain(value) for value in row] for row in rows])


def _as_list(ids: list[UUID]) -> Any:
    return array_of(ids) if connection.vendor == "postgresql" else json.dumps([_plain(pk) for pk in ids])


def _plain(value: Any) -> Any:
    """A UUID as SQLite keeps it."""
    return value.hex if isinstance(value, UUID) else value


def _words(text: str) -> list[str]:
    return fold(text).translate(_JOINTS).split()


def _beginnings(words: Iterable[str]) -> Iterator[str]:
    """« land », « land rover »."""
    so_far: list[str] = []
    for word in words:
        so_far.append(word)
        yield " ".join(so_far)
