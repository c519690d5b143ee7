"""A search finds a line by what it says to its reader, whatever the accents and capitals, and by nothing else."""

from __future__ import annotations

import pytest

from core.words import fold
from leads.notices import LeadReceivedNotice
from notifications.models import Event, EventKind, Notification
from notifications.search import LONGEST, mentions, words_of
from sites.models import Site, User
from tests.notifications.road import claimed, received, tell_and_route


def found(text: str, user: User) -> bool:
    return Notification.objects.filter(mentions(text, user.language), user=user).exists()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Éloïse  BŒUF", "eloise boeuf"),
        ("Straße", "strasse"),
        ("Ñuñez\n-Ø", "nunez -o"),
        ("L’Hôte", "l'hote"),
        ("", ""),
    ],
)
def test_folding_takes_accents_capitals_and_doubled_spaces_away(text: str, folded: str):
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["eloise", "ÉLOÏSE", "boeuf éloise", "clio 20", "nouveau", "LEAD eloise"])
def test_what_a_line_says_is_found(text: str, lyon: Site, camille: User, in_rhone: None):
    tell_and_route(received(lyon, customer_name="Éloïse Bœuf", vehicle="Renault Clio 2022"))

    assert found(text, camille)


@pytest.mark.parametrize(
    "text",
    ["eloise@example.com", "bonjour", "customer_name", "new lead", "lead:", "%", "_", "eloise martin", "\\"],
)
def test_what_a_line_does_not_say_is_not_found(text: str, lyon: Site, camille: User, in_rhone: None):
    fact = received(
        lyon,
        customer_name="Éloïse Bœuf",
        message="Bonjour",
        assignee_id=camille.pk,
        email="eloise@example.com",
    )
    tell_and_route(fact)

    assert not found(text, camille)


def test_a_line_is_found_by_who_closed_it(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    assert not found("benali", camille)

    tell_and_route(claimed(fact, by=karim))

    assert found("BENALI paul", camille)


def test_an_english_reader_searches_in_english(lyon: Site, camille: User, in_rhone: None):
    tell_and_route(received(lyon))
    camille.language = "en"

    assert found("new", camille)
    assert not found("nouveau", camille)


def test_a_text_that_says_nothing_finds_everything(lyon: Site, camille: User, in_rhone: None):
    tell_and_route(received(lyon))

    assert found(" \x00 ", camille)


def test_endless_words_are_cut(lyon: Site, in_rhone: None):
    fact = received(lyon, customer_name="é" * 5_000)

    assert len(words_of(LeadReceivedNotice, EventKind.NOTICE, fact)) == LONGEST


def test_a_rival_finds_nothing(lyon: Site, rita: User, in_rhone: None):
    tell_and_route(received(lyon))

    assert Event.objects.exclude(words="").exists()
    assert not found("paul", rita)
