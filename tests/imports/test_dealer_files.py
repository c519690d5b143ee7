"""Cells, headers and files in the words of dealers' systems that nobody here has written: French, Québec, English."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from imports.days import Day
from imports.files import Refused, open_table
from imports.mapping import known_headers, proposed
from imports.problems import Unreadable
from imports.readers import Choice, Items, Links, Money, OneOf, Text, Whole
from sites.models import Site, User
from stock.feed_words import FUELS
from stock.identity import Make, Vin, plate_of
from stock.importers import VehicleImporter
from stock.models import Fuel, Vehicle
from tests.imports.files import counts, imported, make_feed, problems_of

# --- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("15,990", 15_990_00), ("15.990", 15_990_00), ("$12,500", 12_500_00), ("7,000", 7_000_00),
        ("1,015,990", 1_015_990_00), ("15990.000", 15_990_00), ("15990,5000", 15_990_50), ("15.9", 15_90),
        ("12\u202f990,00\u00a0€ TTC", 12_990_00), ("12\u2009990 €", 12_990_00), ("12 990,- €", 12_990_00),
        ("12 990 euros", 12_990_00), ("12990 EUR", 12_990_00), ("EUR 12,990.00", 12_990_00), ("12 990 €*", 12_990_00),
        ("C$ 45,500", 45_500_00), ("45 500 $ CAD", 45_500_00), ("12 990 €TTC", 12_990_00),
        ("45 500 $ + taxes", 45_500_00), ("$45,500 plus tax", 45_500_00), ("45 500$ +tx", 45_500_00),
        ("N/C", None), ("NC", None), ("–", None), ("Non communiqué", None), ("Appelez-nous", None),
    ],
)  # fmt: skip
def test_prices_of_dealers(text, cents):
    assert Money(with_tax=True).read(text) == cents


@pytest.mark.parametrize(
    "text", ["12 990 € HT", "12990 H.T.", "12 990 hors taxes", "12990HT", "10 000 € + TVA", "9000 excl. VAT"]
)
def test_a_price_that_says_it_is_without_tax_is_no_price_with_it(text):
    with pytest.raises(Unreadable, match="without_tax"):
        Money(with_tax=True).read(text)


def test_what_a_car_cost_may_be_without_tax():
    assert Money().read("12 990 € HT") == 12_990_00


@pytest.mark.parametrize("text", ["12 990 os", "TTC", "15,99,0", "1 99 0,00x", "12990 HTVA 20"])
def test_what_dealers_write_beside_a_price_is_not_guessed(text):
    with pytest.raises(Unreadable):
        Money().read(text)


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("45\u2009000 km", 45_000), ("45\u202f000 KM", 45_000), ("45\u00a0000", 45_000), ("45'000", 45_000),
        ("45 000,00 km", 45_000), ("90 cv DIN", 90), ("112 g CO2/km", 112),
        ("N/C", None), ("Non renseigné", None), ("—", None), ("NR", None),
    ],
)  # fmt: skip
def test_mileages_of_dealers(text, km):
    assert Whole(0, 2_000_000).read(text) == km


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 mars 2021", date(2021, 3, 3)), ("1er février 2020", date(2020, 2, 1)), ("mars 2021", date(2021, 3, 1)),
        ("Août 2019", date(2019, 8, 1)), ("03-Mar-2021", date(2021, 3, 3)), ("03-déc.-21", date(2021, 12, 3)),
        ("Mar 3, 2021", date(2021, 3, 3)), ("March 3rd 2021", date(2021, 3, 3)), ("juil-19", date(2019, 7, 1)),
        ("2021/03", date(2021, 3, 1)), ("44270", date(2021, 3, 15)), ("44270.0", date(2021, 3, 15)),
        ("2021-03-15T00:00:00+01:00", date(2021, 3, 15)), ("15/03/21", date(2021, 3, 15)),
        ("N/C", None), ("01/01/1900", None), ("0001-01-01T00:00:00", None), ("00000000", None),
    ],
)  # fmt: skip
def test_dates_of_dealers(text, day):
    assert Day().read(text) == day


@pytest.mark.parametrize(
    "text", ["30 février 2021", "3 marz 21x", "marche 2021 3", "99999", "0021-03-15", "15/03/9021"]
)
def test_what_is_no_date_of_a_car(text):
    with pytest.raises(Unreadable):
        Day().read(text)


def test_a_word_for_nothing_is_nothing_in_a_closed_list_too():
    assert Choice(Fuel, FUELS).prepared({})("N/C") is None
    assert OneOf().prepared({})("-") is None
    assert [plate_of(text) for text in ("N/C", "-", "En cours")] == ["", "", "EN COURS"]
    assert [Vin().read(text) for text in ("N.C.", "-", "0" * 17)] == ["", "", ""]


def test_signs_that_nobody_sees_are_not_kept():
    assert Text(2_000).read("Rio\u202e GT\x1b[31m\u200b\tété\u00a0!\nfin") == "Rio GT[31m\tété\u00a0!\nfin"


@pytest.mark.parametrize(
    "reader", [Money(), Whole(0, 9), Day(), Text(80), Make().prepared({}), Text(12, plate_of)]
)
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALEUR!", "#DIV/0!"])
def test_a_formula_that_failed_clears_nothing(reader, error):
    with pytest.raises(Unreadable):
        (reader if callable(reader) else reader.read)(error)


def test_a_short_text_is_one_line():
    assert Text(80).read("C3\nPicasso\u00a0\u202f II") == "C3 Picasso II"


def test_what_a_website_left_in_its_export_is_not_read_as_text():
    assert Text(2_000).read("V&eacute;hicule &amp; suivi<br/>Garantie <b>12 mois</b>") == (
        "Véhicule & suivi\nGarantie 12 mois"
    )
    assert Text(200).read("Prix < 5 CV & R&D; x > 3") == "Prix < 5 CV & R&D; x > 3"
    assert Items().read("Cam&eacute;ra de recul;GPS") == ["Caméra de recul", "GPS"]
    assert Links().read("https://a.example.com/p?x=1&amp;copy=2") == ["https://a.example.com/p?x=1&copy=2"]


# --- headers -----------------------------------------------------------------------------------------

FRENCH = {
    "Réf. interne": "stock_number", "Immat": "plate", "Châssis": "vin", "Finition": "version", "BV": "gearbox",
    "Puiss. fisc.": "", "Puissance fiscale (CV)": "", "Puiss. DIN": "power", "CO2 (g/km)": "co2",
    "Date 1ère MEC": "first_registration", "Kms compteur": "mileage", "Prix de vente TTC (€)": "price",
    "Prix de vente HT (€)": "", "Ancien prix de vente": "", "PA HT": "purchase_price", "TVA récup.": "vat_scheme",
    "Dispo le": "", "Couleur ext.": "colour", "Couleur intérieure": "", "Date de mise en stock": "arrived_on",
}  # fmt: skip
CANADIAN = {
    "Stock #": "stock_number", "Trim": "version", "Odometer (km)": "mileage", "MSRP": "list_price",
    "Sale Price": "offer_price", "Body Style": "segment", "Drivetrain": "", "In-Service Date": "first_registration",
    "Exterior Colour": "colour", "Interior Colour": "", "Odometer (mi)": "mileage_miles",
    "Dealer Cost": "purchase_price",
}  # fmt: skip
NESTED = {
    "@ref": "stock_number", "identification.marque": "make", "identification.modele": "model",
    "technique.kilometrage@unite": "mileage_unit",
    "technique.kilometrage": "mileage", "tarif.prix_vente_ttc@devise": "currency", "tarif.prix_vente_ttc": "price",
    "photos.photo": "photo_urls", "photos.photo@id": "", "garage.id": "",
}  # fmt: skip
SCHEMA_ORG = {
    "sku": "stock_number", "brand.name": "make", "vehicleTransmission": "gearbox", "offers.price": "price",
    "offers.priceCurrency": "currency", "mileageFromOdometer.value": "mileage",
    "mileageFromOdometer.unitCode": "mileage_unit",
    "dateVehicleFirstRegistered": "first_registration", "numberOfDoors": "doors",
}  # fmt: skip


DATABASE = {
    "marque_libelle": "make", "modele_libelle": "model", "energie_libelle": "fuel", "boite_libelle": "gearbox",
    "prix_pro_ht": "", "co2_wltp": "co2", "nom_vendeur": "", "nom": "", "Dealer Notes": "description",
}  # fmt: skip


@pytest.mark.parametrize("columns", [FRENCH, CANADIAN, NESTED, SCHEMA_ORG, DATABASE])
def test_columns_of_dealers_are_proposed(columns):
    assert proposed(VehicleImporter, list(columns)) == columns


def test_of_two_columns_for_a_field_the_one_that_says_it_better_is_taken():
    columns = [
        "@id",
        "Type",
        "Genre",
        "Transmission",
        "VN/VO",
        "Boîte de vitesses",
        "Référence",
        "Prix web",
        "Prix",
    ]

    found = {field: column for column, field in proposed(VehicleImporter, columns).items() if field}

    assert found == {
        "stock_number": "Référence", "kind": "VN/VO", "gearbox": "Boîte de vitesses", "price": "Prix",
    }  # fmt: skip


# --- delimited text ----------------------------------------------------------------------------------

PARK = "Marque;Modèle;Énergie;Prix\nCitroën;C3 Été;Électrique;12 990\nŠkoda;Fabia;Gazole;9 990\n"
KNOWN = known_headers(VehicleImporter)


def opened(path: Path, data: bytes | str):
    (file := path / "stock").write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(file, known=KNOWN)


def rows_of(table) -> list[list[str]]:
    return [[cell.strip() for cell in row.cells] for row in table.rows()]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "mac_roman", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_file_is_read_in_the_encoding_of_its_machine(tmp_path, encoding, end):
    text = PARK.replace("Š", "S").replace("\n", end)

    table = opened(tmp_path, text.encode(encoding))

    assert table.columns == ("Marque", "Modèle", "Énergie", "Prix")
    assert rows_of(table)[0] == ["Citroën", "C3 Été", "Électrique", "12 990"]


def test_lines_of_a_mac_and_of_windows_may_follow_each_other(tmp_path):
    lines = PARK.replace("Š", "S").splitlines(keepends=True)
    data = (
        lines[0].encode("mac_roman")
        + lines[1].encode("cp1252")
        + "Kia;Ça va;à gaz;1\nKia;Cédé;été;1\n".encode("mac_roman")
    )

    assert rows_of(opened(tmp_path, data))[:2] == [
        ["Citroën", "C3 Été", "Électrique", "12 990"],
        ["Kia", "Ça va", "à gaz", "1"],
    ]


@pytest.mark.parametrize("between", [0, 3])
def test_two_quotes_that_nobody_closed_swallow_no_row(tmp_path, between):
    whole = "".join(f"Kia;Ceed {place};x;1\n" for place in range(between))
    data = f'Marque;Modèle;Version;Prix\nKia;Rio;"Pack;1\n{whole}Kia;Niro;"Sport;2\nKia;EV6;x;3\n'

    rows = list(opened(tmp_path, data).rows())

    assert [row.number for row in rows] == list(range(2, 5 + between))
    assert {row.number for row in rows if row.problem} == {2, 3 + between}


def test_a_comment_over_lines_may_hold_as_many_commas_as_a_row(tmp_path):
    data = 'Make,Model,Comments\nKia,Rio,"Warranty, GPS, alloys,\nheated, seats, as new"\nKia,Ceed,x\n'

    rows = list(opened(tmp_path, data).rows())

    assert [(row.number, row.problem) for row in rows] == [(2, None), (3, None)]
    assert rows[0].cells[2] == "Warranty, GPS, alloys,\nheated, seats, as new"


@pytest.mark.parametrize("cell", ['="00123"', '"=""00123"""'])
def test_cells_that_are_written_for_excel_are_their_text(tmp_path, cell):
    data = f'="Stock";Marque;Prix\n{cell};Kia;="12 990"\n;=Kia;1\n'

    table = opened(tmp_path, data)

    assert table.columns == ("Stock", "Marque", "Prix")
    assert rows_of(table) == [["00123", "Kia", "12 990"], ["", "=Kia", "1"]]


@pytest.mark.parametrize("header", [b"Marque;Modele" + b";" * 3_000_000, b";".join([b"Marque"] * 100_000)])
def test_a_header_of_a_million_columns_is_refused_at_once(tmp_path, header):
    with pytest.raises(Refused, match="too_many_columns"):
        opened(tmp_path, header + b"\nKia;Rio\n")


def test_a_header_holds_only_what_a_database_keeps(tmp_path):
    assert opened(tmp_path, "Export\nMar\0que;Modèle;Prix\nKia;Rio;1\n").columns[0] == "Mar\ufffdque"


# --- JSON --------------------------------------------------------------------------------------------

CARS = [{"make": "Kia", "model": "Rio"}, {"make": "Fiat", "model": "500"}]
ROWS = [["Kia", "Rio"], ["Fiat", "500"]]


@pytest.mark.parametrize(
    "around",
    [
        {"success": True, "errors": [], "data": CARS},
        {"pagination": {"page": 1, "total": 2}, "data": CARS},
        {
            "facets": {"makes": ["Kia", "Fiat"], "years": [2020, [1]]},
            "result": {"items": CARS, "more": False},
        },
        {"filters": [{"name": "make", "count": 2}], "vehicles": CARS},
        {"@context": "https://schema.org", "@graph": CARS},
    ],
    ids=["errors", "pages", "facets", "filters", "graph"],
)
def test_the_cars_are_found_wherever_an_interface_keeps_them(tmp_path, around):
    assert rows_of(opened(tmp_path, json.dumps(around))) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("between", ["\n", "\r\n", ",\n"])
def test_an_object_a_line_is_a_row(tmp_path, encoding, between):
    data = between.join(map(json.dumps, CARS)).encode(encoding)

    assert rows_of(opened(tmp_path, data)) == ROWS


def test_odd_numbers_halves_of_characters_and_depths_stay_in_their_rows(tmp_path):
    deep = '{"a":' * 900 + "1" + "}" * 900
    lists = "[" * 900 + "]" * 900
    car = f'{{"make":"Ki\\ud800a","price":{"9" * 5000},"m\\u0000\\udfff":1,"x":{deep},"y":{lists}}}'
    data = f'[{car},{{"make":"Fiat"}}]'

    table = opened(tmp_path, data)

    assert table.columns == ("make", "price", "m\ufffd\ufffd", "y")
    assert [row[:2] for row in rows_of(table)] == [["Ki\ufffda", "9" * 5000], ["Fiat", ""]]


@pytest.mark.parametrize(
    "data", ['{"error": {"code": 401, "text": "no, sign in"}}', '[{"make": "Kia", model: 1}]']
)
def test_json_without_cars_is_refused_as_json(tmp_path, data):
    with pytest.raises(Refused, match="broken_json"):
        list(opened(tmp_path, data).rows())


# --- to the end --------------------------------------------------------------------------------------

PARK_OF_GARAGE = (
    "Parc véhicules d'occasion au 02/03/2026;;;;;;;;;;;;;;;;;\n"
    ";;;;;;;;;;;;;;;;;\n"
    "Réf. interne;Immat;Châssis;Marque;Modèle;Finition;Carburant;BV;Puiss. fisc.;Puiss. DIN;CO2 (g/km);Date 1ère MEC;"
    "Kms compteur;Prix (€);TVA récup.;Couleur ext.;Photos;Commentaire\n"
    "R-10;GH-482-KL;;PEUGEOT;3008;1.5 BlueHDi 130;Gazole;BVA 8;7;130 ch;112;03/2021;45\u202f000 km;"
    '21\u00a0990,00 € TTC;oui;Gris;"PHOTOS";"1ère main\nEntretien suivi; pneus neufs"\n'
    "R-11;GH-483-KL;;CITROEN;C4;Shine;Essence;Manuelle 6;N/C;N/C;N/C;3 mars 2021;45\u2009000 km;N/C;non;Blanc;;\n"
    "-;N/C;N/C;RENAULT;Captur;E-Tech;Hybride rechargeable;Automatique;;;;44270;NC;Nous consulter;;;;\n"
    "-;N/C;N/C;RENAULT;Twingo;;Essence;Manuelle;;;;;;15,990;;;;=1+1\n"
    "TOTAL;;;;;;;;;;;;90 000;37 980 €;;;;\n"
).replace("PHOTOS", "; ".join(f"https://photos.example.com/{number}.jpg" for number in range(80)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman"])
def test_a_garages_park_comes_in_whole_and_right(in_rhone: None, sophie: User, lyon: Site, encoding: str):
    text = PARK_OF_GARAGE
    if not encoding.startswith("utf"):  # which have no narrow blanks
        text = text.replace("\u202f", "\u00a0").replace("\u2009", " ")
    feed = make_feed(sophie, lyon)

    runs = [imported(feed, text.encode(encoding)) for _again in range(2)]

    assert [counts(run) for run in runs] == [(4, 0, 0, 1), (0, 0, 4, 1)]
    assert problems_of(runs[0]) == {8: ["missing", "missing"]}
    cars = {car.model: car for car in Vehicle.objects.all()}
    big, citroen, captur = cars["3008"], cars["C4"], cars["Captur"]
    assert (big.price, big.mileage, big.co2, big.power, big.first_registration) == (
        21_990_00, 45_000, 112, 130, date(2021, 3, 1),
    )  # fmt: skip
    assert (big.fuel, big.gearbox, big.vat_scheme) == ("diesel", "automatic", "standard")
    assert (len(big.photo_urls), big.description) == (80, "1ère main\nEntretien suivi; pneus neufs")
    assert (citroen.make, citroen.price, citroen.mileage, citroen.co2) == ("Citroën", None, 45_000, None)
    assert citroen.first_registration == date(2021, 3, 3)
    assert (captur.plate, captur.vin, captur.stock_number, captur.mileage) == ("", "", "", None)
    assert captur.first_registration == date(2021, 3, 15)
    assert cars["Twingo"].price == 15_990_00
