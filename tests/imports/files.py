"""Files as dealers send them, and the shortest way through a run for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from core.ids import new_id
from core.signals import DomainSignal
from imports.models import Feed, Run
from imports.running.run import carry_out
from imports.services import create_feed
from imports.services.runs import begin
from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Vehicle, VehicleChange
from tests.cast import MONDAY, member_of

HEADER = (
    "N° de stock",
    "VIN",
    "Immatriculation",
    "Marque",
    "Modèle",
    "Version",
    "Énergie",
    "Boîte",
    "Km",
    "Prix",
)
# Real shapes, invented cars: the check digit does not matter outside North America.
CLIO = (
    "L-1",
    "VF1RJA00000000001",
    "AB-123-CD",
    "Renault",
    "Clio",
    "TCe 90",
    "Essence",
    "BVM",
    "24 500",
    "15 990 €",
)
ZOE = ("L-2", "", "", "RENAULT", "Zoé", "R110", "Électrique", "Automatique", "12000", "13990")
GOLF = ("L-3", "", "EF-456-GH", "VW", "Golf", "1.5 TSI", "Essence", "DSG", "33000", "18 500,00")


def csv_of(*rows: Sequence[str], header: Sequence[str] = HEADER, delimiter: str = ";") -> bytes:
    """A file of these rows in UTF-8."""
    return "".join(delimiter.join(row) + "\r\n" for row in (header, *rows)).encode()


def changed(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    """The row with other cells, by the folded beginning of their header: `prix="1"`."""
    places = {
        "stock": 0,
        "vin": 1,
        "plate": 2,
        "make": 3,
        "model": 4,
        "version": 5,
        "fuel": 6,
        "gear": 7,
        "km": 8,
    }
    places["price"] = 9
    return tuple(
        next((text for name, text in cells.items() if places[name] == place), cell)
        for place, cell in enumerate(row)
    )


def cars(count: int, *, first: int = 1) -> list[tuple[str, ...]]:
    """So many different cars."""
    return [
        changed(CLIO, stock=f"C-{number}", vin="", plate="", km=str(10_000 + number))
        for number in range(first, first + count)
    ]


def make_feed(person: User, *sites: Site, name: str = "DMS Lyon", **settings: Any) -> Feed:
    """A feed of vehicles for these sites, made by somebody who may."""
    assert person.group_id is not None
    with group_scope(person.group_id):
        return create_feed(
            importer="stock.vehicles", name=name, sites=sites, by=member_of(person), at=MONDAY, **settings
        )


def started(feed: Feed, data: bytes, *, name: str = "stock.csv", at: datetime = MONDAY) -> Run:
    """A run that waits for its worker."""
    with group_scope(feed.group_id):
        return begin(feed=feed, file=BytesIO(data), file_name=name, by=None, at=at)


def imported(feed: Feed, data: bytes, *, name: str = "stock.csv", at: datetime = MONDAY) -> Run:
    """The run of this file, as far as it goes."""
    feed.refresh_from_db()
    run = started(feed, data, name=name, at=at)
    return carried_out(run, at=at)


def carried_out(run: Run | None, *, at: datetime = MONDAY) -> Run:
    """A worker has taken it up."""
    assert run is not None
    with group_scope(run.group_id):
        carry_out(run.pk, clock=lambda: at + timedelta(seconds=1))
        run.refresh_from_db()
    return run


def counts(run: Run | None) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, in error. Their sum is always the file's."""
    assert run is not None
    found = (run.created, run.updated, run.unchanged, run.failed)
    assert sum(found) == run.total
    return found


def problems_of(run: Run) -> dict[int, list[str]]:
    """Number of the row → the codes of what is wrong with it."""
    with group_scope(run.group_id):
        return {
            fault.number: [problem["code"] for problem in fault.problems]
            for fault in run.faults.order_by("number")
        }


def cells(**texts: str) -> Mapping[str, str]:
    """Corrections by the names of the columns."""
    names = {
        "stock": "N° de stock",
        "vin": "VIN",
        "make": "Marque",
        "model": "Modèle",
        "price": "Prix",
        "km": "Km",
    }
    return {names[name]: text for name, text in texts.items()}


def last_change(vehicle: Vehicle) -> VehicleChange:
    """The last line of a vehicle's history."""
    return VehicleChange.objects.filter(of=vehicle).order_by("-pk")[0]


def codes(steps: Iterable[Any]) -> list[str]:
    """The codes of a log."""
    return [step.code for step in steps]


def facts_of(*signals: DomainSignal[Any]) -> list[Any]:
    """What these signals tell from now on."""
    told: list[Any] = []
    for signal in signals:
        signal.connect(told.append, uid=str(new_id()))
    return told
