"""Archived and put off, and back again: in every tab, counted right, and nobody else's lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.filing import Deed, Filed, SnoozeWithoutHour, file_lines, undo
from notifications.lines import Folder, InboxItem, Wanted, changes_after, inbox_items, inbox_state
from notifications.models import UNREAD, Notification
from sites.models import Site, User
from tests.cast import MONDAY
from tests.notifications.road import claimed, received, tell_and_route

TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)

REGULAR = [deed for deed in Deed if deed is not Deed.PUT_BACK]


@pytest.fixture
def lines(lyon: Site, camille: User, in_rhone: None) -> list[int]:
    """Three alerts of Camille's, the oldest first."""
    for name in ("Anna", "Boris", "Zoé"):
        tell_and_route(received(lyon, customer_name=name))
    return list(Notification.objects.filter(user=camille).order_by("pk").values_list("pk", flat=True))


def do(user: User, deed: Deed, *ids: int) -> Filed:
    until = TUESDAY if deed == Deed.SNOOZE else None
    return file_lines(user=user, deed=deed, which=ids, at=MONDAY, until=until)


def names_in(user: User, folder: Folder) -> list[str]:
    return [line.title.rpartition(" ")[2] for line in inbox_items(user, wanted=Wanted(folder=folder))]


def standing(user: User) -> list[tuple[object, ...]]:
    """What tells lines apart, apart from the number of their latest change."""
    rows = Notification.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("pk", "read_at", "archived_at", "snoozed_until", "woken_at"))


def test_what_is_archived_leaves_the_inbox_and_the_count(camille: User, lines: list[int]):
    filed = do(camille, Deed.ARCHIVE, lines[1])

    assert filed.state == (4, 2)
    assert names_in(camille, Folder.ALL) == names_in(camille, Folder.UNREAD) == ["Zoé", "Anna"]
    assert names_in(camille, Folder.ARCHIVED) == ["Boris"]


def test_what_is_put_off_waits_in_the_order_of_its_hours(camille: User, lines: list[int]):
    file_lines(user=camille, deed=Deed.SNOOZE, which=lines[:1], at=MONDAY, until=WEDNESDAY)
    file_lines(user=camille, deed=Deed.SNOOZE, which=lines[2:], at=MONDAY, until=TUESDAY)

    assert names_in(camille, Folder.ALL) == ["Boris"]
    assert names_in(camille, Folder.SNOOZED) == ["Zoé", "Anna"]
    assert inbox_state(camille.pk).unread == 1


@pytest.mark.parametrize("deed", REGULAR)
def test_every_deed_reaches_the_other_tabs_and_keeps_the_count(deed: Deed, camille: User, lines: list[int]):
    for preparation, line in ((Deed.READ, lines[2]), (Deed.ARCHIVE, lines[1]), (Deed.SNOOZE, lines[2])):
        do(camille, preparation, line)
    before = inbox_state(camille.pk).head

    filed = do(camille, deed, *lines)

    delta = changes_after(camille, before)
    assert len(delta.items) == filed.changed > 0
    assert delta.head == filed.state.head == before + filed.changed
    assert filed.state.unread == Notification.objects.filter(UNREAD, user=camille).count()


@pytest.mark.parametrize("deed", [deed for deed in REGULAR if deed is not Deed.WAKE])
def test_every_deed_is_undone(deed: Deed, camille: User, lines: list[int]):
    opposite = {Deed.UNREAD: Deed.READ, Deed.UNARCHIVE: Deed.ARCHIVE}.get(deed)
    if opposite:
        do(camille, opposite, *lines)
    before, unread = standing(camille), inbox_state(camille.pk).unread

    filed = do(camille, deed, *lines)
    assert standing(camille) != before
    assert filed.undo is not None
    state = undo(user=camille, taken_back=filed.undo, at=MONDAY).state

    assert standing(camille) == before
    assert state.unread == unread


def test_an_undo_leaves_alone_what_the_deed_did_not_change(camille: User, lines: list[int]):
    do(camille, Deed.READ, lines[0])

    filed = do(camille, Deed.READ, *lines)
    assert filed.undo is not None
    undo(user=camille, taken_back=filed.undo, at=MONDAY)

    assert [item.id for item in inbox_items(camille) if item.is_read] == [lines[0]]


def test_an_undo_leaves_alone_what_has_changed_since(camille: User, lines: list[int]):
    archived = do(camille, Deed.ARCHIVE, *lines)
    do(camille, Deed.READ, lines[0])
    assert archived.undo is not None

    undone = undo(user=camille, taken_back=archived.undo, at=MONDAY)

    assert undone.changed == 2
    assert names_in(camille, Folder.ARCHIVED) == ["Anna"]


def test_putting_off_to_another_hour_is_undone_to_the_first_one(camille: User, lines: list[int]):
    do(camille, Deed.SNOOZE, *lines)
    later = file_lines(user=camille, deed=Deed.SNOOZE, which=lines, at=MONDAY, until=WEDNESDAY)
    assert later.undo is not None

    undo(user=camille, taken_back=later.undo, at=MONDAY)

    assert {item.snoozed_until for item in inbox_items(camille, wanted=Wanted(folder=Folder.SNOOZED))} == {
        TUESDAY
    }


def test_what_is_brought_back_stands_on_top_and_can_be_put_off_again(camille: User, lines: list[int]):
    do(camille, Deed.SNOOZE, lines[0])

    woken = file_lines(user=camille, deed=Deed.WAKE, which=lines, at=MONDAY + timedelta(minutes=1))

    assert names_in(camille, Folder.ALL)[0] == "Anna"
    assert woken.undo is not None
    assert woken.undo.until == TUESDAY


def test_nothing_can_be_put_off_for_good(camille: User, lines: list[int]):
    with pytest.raises(SnoozeWithoutHour):
        file_lines(user=camille, deed=Deed.SNOOZE, which=lines, at=MONDAY)


def test_what_is_settled_cannot_be_put_off(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    tell_and_route(claimed(fact, by=karim))
    (line,) = inbox_items(camille)

    assert do(camille, Deed.SNOOZE, line.id).changed == 0


@pytest.mark.parametrize("deed", REGULAR)
def test_colleagues_and_rivals_lines_stay_as_they_are(
    deed: Deed, camille: User, karim: User, rita: User, lines: list[int]
):
    do(camille, Deed.ARCHIVE, lines[0])
    before = standing(camille)

    for stranger in (karim, rita):
        assert do(stranger, deed, *lines).changed == 0

    assert standing(camille) == before


def test_everything_that_matches_is_filed_and_nothing_that_came_since(
    lyon: Site, camille: User, lines: list[int]
):
    tell_and_route(received(lyon, customer_name="Zoé"), at=TUESDAY)

    filed = file_lines(user=camille, deed=Deed.ARCHIVE, which=Wanted(words="zoe", as_of=MONDAY), at=TUESDAY)

    assert filed.changed == 1
    assert names_in(camille, Folder.ALL) == ["Zoé", "Boris", "Anna"]


def test_the_actor_reads_that_it_was_he(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)

    tell_and_route(claimed(fact, by=camille))

    def words_for(person: User) -> list[str]:
        return [line.closed_text for line in inbox_items(person)]

    assert words_for(camille) == ["Traité par vous"]
    assert words_for(karim) == ["Pris par Camille Durand"]


@pytest.mark.parametrize("folder", list(Folder))
def test_every_folder_is_read_in_pages_that_miss_and_repeat_nothing(
    folder: Folder, lyon: Site, camille: User, in_rhone: None
):
    for number in range(7):
        tell_and_route(received(lyon), at=MONDAY + timedelta(minutes=number // 3))
    ids = list(Notification.objects.filter(user=camille).values_list("pk", flat=True))
    deed = {Folder.SNOOZED: Deed.SNOOZE, Folder.ARCHIVED: Deed.ARCHIVE}.get(folder, Deed.UNREAD)
    do(camille, deed, *ids)

    pages: list[InboxItem] = []
    page = inbox_items(camille, wanted=Wanted(folder=folder), limit=3)
    while page:
        pages += page
        page = inbox_items(camille, wanted=Wanted(folder=folder), before_id=page[-1].id, limit=3)

    assert sorted(line.id for line in pages) == sorted(ids)
