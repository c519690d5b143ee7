"""Files of old runs do not fill the disk; one that somebody may still need stays."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from imports import storage
from imports.models import Feed, Run
from imports.tasks import FILES_KEPT, forget_files
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, make_person, signed_in
from tests.imports.files import CLIO, ZOE, changed, csv_of, imported, make_feed

LATER = MONDAY + FILES_KEPT + timedelta(days=1)


@pytest.fixture(autouse=True)
def _an_own_folder(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def aged(run: Run | None, at: datetime = MONDAY) -> Path:
    """The run's file, as if it had come then."""
    assert run is not None
    path = storage.path_of(run.digest, group_id=run.group_id)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.fixture
def feed(sophie: User, lyon: Site, in_rhone: None) -> Feed:
    return make_feed(sophie, lyon)


def test_a_file_goes_after_its_time_in_every_group(feed: Feed, rival: Group, rival_site: Site, time_machine):
    mine = aged(imported(feed, csv_of(CLIO)))
    with group_scope(rival.pk):
        manager = make_person(rival, "Rosa Conti", Role.STOCK_MANAGER, rival_site)
        theirs = aged(imported(make_feed(manager, rival_site), csv_of(CLIO)))
    time_machine.move_to(LATER - timedelta(days=2), tick=False)
    forget_files()
    assert (mine.exists(), theirs.exists()) == (True, True)

    time_machine.move_to(LATER, tick=False)
    forget_files()

    assert (mine.exists(), theirs.exists()) == (False, False)


def test_what_a_later_run_reads_stays(feed: Feed, time_machine):
    path = aged(imported(feed, csv_of(CLIO)))
    imported(feed, csv_of(CLIO, ZOE), at=LATER)
    imported(feed, csv_of(CLIO), at=LATER)
    aged(Run.objects.order_by("pk").first())
    time_machine.move_to(LATER, tick=False)

    forget_files()

    assert path.exists()


def test_rows_of_a_forgotten_file_say_so(feed: Feed, sophie: User, time_machine):
    run = imported(feed, csv_of(CLIO, changed(ZOE, price="beaucoup")))
    aged(run)
    time_machine.move_to(LATER, tick=False)
    forget_files()

    fault = run.faults.get()
    answer = signed_in(sophie).post(
        f"/imports/{run.pk}/fix/", {"row": [fault.number], "only": fault.number}, follow=True
    )

    assert "n’est plus conservé" in answer.content.decode()
