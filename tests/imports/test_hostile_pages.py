"""What nobody types into the pages of imports: each ends in a page, and shows nobody what is not his."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import Run
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import signed_in
from tests.imports.files import CLIO, HEADER, ZOE, changed, csv_of, imported, make_feed
from tests.imports.test_pages import only_feed, previewed, text_of

SECRET = "17 5OO euros hors frais"


def run_with_secret(diane: User, lyon: Site) -> Run:
    """A run whose column « PA » two rows fill with what is no amount."""
    rows = [(*changed(CLIO, stock=f"C-{number}", vin="", plate=""), SECRET) for number in range(2)]
    rows.append((*changed(ZOE, price="beaucoup"), "12 345"))
    feed = make_feed(diane, lyon, mapping={"PA": "purchase_price"})
    return imported(feed, csv_of(*rows, header=(*HEADER, "PA")))


@pytest.mark.parametrize("part", ["", "?fixed=1", "?kind=not_money~PA", "faults.csv"])
def test_who_may_not_see_what_was_paid_does_not_read_it_in_a_fault(
    diane: User, sophie: User, lyon: Site, part: str
):
    run = run_with_secret(diane, lyon)

    answer: Any = signed_in(sophie).get(f"/imports/{run.pk}/{part}")

    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert SECRET not in body.decode()
    assert "12 345" not in body.decode()


@pytest.mark.parametrize("column", ["PA", "Prix"])
def test_who_may_not_see_what_was_paid_does_not_write_it_either(
    diane: User, sophie: User, lyon: Site, column: str
):
    run = run_with_secret(diane, lyon)
    file = SimpleUploadedFile("a.csv", f"Ligne du fichier;{column}\n2;11 000\n3;11 000\n".encode())

    signed_in(sophie).post(f"/imports/{run.pk}/corrected/", {"file": file})

    with group_scope(run.group_id):
        assert run.faults.filter(fixed_at__isnull=True).count() == 3


def test_a_name_of_a_feed_is_as_long_as_it_may_be_and_is_text(sophie: User):
    client = signed_in(sophie)
    for name in ("x" * 5_000, "Parc\0 VO"):
        address, _page = previewed(client, csv_of(CLIO))
        client.post(address, {"do": "start", "name": name})

    assert sophie.group_id is not None
    with group_scope(sophie.group_id):
        names = set(Run.objects.values_list("feed__name", flat=True))
    assert names == {"x" * 100, "Parc\ufffd VO"}


def test_what_is_no_text_becomes_a_sign_that_one_sees(sophie: User, lyon: Site):
    run = imported(make_feed(sophie, lyon), csv_of(CLIO, changed(ZOE, price="beaucoup")))
    client = signed_in(sophie)
    (cell,) = re.findall(r'name="(cell-3-[0-9a-f]+)"', text_of(client.get(f"/imports/{run.pk}/")))

    client.post(f"/imports/{run.pk}/fix/", {"row": "3", cell: "1\0"})
    client.post(
        f"/imports/{run.pk}/fix-everywhere/", {"kind": "not_money~Prix", "value": "beaucoup", "text": "2\0"}
    )

    with group_scope(run.group_id):
        (fault,) = run.faults.all()
    assert fault.cells["Prix"] == "1\ufffd"
    for odd in ("kind=%00~%00", "kind=x~%00", "after=99999999999999999999", "row=%00", "row=9999999999999"):
        assert client.get(f"/imports/{run.pk}/?{odd}").status_code == 200


def test_a_word_told_in_the_preview_is_kept_as_text(sophie: User):
    client = signed_in(sophie)
    address, _page = previewed(client, csv_of(changed(CLIO, make="Foo")))

    client.post(address, {"word-make": ["Fo\0o"], "kept-make": ["B\0ar"], "do": "start"})

    assert only_feed(sophie.group_id).values.get("make", {}) in ({}, {"fo\ufffdo": "B\ufffdar"})
