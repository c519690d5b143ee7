"""The inbox counter and its cursor: right for several tabs, never skipping, blind to other people's rows."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from notifications import inbox, live
from notifications.models import UNREAD, Event, Inbox, Notification
from notifications.selectors import changes_after, inbox_items, inbox_state
from notifications.services import mark_all_read, mark_read, mark_seen, mark_unread
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, signed_in
from tests.notifications.road import claimed, received, tell_and_route
from tests.together import in_parallel


def ids_of(user: User) -> list[int]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("pk", flat=True))


def fill(site: Site, count: int) -> None:
    for _ in range(count):
        tell_and_route(received(site))


def test_empty_inbox_stands_at_zero(camille: User, in_rhone: None):
    assert inbox_state(camille.pk) == (0, 0)
    assert changes_after(camille, 0).items == []


def test_delta_brings_what_changed_in_order(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 3)
    first, second, third = ids_of(camille)

    mark_read(user=camille, notification_ids=[first], at=MONDAY)

    delta = changes_after(camille, 1)
    assert [item.id for item in delta.items] == [second, third, first]
    assert (delta.head, delta.unread, delta.more) == (4, 2, False)


def test_delta_in_pages_misses_and_repeats_nothing(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 5)
    mark_all_read(user=camille, at=MONDAY)

    seen, after, more = [], 5, True
    while more:
        delta = changes_after(camille, after, limit=2)
        seen += [item.id for item in delta.items]
        after, more = delta.items[-1].seq, delta.more

    assert sorted(seen) == ids_of(camille)
    assert len(seen) == 5


def test_reading_is_undone(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 2)
    mark_read(user=camille, notification_ids=ids_of(camille), at=MONDAY)

    state = mark_unread(user=camille, notification_ids=ids_of(camille)[:1], at=MONDAY)

    assert state.unread == 1


def test_colleagues_rows_cannot_be_marked(lyon: Site, camille: User, karim: User, in_rhone: None):
    fill(lyon, 1)

    state = mark_read(user=karim, notification_ids=ids_of(camille), at=MONDAY)

    assert state == (1, 1)
    assert inbox_state(camille.pk).unread == 1


def test_reading_in_one_tab_is_announced_to_the_others(
    lyon: Site, camille: User, in_rhone: None, monkeypatch: Any, django_capture_on_commit_callbacks: Any
):
    fill(lyon, 2)
    announced: list[Any] = []
    monkeypatch.setattr(live, "announce", announced.append)

    with django_capture_on_commit_callbacks(execute=True):
        mark_all_read(user=camille, at=MONDAY)

    assert announced == [{camille.pk: (4, 0)}]


def test_seeing_is_kept_once_and_changes_no_number(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 1)

    mark_seen(user=camille, up_to_seq=1, at=MONDAY)

    assert Notification.objects.get(user=camille).seen_at == MONDAY
    assert inbox_state(camille.pk) == (1, 1)


def test_page_costs_the_same_with_one_line_and_with_three(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 1)
    with CaptureQueriesContext(connection) as one:
        inbox_items(camille)
    fill(lyon, 2)

    with CaptureQueriesContext(connection) as three:
        lines = inbox_items(camille)

    assert len(lines) == 3
    assert len(one) == len(three) == 1


def counted(user: User) -> int:
    return Notification.objects.filter(UNREAD, user=user).count()


def test_the_count_is_kept_through_everything_that_happens(
    lyon: Site, camille: User, karim: User, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    fill(lyon, 3)
    first, second, *_rest = ids_of(camille)

    steps = [
        lambda: mark_read(user=camille, notification_ids=[first, second], at=MONDAY),
        lambda: tell_and_route(claimed(fact, by=karim)),
        lambda: mark_unread(user=camille, notification_ids=[first, second], at=MONDAY),
        lambda: fill(lyon, 1),
        lambda: mark_all_read(user=camille, at=MONDAY),
        lambda: fill(lyon, 1),
    ]
    kept = []
    for step in steps:
        step()
        kept.append((inbox_state(camille.pk).unread, counted(camille)))

    assert kept == [(2, 2), (2, 2), (3, 3), (4, 4), (0, 0), (1, 1)]


SUBTRACT = """
    UPDATE notifications_inbox SET unread = unread - 2 WHERE user_id IN ({people}) RETURNING user_id, head, unread
"""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("recounts", [True, False])
def test_two_tabs_that_read_the_same_line_at_once_count_it_once(
    lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch, recounts: bool
):
    """The control subtracts what it found instead of counting under the lock, and is off by the line read twice."""
    with group_scope(lyon.group_id):
        fill(lyon, 5)
        lines = ids_of(camille)[:2]
        if not recounts:
            monkeypatch.setattr(inbox, "_RECOUNT", SUBTRACT)

    def read() -> None:
        with group_scope(lyon.group_id):
            mark_read(user=camille, notification_ids=lines, at=MONDAY)

    found_by = Barrier(2)
    real = inbox.advance

    def advance_when_both_have_looked(*args: Any, **kwargs: Any) -> inbox.States:
        with suppress(BrokenBarrierError):
            found_by.wait(2)
        return real(*args, **kwargs)

    monkeypatch.setattr(inbox, "advance", advance_when_both_have_looked)
    in_parallel(2, read)

    with group_scope(lyon.group_id):
        assert (inbox_state(camille.pk).unread == counted(camille)) is recounts


@pytest.mark.django_db(transaction=True)
def test_numbers_are_handed_out_once_under_contention(camille: User, karim: User):
    people = [karim.pk, camille.pk]

    def change() -> inbox.States:
        with group_scope(camille.group_id or 0), transaction.atomic():
            return inbox.advance(people)

    states = in_parallel(12, change)

    for person in people:
        assert sorted(state[person][0] for state in states) == list(range(1, 13))


def test_line_of_a_removed_app_keeps_its_place(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 3)
    Event.objects.filter(notifications=ids_of(camille)[1]).update(type_key="gone.away")

    lines = inbox_items(camille, limit=3)

    assert [line.title for line in lines] == [
        "Nouveau lead : Paul Bernard",
        "gone.away",
        "Nouveau lead : Paul Bernard",
    ]


def test_a_line_that_cannot_be_read_any_more_keeps_nobody_from_the_others(
    lyon: Site, camille: User, in_rhone: None
):
    fill(lyon, 3)
    Event.objects.filter(notifications=ids_of(camille)[1]).update(payload={"lead_id": "another time"})
    reader = signed_in(camille)

    with override("fr"):
        lines = inbox_items(camille, limit=3)

    assert [line.title for line in lines] == [
        "Nouveau lead : Paul Bernard",
        "Nouveau lead",
        "Nouveau lead : Paul Bernard",
    ]
    addresses = ("/inbox/", "/api/v1/inbox/", "/api/v1/inbox/delta/?after=0")
    assert [reader.get(address).status_code for address in addresses] == [200, 200, 200]


@pytest.mark.parametrize("as_of", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "yesterday"])
def test_a_moment_beyond_the_calendar_is_none(camille: User, as_of: str):
    assert signed_in(camille).get("/inbox/", {"as_of": as_of}).status_code == 200


def test_ten_thousand_unread_are_marked_at_once(lyon: Site, camille: User, in_rhone: None):
    fill(lyon, 1)
    (line,) = Notification.objects.filter(user=camille)
    events = Event.objects.bulk_create(
        [
            Event(
                group=lyon.group,
                type_key="leads.received",
                dedupe_key=str(number),
                payload=line.event.payload,
                occurred_at=MONDAY,
                recorded_at=MONDAY,
                routed_at=MONDAY,
            )
            for number in range(10_000)
        ]
    )
    Notification.objects.bulk_create(
        [
            Notification(
                group=lyon.group, event=event, user=camille, seq=number, created_at=MONDAY, reason="pool"
            )
            for number, event in enumerate(events, start=2)
        ]
    )
    Inbox.objects.filter(user=camille).update(head=10_001)

    state = mark_all_read(user=camille, at=MONDAY)

    assert state == (20_002, 0)


def test_a_person_filters_by_what_can_concern_him(lyon: Site, camille: User, agnes: User, in_rhone: None):
    fill(lyon, 1)

    seller, admin = (signed_in(one).get("/inbox/").content.decode() for one in (camille, agnes))

    assert ("?category=leads" in seller, "?category=alerts" in seller) == (True, False)
    assert "?category=alerts" in admin
