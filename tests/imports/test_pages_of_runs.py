"""The page of one run: live while it moves, then what became of it, what left the feed, and undoing it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from imports.models import Feed, Gone, Run, RunState
from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Vehicle, VehicleStatus
from tests.cast import MONDAY, signed_in
from tests.imports.files import (
    CLIO,
    GOLF,
    ZOE,
    carried_out,
    cars,
    changed,
    counts,
    csv_of,
    imported,
    make_feed,
    started,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


@pytest.fixture
def client(sophie: User) -> Client:
    return signed_in(sophie)


def page_of(client: Client, run: Run, **query: Any) -> str:
    answer = client.get(f"/imports/{run.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def again(run: Run) -> Run:
    with group_scope(run.group_id):
        run.refresh_from_db()
    return run


def field_of(page: str, column: str) -> str:
    """The name of the field in which the column of the first faulty row is corrected."""
    found = re.search(rf'<label for="(cell-[^"]+)">{re.escape(column)}<', page)
    assert found is not None
    return found[1]


def vehicles(group: Any, **wanted: Any) -> int:
    with group_scope(group.pk):
        return Vehicle.objects.filter(**wanted).count()


# --- while it moves -------------------------------------------------------------------------------------


def test_an_open_page_reads_the_moving_part_only_when_it_moved_and_the_whole_at_the_end(
    client: Client, feed: Feed
):
    run = started(feed, csv_of(CLIO))
    whole = page_of(client, run)
    shown = re.search(r'name="shown" value="([^"]*)"', whole)
    assert shown is not None
    live = f"/imports/{run.pk}/live/"

    still = client.get(live, {"shown": shown[1]}, headers=HTMX)
    moved = client.get(live, {"shown": "before"}, headers=HTMX)
    carried_out(run)
    ended = client.get(live, {"shown": shown[1]}, headers=HTMX)

    assert f'hx-get="{live}"' in whole
    assert 'hx-trigger="every 1s"' in whole
    assert (still.status_code, moved.status_code, ended.status_code) == (204, 200, 200)
    assert 'role="progressbar"' in moved.content.decode()
    assert ended["HX-Retarget"] == "#run"
    assert "hx-trigger" not in ended.content.decode()
    assert "data-announce" in ended.content.decode()


def test_without_script_the_live_address_leads_to_the_page(client: Client, feed: Feed):
    run = started(feed, csv_of(CLIO))

    assert client.get(f"/imports/{run.pk}/live/")["Location"] == f"/imports/{run.pk}/"


def test_a_waiting_run_is_stopped_and_says_so(client: Client, feed: Feed):
    run = started(feed, csv_of(CLIO))

    page = client.post(f"/imports/{run.pk}/cancel/", follow=True).content.decode()
    late = client.post(f"/imports/{run.pk}/cancel/", follow=True).content.decode()

    assert again(run).state == RunState.CANCELLED
    assert "L’import s’arrête" in page
    assert "Ce n’est plus possible" in late


def test_the_four_counts_add_up_on_the_page(client: Client, feed: Feed):
    run = imported(feed, csv_of(CLIO, ZOE, changed(GOLF, price="beaucoup")))

    page = page_of(client, run)

    assert counts(run) == (2, 0, 0, 1)
    assert "2 + 0 + 0 + 1 = 3" in re.sub(r"\s+", " ", page)


def test_the_same_file_twice_says_kindly_that_nothing_is_new(client: Client, feed: Feed):
    imported(feed, csv_of(CLIO, ZOE))

    page = page_of(client, imported(feed, csv_of(CLIO, ZOE)))

    assert "Rien de nouveau dans ce fichier" in page


def test_an_unreadable_file_says_why_and_what_to_do(client: Client, feed: Feed):
    run = imported(feed, b"<html><body>Sign in</body></html>")

    page = page_of(client, run)

    assert run.state == RunState.FAILED
    assert "Le stock n’a pas changé" in page


# --- too much would vanish ------------------------------------------------------------------------------


@pytest.fixture
def stopped(feed: Feed) -> Run:
    imported(feed, csv_of(*cars(10)))
    run = imported(feed, csv_of(*cars(4)))
    assert run.state == RunState.STOPPED
    return run


def test_a_cut_file_waits_with_its_numbers_and_two_buttons(client: Client, stopped: Run):
    page = page_of(client, stopped)

    assert "Continuer quand même" in page
    assert "Abandonner" in page
    assert re.search(r"\b6\b.*\b10\b", page)


def test_it_goes_on_when_somebody_has_looked(client: Client, stopped: Run):
    client.post(f"/imports/{stopped.pk}/go-on/")
    run = carried_out(again(stopped))

    assert run.state == RunState.DONE
    assert run.vanished == 6


def test_it_is_given_up(client: Client, stopped: Run):
    client.post(f"/imports/{stopped.pk}/cancel/")

    assert again(stopped).state == RunState.CANCELLED


# --- what left the feed, and undoing --------------------------------------------------------------------


def test_what_left_the_feed_is_taken_out_or_kept(client: Client, feed: Feed, rhone: Any):
    imported(feed, csv_of(*cars(10)))
    run = imported(feed, csv_of(*cars(8)))
    with group_scope(rhone.pk):
        ids = list(Gone.objects.filter(run=run).order_by("pk").values_list("pk", flat=True))

    page = page_of(client, run)
    nothing = client.post(f"/imports/{run.pk}/gone/", {"verdict": "remove"}, follow=True).content.decode()
    client.post(f"/imports/{run.pk}/gone/", {"verdict": "remove", "gone": ids[:1]})
    last = client.post(
        f"/imports/{run.pk}/gone/", {"verdict": "keep", "all": 1}, follow=True
    ).content.decode()

    assert "Sortis du flux" in page
    assert "Cochez d’abord les véhicules concernés" in nothing
    assert vehicles(rhone, status=VehicleStatus.WITHDRAWN) == 1
    assert "1 reste en stock." in last


def test_undoing_says_first_what_it_does(client: Client, feed: Feed, rhone: Any):
    run = imported(feed, csv_of(CLIO, ZOE))

    page = page_of(client, run)
    client.post(f"/imports/{run.pk}/undo/")
    carried_out(again(run), at=MONDAY + timedelta(hours=1))

    assert "2 véhicules qu’il a créés sont effacés." in page
    assert again(run).state == RunState.UNDONE
    assert vehicles(rhone) == 0
    assert "Annulé par Sophie Lambert" in page_of(client, run)


# --- who may --------------------------------------------------------------------------------------------


def test_another_sites_run_is_not_there(hugo: User, feed: Feed):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))
    client = signed_in(hugo)

    reads = [client.get(f"/imports/{run.pk}/{part}").status_code for part in ("", "live/", "faults.csv")]
    deeds = ("cancel/", "go-on/", "undo/", "fix/", "fix-everywhere/", "corrected/", "gone/")
    writes = [client.post(f"/imports/{run.pk}/{part}").status_code for part in deeds]

    assert {*reads, *writes} == {404}


def test_what_an_alert_leads_to_is_the_page_of_the_run(client: Client, feed: Feed):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))

    page = client.get(reverse("imports:run", args=[run.pk]))

    assert page.status_code == 200
    assert 'id="faults"' in page.content.decode()
