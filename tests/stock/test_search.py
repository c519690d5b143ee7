"""The search finds what a salesperson means: any order, beginnings, typing faults, plates with and without dashes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sites.models import Site
from sites.scope import group_scope
from stock.models import Fuel, Gearbox, Kind, Segment, Vehicle
from stock.searching import Search, search_for, vocabulary
from tests.cast import make_vehicle


@pytest.fixture
def stock(lyon: Site, marseille: Site) -> dict[str, Vehicle]:
    """Four cars that one word or another tells apart."""
    return {
        "208": make_vehicle(lyon, stock_number="L-1001", plate="AB-123-CD"),
        "2008": make_vehicle(
            lyon,
            model="2008",
            version="1.2 Hybrid 136 e-DCS6 GT",
            fuel=Fuel.HYBRID,
            gearbox=Gearbox.AUTOMATIC,
            segment=Segment.SUV,
            stock_number="L-1002",
            colour="Noir Perla Nera",
        ),
        "megane": make_vehicle(
            marseille,
            make="Renault",
            model="Mégane Estate",
            version="1.5 Blue dCi 115 Techno",
            fuel=Fuel.DIESEL,
            gearbox=Gearbox.AUTOMATIC,
            segment=Segment.ESTATE,
            stock_number="M-77",
            vin="VF1RFB00X12345678",
        ),
        "t-roc": make_vehicle(
            marseille,
            make="Volkswagen",
            model="T-Roc",
            version="1.5 TSI",
            kind=Kind.NEW,
            segment=Segment.SUV,
            stock_number="N/42",
            year=2026,
        ),
    }


def asked(site: Site, text: str, *, literal: bool = False) -> Search:
    with group_scope(site.group_id):
        return search_for(text, group_id=site.group_id, literal=literal)


def found(stock: dict[str, Vehicle], text: str, *, literal: bool = False) -> set[str]:
    site = stock["208"].site
    with group_scope(site.group_id):
        search = search_for(text, group_id=site.group_id, literal=literal)
        ids = set(Vehicle.objects.filter(search.condition).values_list("pk", flat=True))
    return {name for name, vehicle in stock.items() if vehicle.pk in ids}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("peugeot", {"208", "2008"}),
        ("PEUGEOT 208", {"208"}),
        ("vw", {"t-roc"}),
        ("peugeot lyon", {"208", "2008"}),
        ("208 marseille", set()),
        ("marse", {"megane", "t-roc"}),
        ("suv marseile", {"t-roc"}),
        ("345678", {"megane"}),
        ("X12345678 diesel", {"megane"}),
        ("45678", set()),
        ("208 peugeot allure", {"208"}),
        ("peug", {"208", "2008"}),
        ("mégane", {"megane"}),
        ("MEGANE", {"megane"}),
        ("renault  techno", {"megane"}),
        ("2008", {"2008"}),
        ("2023 peugeot", {"208", "2008"}),
        ("geot", set()),  # the middle of a word is no word
        ("", {"208", "2008", "megane", "t-roc"}),
        ("   ", {"208", "2008", "megane", "t-roc"}),
    ],
)
def test_words_are_found_in_any_order_without_accents_by_their_beginning(
    stock: dict[str, Vehicle], text: str, names: set[str]
):
    assert found(stock, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("AB-123-CD", {"208"}),
        ("ab123cd", {"208"}),
        ("ab 123 cd", {"208"}),
        ("AB-12", {"208"}),
        ("L-1002", {"2008"}),
        ("l1002", {"2008"}),
        ("1002", {"2008"}),
        ("n42", {"t-roc"}),
        ("N/42", {"t-roc"}),
        ("troc", {"t-roc"}),
        ("t roc", {"t-roc"}),
        ("T-Roc", {"t-roc"}),
        ("vf1rfb", {"megane"}),
        ("VF1RFB00X12345678", {"megane"}),
    ],
)
def test_plates_numbers_and_names_are_found_with_and_without_dashes(
    stock: dict[str, Vehicle], text: str, names: set[str]
):
    assert found(stock, text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("diesel automatique break", {"megane"}),
        ("automatic diesel estate", {"megane"}),
        ("suv hybride", {"2008"}),
        ("hybrid SUV", {"2008"}),
        ("elec", set()),
        ("auto", {"2008", "megane"}),
        ("boîte automatique", {"2008", "megane"}),
        ("peugeot essence manuelle", {"208"}),
        ("neuf", {"t-roc"}),
        ("noire", {"2008"}),
        ("black peugeot", {"2008"}),
        ("blue 208", {"208"}),
    ],
)
def test_words_of_the_trade_are_found_in_both_languages(
    stock: dict[str, Vehicle], text: str, names: set[str]
):
    assert found(stock, text) == names


@pytest.mark.parametrize(
    ("typed", "said", "names"),
    [
        ("Peugot", "peugeot", {"208", "2008"}),
        ("Meganne", "megane", {"megane"}),
        ("2008 hibride", "2008 hybride", {"2008"}),
        ("renualt", "renault", {"megane"}),
        ("wolkswagen", "volkswagen", {"t-roc"}),
        ("vokswagn", "volkswagen", {"t-roc"}),
        ("automatiqe diesel", "automatique diesel", {"megane"}),
    ],
)
def test_typing_faults_are_corrected_by_the_groups_own_words(
    stock: dict[str, Vehicle], typed: str, said: str, names: set[str]
):
    search = asked(stock["208"].site, typed)

    assert (search.said, search.is_corrected) == (said, True)
    assert found(stock, typed) == names


@pytest.mark.parametrize("text", ["peugot", "meganne", "hibride"])
def test_the_literal_search_corrects_nothing(stock: dict[str, Vehicle], text: str):
    assert not asked(stock["208"].site, text, literal=True).is_corrected
    assert found(stock, text, literal=True) == set()


@pytest.mark.parametrize(
    "text", ["208", "2018", "207", "l1003", "peugeot", "peuge", "gti", "zzzzzz", "diesel"]
)
def test_figures_beginnings_and_what_is_near_to_nothing_stay_as_typed(stock: dict[str, Vehicle], text: str):
    assert not asked(stock["208"].site, text).is_corrected


def test_a_word_that_came_since_the_vocabulary_was_read_is_not_corrected(stock: dict[str, Vehicle]):
    lyon = stock["208"].site
    asked(lyon, "peugot")
    new = make_vehicle(lyon, make="Pegaut", model="Un", stock_number="L-9")

    search = asked(lyon, "pegaut")

    with group_scope(lyon.group_id):
        assert list(Vehicle.objects.filter(search.condition)) == [new]
    assert not search.is_corrected


def test_one_groups_words_correct_nothing_for_another(stock: dict[str, Vehicle], rival_site: Site):
    make_vehicle(rival_site, make="Ferrari", model="Roma")

    ours, theirs = asked(stock["208"].site, "ferari"), asked(rival_site, "ferari")

    assert (ours.is_corrected, theirs.said) == (False, "ferrari")
    assert asked(rival_site, "peugot").is_corrected is False


def test_the_vocabulary_is_read_once(stock: dict[str, Vehicle]):
    lyon = stock["208"].site
    with group_scope(lyon.group_id):
        vocabulary(lyon.group_id)
        with CaptureQueriesContext(connection) as asked_again:
            known = vocabulary(lyon.group_id)

    assert len(asked_again) == 0
    assert known["peugeot"] == 2


def renamed(site: Site, name: str) -> None:
    with group_scope(site.group_id):
        Site.objects.filter(pk=site.pk).update(name=name)


def test_a_site_that_is_called_as_a_make_is_not_meant(stock: dict[str, Vehicle], lyon: Site):
    renamed(lyon, "Renault Lyon Auto")

    assert found(stock, "renault") == {"megane"}
    assert found(stock, "auto") == {"2008", "megane"}
    assert found(stock, "renault lyon") == set()


def test_a_rivals_site_is_none_of_ours(stock: dict[str, Vehicle], rival_site: Site):
    renamed(rival_site, "Annecy")

    assert found(stock, "annecy") == set()


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "'", '"; DROP TABLE', "ß" * 90, "-", "/ / /", "🚗"])
def test_odd_characters_find_nothing_and_break_nothing(stock: dict[str, Vehicle], text: str):
    assert found(stock, text) == set()
