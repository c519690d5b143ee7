"""The cars of the sample files. Stock numbers begin with « F »: they are in no stock of the demo yet."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from dms.demo.stock import words
from dms.demo.stock.catalogue import models_of
from dms.demo.stock.identity import french_plate, vin
from stock.models import Fuel, Gearbox

Row = list[str]

# As a French dealer's system calls them.
HEADER: Row = [
    "N° de stock", "VIN", "Immat", "Marque", "Modèle", "Version", "Énergie", "Boîte", "Puissance", "CO2", "Kilométrage",
    "Date MEC", "Couleur", "Portes", "Prix TTC", "Prix d'achat", "TVA", "Photos", "Options",
]  # fmt: skip

_FUELS = {
    Fuel.PETROL: "ES", Fuel.DIESEL: "GO", Fuel.HYBRID: "Hybride", Fuel.PLUGIN_HYBRID: "Hybride rechargeable",
    Fuel.ELECTRIC: "Électrique", Fuel.LPG: "GPL",
}  # fmt: skip
_GEARBOXES = {Gearbox.MANUAL: "BVM", Gearbox.AUTOMATIC: "BVA"}


def clean_rows(count: int, *, seed: int = 4) -> list[Row]:
    """Cars without a fault, the same every time."""
    random = Random(seed)  # noqa: S311 - a sample that everybody can talk about
    return [_row(number, random) for number in range(1, count + 1)]


def _row(number: int, random: Random) -> Row:
    model = random.choice(models_of("FR"))
    version = random.choice(model.versions)
    year = random.randrange(max(2018, model.since), 2026)
    price = round(version.list_price * (0.86 ** (2026 - year)) / 500) * 500 - 10
    return [
        f"F{number:04d}", vin(model.maker, year, random), french_plate(year, random), model.make, model.name, version.name,
        _FUELS[version.fuel], _GEARBOXES[version.gearbox], f"{version.power} ch", str(version.co2),
        f"{(2026 - year) * random.randrange(9_000, 21_000) + 900:,}".replace(",", " "),
        f"{random.randrange(1, 29):02d}/{random.randrange(1, 13):02d}/{year}",
        random.choice([name for names, _share in words.COLOURS.values() for name in names]), str(model.doors),
        f"{price:,} €".replace(",", " "), f"{round(price * 0.88):,} €".replace(",", " "),
        random.choice(("Marge", "TVA récupérable")), "", ", ".join(random.sample(words.OPTIONS, 4)),
    ]  # fmt: skip


def faulty_rows(sold: Sequence[str] = ()) -> list[Row]:
    """Forty cars and what goes wrong with them. `sold` are stock numbers that must not come back."""
    rows = clean_rows(40)
    column = {name: place for place, name in enumerate(HEADER)}
    for number in (2, 5, 8, 9, 14, 21, 22, 30):
        rows[number][column["VIN"]] = ""
    rows[3][column["Prix TTC"]] = "Please Call"
    rows[11][column["Prix TTC"]] = "Nous consulter"
    rows[6][column["VIN"]] = "1HGCM82643A004353"  # North American, and its check digit is another one
    rows[7][column["Version"]] = '=HYPERLINK("http://example.invalid";"cliquez")'
    rows[10][column["Kilométrage"]] = "beaucoup"
    rows[12][column["Photos"]] = "|".join(
        f"https://photos.example.com/f0013/{photo:02d}.jpg" for photo in range(1, 81)
    )
    rows[13][column["Date MEC"]] = "31/02/2022"
    rows[15][column["Énergie"]] = "Vapeur"
    rows[17] = rows[17][:6]  # the line was cut off
    rows[19] = [*rows[19], "", "et puis ?"]  # and this one has too much
    rows.insert(24, list(rows[23]))  # twice the same
    for number, stock_number in zip((26, 27), sold, strict=False):
        rows[number][column["N° de stock"]] = stock_number
    return rows
