"""Files of believable vehicles, the same each time: 25 columns, as a French dealer's system exports them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

HEADER = (
    "N° de stock;VIN;Immatriculation;VN/VO;Statut;Marque;Modèle;Version;Carrosserie;Énergie;Boîte de vitesses;"
    "Puissance DIN;CO2;Kilométrage;Date MEC;Année;Couleur;Portes;Places;Équipements;Commentaire;Emplacement;"
    "Prix catalogue;Prix de vente TTC;Photos"
)
_MODELS = (
    ("PEUGEOT", "208", "Citadine"), ("PEUGEOT", "3008", "SUV"), ("RENAULT", "Clio", "Citadine"),
    ("RENAULT", "Mégane", "Berline compacte"), ("CITROEN", "C3", "Citadine"), ("VW", "Golf", "Compacte"),
    ("DACIA", "Duster", "4x4"), ("TOYOTA", "Yaris", "Citadine"), ("BMW", "Série 3", "Berline"),
    ("MERCEDES", "Classe A", "Compacte"), ("AUDI", "A4 Avant", "Break"), ("FORD", "Transit", "Utilitaire"),
)  # fmt: skip
_VERSIONS = (
    "1.2 PureTech 100 Allure",
    "TCe 90 Évolution",
    "1.5 BlueHDi 130 GT",
    "Hybride 145 Techno",
    "e-Tech 220",
)
_COLOURS = ("Bleu Vertigo", "Gris Artense", "Blanc Nacré", "Noir Étoilé", "Rouge Elixir", "Vert Émeraude")
_FUELS, _GEARS = ("Essence", "Diesel", "Hybride", "Électrique"), ("Manuelle", "Automatique")
_OPTIONS = (
    "GPS",
    "Caméra de recul",
    "Sièges chauffants",
    "Toit ouvrant",
    "Jantes 17",
    "Radar AR",
    "Apple CarPlay",
)
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_NAMES, _LONG = HEADER.split(";"), frozenset(("Équipements", "Commentaire", "Photos"))
# One row in this many cannot be read.
FAULTY_EACH = 200


def write(path: Path, rows: int, *, changed_each: int = 0, short: bool = False) -> Path:
    """A file of so many rows; with `changed_each` every so-many-th has another price and mileage than without.

    A `short` row has no photos, options or comment: a million of the others are more bytes than a file may have.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\r\n")
        for number in range(rows):
            cells = _row(number, changed=bool(changed_each) and number % changed_each == 7)
            if short:
                cells = ["" if name in _LONG else cell for name, cell in zip(_NAMES, cells, strict=True)]
            file.write(";".join(cells) + "\r\n")
    return path


def _row(number: int, *, changed: bool) -> list[str]:
    draw = random.Random(number)
    make, model, body = _MODELS[draw.randrange(len(_MODELS))]
    first = date(2015, 1, 1) + timedelta(days=draw.randrange(4000))
    price, km = 3_990 + 100 * draw.randrange(400), draw.randrange(160_000)
    if changed:
        price, km = price - 500, km + 12
    shown = "beaucoup" if number % FAULTY_EACH == 3 else f"{price}"
    letters = "".join(draw.choices("ABCDEFGHJKLMNPQRSTVWXYZ", k=4))
    photos = "|".join(f"https://photos.example.com/{number}/{place}.jpg" for place in range(8))
    return [
        f"V{number:07d}", "VF3" + "".join(draw.choices(_VIN_LETTERS, k=14)),
        f"{letters[:2]}-{draw.randrange(1000):03d}-{letters[2:]}", "VO", "Disponible", make, model,
        draw.choice(_VERSIONS), body, draw.choice(_FUELS), draw.choice(_GEARS), str(70 + draw.randrange(150)),
        str(90 + draw.randrange(80)), str(km), first.strftime("%d/%m/%Y"), str(first.year), draw.choice(_COLOURS),
        str(3 + 2 * draw.randrange(2)), "5", "|".join(draw.sample(_OPTIONS, 3)),
        f"Véhicule suivi, carnet complet, dossier {number}.", f"P{draw.randrange(40)}", str(price + 3000), shown,
        photos,
    ]  # fmt: skip
