"""Whether 03/04/2026 is in March or in April is what the file's other dates tell, and is remembered for the feed."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from imports.days import Day
from imports.models import DayOrder, Feed
from imports.services import change_feed
from imports.services.runs import inspect_file
from sites.models import Site, User
from stock.models import Vehicle
from tests.cast import MONDAY, member_of
from tests.imports.files import counts, imported, make_feed, problems_of

pytestmark = pytest.mark.usefixtures("in_rhone")
HEADER = b"StockNumber,Make,Model,DateInStock\r\n"


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


def file_of(*days: str) -> bytes:
    rows = "".join(f"A{number},Ford,Focus,{day}\r\n" for number, day in enumerate(days))
    return HEADER + rows.encode()


def arrivals() -> list[date]:
    return list(Vehicle.objects.order_by("stock_number").values_list("arrived_on", flat=True))


def test_one_date_beyond_the_twelfth_tells_for_the_whole_file(feed: Feed):
    run = imported(feed, file_of("03/04/2026", "02/25/2026", "1/5/26 12:00:00 AM"))

    assert counts(run) == (3, 0, 0, 0)
    assert arrivals() == [date(2026, 3, 4), date(2026, 2, 25), date(2026, 1, 5)]


def test_without_one_the_day_comes_first(feed: Feed):
    imported(feed, file_of("03/04/2026", "25/02/2026"))

    assert arrivals() == [date(2026, 4, 3), date(2026, 2, 25)]


def test_it_is_remembered_for_files_that_do_not_tell(feed: Feed):
    imported(feed, file_of("02/25/2026"))
    run = imported(feed, file_of("02/25/2026", "03/04/2026"))

    feed.refresh_from_db()
    assert (feed.day_order, counts(run)) == (DayOrder.MONTH_FIRST, (1, 0, 1, 0))
    assert arrivals() == [date(2026, 2, 25), date(2026, 3, 4)]


def test_dates_that_disagree_tell_nothing_and_the_odd_one_is_in_error(feed: Feed):
    run = imported(feed, file_of("25/02/2026", "02/25/2026", "03/04/2026"))

    feed.refresh_from_db()
    assert (feed.day_order, problems_of(run)) == (DayOrder.BY_ITSELF, {3: ["not_a_day"]})
    assert arrivals() == [date(2026, 2, 25), date(2026, 4, 3)]


def test_what_a_person_chose_stands(feed: Feed, sophie: User):
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, day_order=DayOrder.DAY_FIRST)
    run = imported(feed, file_of("02/25/2026", "03/04/2026"))

    assert problems_of(run) == {2: ["not_a_day"]}
    assert arrivals() == [date(2026, 4, 3)]


def test_another_order_reads_every_row_anew(feed: Feed, sophie: User):
    imported(feed, file_of("03/04/2026"))
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, day_order=DayOrder.MONTH_FIRST)
    run = imported(feed, file_of("03/04/2026"))

    assert (counts(run), arrivals()) == ((0, 1, 0, 0), [date(2026, 3, 4)])


def test_the_preview_knows_it_and_writes_nothing(feed: Feed):
    preview = inspect_file(file=BytesIO(file_of("02/25/2026")), file_name="x.csv", feed=feed)

    assert (preview.day_order, preview.rows_in_order) == (DayOrder.MONTH_FIRST, 1)
    assert Feed.objects.get().day_order == DayOrder.BY_ITSELF


@pytest.mark.parametrize("text", ["2026-03-04", "04.03.2026", "20260304", "4 mars 2026", "March 4, 2026"])
def test_what_says_its_order_itself_is_read_the_same(text: str):
    assert [Day(month_first=turn).read(text) for turn in (False, True)] == [date(2026, 3, 4)] * 2
