"""The inbox page without script: its folders, its search, and every deed by a form, with its undo."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import LeadSource
from notifications.models import Notification
from sites.models import User
from sites.scope import group_scope
from tests.cast import MONDAY, signed_in
from tests.screens.test_inbox_pages import page_of, told

FILE = "/inbox/file/"


@pytest.fixture(autouse=True)
def _clock_stands_still(time_machine: Any) -> None:
    time_machine.move_to(MONDAY.replace(hour=11), tick=False)


@pytest.fixture
def anna(camille: User, website: LeadSource) -> int:
    return told(camille, website, "Anna", seq=1).pk


@pytest.fixture
def boris(camille: User, website: LeadSource) -> int:
    return told(camille, website, "Boris", seq=2).pk


def names_in(client: Client, folder: str) -> list[str]:
    page = page_of(client, folder=folder)
    return [name for name in ("Anna", "Boris") if f"lead : {name}" in page]


def follow(client: Client, answer: Any) -> str:
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.status_code == 200
    return str(page.content.decode())


def take_back(client: Client, answer: Any) -> None:
    """Press the undo that the page after a deed offers."""
    query = dict(parse_qsl(urlsplit(answer["Location"]).query))
    assert client.post(reverse("notifications:undo"), query).status_code == 302


def test_one_line_is_archived_by_its_button_and_the_next_page_undoes_it(camille: User, anna: int, boris: int):
    client = signed_in(camille)

    answer = client.post(FILE, {"one": f"archive:{anna}"})
    assert "Alerte classée." in follow(client, answer)
    assert (names_in(client, "all"), names_in(client, "archived")) == (["Boris"], ["Anna"])
    take_back(client, answer)

    assert names_in(client, "all") == ["Anna", "Boris"]


def test_ticked_lines_are_read_together(camille: User, anna: int, boris: int):
    client = signed_in(camille)

    client.post(FILE, {"deed": "read", "ids": [anna, boris]})

    assert names_in(client, "unread") == []


def test_everything_that_matches_is_archived(camille: User, anna: int, boris: int):
    client = signed_in(camille)

    client.post(FILE, {"deed": "archive", "matching": "1", "folder": "all", "q": "bóris"})

    assert names_in(client, "archived") == ["Boris"]


def test_what_came_after_the_page_was_read_is_not_filed_with_it(camille: User, anna: int, boris: int):
    client = signed_in(camille)
    opened = Notification._base_manager.get(pk=anna).created_at.isoformat()

    client.post(FILE, {"deed": "archive", "matching": "1", "as_of": opened})

    assert names_in(client, "all") == ["Boris"]


def test_putting_off_asks_for_the_hour_and_shows_when_it_comes_back(camille: User, anna: int):
    client = signed_in(camille)

    question = client.post(FILE, {"one": f"snooze:{anna}"}).content.decode()
    assert "Demain matin" in question
    assert f'name="ids" value="{anna}"' in question
    answer = client.post(FILE, {"deed": "snooze", "ids": anna, "hour": "tomorrow"})

    assert names_in(client, "all") == []
    assert "demain à 09:00" in page_of(client, folder="snoozed")
    take_back(client, answer)
    assert names_in(client, "all") == ["Anna"]


def test_an_hour_of_ones_own_is_on_the_clock_of_the_site(camille: User, anna: int):
    client = signed_in(camille)

    client.post(FILE, {"deed": "snooze", "ids": anna, "hour": "own", "own": "2026-03-04T15:30"})

    with group_scope(camille.group_id or 0):
        put_off = Notification.objects.get(pk=anna).snoozed_until
    assert put_off is not None
    assert put_off.isoformat() == "2026-03-04T14:30:00+00:00"


@pytest.mark.parametrize(
    "hour",
    [
        {"hour": "own", "own": "2026-03-01T10:00"},
        {"hour": "own", "own": "x"},
        {"hour": "own"},
        {"hour": "never"},
    ],
)
def test_an_hour_that_cannot_be_is_asked_for_again(hour: dict[str, str], camille: User, anna: int):
    client = signed_in(camille)

    answer = client.post(FILE, {"deed": "snooze", "ids": anna, **hour})

    assert answer.status_code == 422
    assert "Choisissez une heure à venir" in answer.content.decode()
    assert names_in(client, "all") == ["Anna"]


def test_what_is_put_off_can_be_brought_back(camille: User, anna: int):
    client = signed_in(camille)
    client.post(FILE, {"deed": "snooze", "ids": anna, "hour": "hour"})

    client.post(FILE, {"one": f"wake:{anna}"})

    assert names_in(client, "all") == ["Anna"]


def test_the_page_is_searched(camille: User, anna: int, boris: int):
    client = signed_in(camille)

    assert "Boris" not in page_of(client, q="ANNÀ")
    assert "Rien trouvé" in page_of(client, q="personne")


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("all", "Rien ici"),
        ("unread", "Rien ne vous attend"),
        ("snoozed", "Rien de reporté"),
        ("archived", "Les archives sont vides"),
    ],
)
def test_every_empty_folder_says_what_belongs_there(folder: str, words: str, camille: User):
    assert words in page_of(signed_in(camille), folder=folder)


@pytest.mark.parametrize("form", [{}, {"deed": "erase"}, {"one": "erase:1"}, {"one": "put:1"}])
def test_a_deed_that_is_none_is_refused(form: dict[str, str], camille: User, anna: int):
    assert signed_in(camille).post(FILE, form).status_code == 400


@pytest.mark.parametrize(
    "form",
    [{"one": "archive:x"}, {"one": "archive:²"}, {"deed": "archive", "ids": "9" * 40}, {"deed": "archive"}],
)
def test_a_line_that_is_none_changes_nothing(form: dict[str, str], camille: User, anna: int):
    client = signed_in(camille)

    assert client.post(FILE, form).status_code == 302
    assert names_in(client, "all") == ["Anna"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"undo": "read", "first": "x", "last": "1"},
        {"undo": "read", "first": "1", "last": "9" * 19},
        {"undo": "snooze", "first": "1", "last": "1"},
        {"undo": "snooze", "first": "1", "last": "1", "until": "1"},
        {"undo": "snooze", "first": "1", "last": "1", "until": "9" * 12},
        {"undo": "erase", "first": "1", "last": "1"},
    ],
)
def test_an_undo_that_never_was_is_refused(form: dict[str, str], camille: User):
    assert signed_in(camille).post(reverse("notifications:undo"), form).status_code == 400


@pytest.mark.parametrize("changed", ["x", "0", "9" * 9, "²"])
def test_an_address_cannot_make_the_page_say_what_was_never_done(changed: str, camille: User):
    assert "classée" not in page_of(signed_in(camille), changed=changed)


def test_colleagues_lines_stay_as_they_are(karim: User, camille: User, anna: int):
    signed_in(karim).post(FILE, {"deed": "archive", "ids": anna})

    assert names_in(signed_in(camille), "all") == ["Anna"]


def test_who_took_it_reads_that_it_was_he(camille: User, anna: int):
    with group_scope(camille.group_id or 0):
        Notification.objects.filter(pk=anna).update(acted_at=MONDAY, closed_at=MONDAY)

    assert "Traité par vous" in page_of(signed_in(camille))
