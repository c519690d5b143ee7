"""The feed as a table: columns in French or English, written so that our own importer can read it back.

Text that a spreadsheet would compute is disarmed. Several photos or options share a cell, divided by « | ».
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext_noop, override

from core.spreadsheets import Value, safe_cell
from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus
from stock.publishing.cars import PublicCar

LANGUAGES = ("fr", "en")
DIVIDER = "|"


@dataclass(frozen=True)
class Column:
    """Its header in both languages, which never changes, and what stands in it."""

    english: str
    french: str
    about: str
    cell: Callable[[PublicCar], Value]

    def header(self, language: str) -> str:
        return self.french if language == "fr" else self.english


def _spoken(choices: type[Kind | VehicleStatus | Fuel | Gearbox | Segment], value: str) -> str:
    """The word of a closed list in the active language."""
    return str(choices(value).label) if value in choices.values else ""


def _price(car: PublicCar) -> Value:
    """Without cents where there are none; a point divides them in either language."""
    if car.price is None:
        return None
    euros, cents = divmod(car.price, 100)
    return f"{euros}.{cents:02d}" if cents else euros


def _day(car: PublicCar) -> Value:
    return car.first_registration.isoformat() if car.first_registration else None


COLUMNS = (
    Column(
        "stock_number",
        "numero_de_stock",
        gettext_noop("The dealer's own number"),
        lambda car: car.stock_number,
    ),
    Column("vin", "vin", gettext_noop("Vehicle identification number"), lambda car: car.vin),
    Column("kind", "type", gettext_noop("New, used or demonstration"), lambda car: _spoken(Kind, car.kind)),
    Column(
        "status",
        "statut",
        gettext_noop("Where it stands"),
        lambda car: _spoken(VehicleStatus, car.status),
    ),
    Column("make", "marque", gettext_noop("Make"), lambda car: car.make),
    Column("model", "modele", gettext_noop("Model"), lambda car: car.model),
    Column("version", "version", gettext_noop("Engine and trim"), lambda car: car.version),
    Column("segment", "segment", gettext_noop("Body"), lambda car: _spoken(Segment, car.segment)),
    Column("fuel", "energie", gettext_noop("Fuel"), lambda car: _spoken(Fuel, car.fuel)),
    Column("gearbox", "boite", gettext_noop("Gearbox"), lambda car: _spoken(Gearbox, car.gearbox)),
    Column("power_hp", "puissance_ch", gettext_noop("DIN horsepower"), lambda car: car.power),
    Column("co2", "co2", gettext_noop("Grams of CO₂ a kilometre"), lambda car: car.co2),
    Column("mileage_km", "kilometrage", gettext_noop("Kilometres"), lambda car: car.mileage),
    Column("first_registration", "date_premiere_immatriculation", gettext_noop("Day, ISO 8601"), _day),
    Column("year", "annee", gettext_noop("Model year"), lambda car: car.year),
    Column("colour", "couleur", gettext_noop("Colour"), lambda car: car.colour),
    Column("doors", "portes", gettext_noop("Doors"), lambda car: car.doors),
    Column("seats", "places", gettext_noop("Seats"), lambda car: car.seats),
    Column(
        "options",
        "options",
        gettext_noop("Equipment, divided by “|”"),
        lambda car: DIVIDER.join(map(str, car.options)),
    ),
    Column(
        "description", "description", gettext_noop("The advertisement's text"), lambda car: car.description
    ),
    Column("price", "prix", gettext_noop("Tax included; empty: on request"), _price),
    Column("currency", "devise", gettext_noop("ISO 4217"), lambda car: car.currency),
    Column("site", "site", gettext_noop("The site's name"), lambda car: car.site.name),
    Column(
        "photos",
        "photos",
        gettext_noop("Addresses, divided by “|”; the first one is the main photo"),
        lambda car: DIVIDER.join(car.photos),
    ),
)


def csv_pieces(pieces: Iterable[list[PublicCar]], *, language: str) -> Iterator[bytes]:
    """The file, piece by piece: semicolons for French readers, commas for English ones; UTF-8 without a mark."""
    yield _lines([[column.header(language) for column in COLUMNS]], language)
    for piece in pieces:
        with override(language):
            rows = [[safe_cell(column.cell(car)) for column in COLUMNS] for car in piece]
        yield _lines(rows, language)


def _lines(rows: Iterable[list[Value]], language: str) -> bytes:
    text = StringIO()
    csv.writer(text, delimiter=";" if language == "fr" else ",", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
