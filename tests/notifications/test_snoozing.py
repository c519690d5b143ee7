"""What is put off comes back at its hour: once, unread, on top, and with a ring; settled meanwhile, it stays silent."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest

from notifications import inbox, live, snoozing, sweep
from notifications.filing import Deed, file_lines
from notifications.lines import Folder, Wanted, changes_after, inbox_items, inbox_state
from notifications.models import UNREAD, Inbox, Notification
from notifications.snoozing import NoSuchHour, checked_hour, presets_for, wake_due
from sites.models import OpeningHours, Site, SiteClosure, User
from sites.scope import every_group, group_scope
from tests.cast import MONDAY, member_of
from tests.notifications.road import claimed, received, tell_and_route
from tests.together import in_parallel

TUESDAY = MONDAY + timedelta(days=1)


def put_off(user: User, *ids: int, until: datetime = TUESDAY) -> None:
    file_lines(user=user, deed=Deed.SNOOZE, which=ids, at=MONDAY, until=until)


@pytest.fixture
def asleep(lyon: Site, camille: User, in_rhone: None) -> list[int]:
    """Three alerts of Camille's; the oldest, which she has read, is put off until Tuesday."""
    for name in ("Anna", "Boris", "Zoé"):
        tell_and_route(received(lyon, customer_name=name))
    ids = list(Notification.objects.filter(user=camille).order_by("pk").values_list("pk", flat=True))
    file_lines(user=camille, deed=Deed.READ, which=ids[:1], at=MONDAY)
    put_off(camille, ids[0])
    return ids


def test_its_hour_brings_a_line_back_unread_and_on_top(camille: User, asleep: list[int]):
    before = inbox_state(camille.pk).head

    assert wake_due(at=TUESDAY - timedelta(seconds=1)) == 0
    assert wake_due(at=TUESDAY) == 1

    first, *_rest = inbox_items(camille)
    assert (first.id, first.is_unread, first.is_woken, first.shown_at) == (asleep[0], True, True, TUESDAY)
    assert [item.id for item in changes_after(camille, before).items] == [asleep[0]]
    assert inbox_state(camille.pk) == (before + 1, 3)


def test_the_bell_rings_once(
    camille: User, asleep: list[int], monkeypatch: Any, django_capture_on_commit_callbacks: Any
):
    rung: list[Any] = []
    monkeypatch.setattr(live, "announce", rung.append)

    with django_capture_on_commit_callbacks(execute=True):
        wake_due(at=TUESDAY)
        wake_due(at=TUESDAY)

    assert rung == [{camille.pk: (6, 3)}]


def test_the_sweep_wakes_for_every_group(camille: User, asleep: list[int]):
    sweep.run(at=TUESDAY)

    assert inbox_items(camille)[0].id == asleep[0]


def test_a_closing_meanwhile_stays_closed_and_silent(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    (line,) = inbox_items(camille)
    put_off(camille, line.id)

    tell_and_route(claimed(fact, by=karim))
    head = inbox_state(camille.pk).head
    woken = wake_due(at=TUESDAY)

    assert woken == 0
    assert inbox_state(camille.pk) == (head, 0)
    assert inbox_items(camille, wanted=Wanted(folder=Folder.SNOOZED)) == []
    assert [item.is_closed for item in inbox_items(camille)] == [True]
    assert not Notification.objects.filter(snoozed_until__isnull=False).exists()


def test_what_was_archived_meanwhile_sleeps_on(camille: User, asleep: list[int]):
    file_lines(user=camille, deed=Deed.ARCHIVE, which=asleep[:1], at=MONDAY)
    state = inbox_state(camille.pk)

    assert wake_due(at=TUESDAY) == 0

    assert inbox_state(camille.pk) == state
    assert [item.id for item in inbox_items(camille, wanted=Wanted(folder=Folder.ARCHIVED))] == asleep[:1]


def test_many_people_wake_in_batches_and_every_count_is_right(
    lyon: Site, camille: User, karim: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(snoozing, "BATCH", 4)
    for _ in range(5):
        tell_and_route(received(lyon))
    for person, count in ((camille, 5), (karim, 2)):
        mine = Notification.objects.filter(user=person).values_list("pk", flat=True)[:count]
        put_off(person, *mine)

    assert wake_due(at=TUESDAY) == 7

    for person in (camille, karim):
        rows = Notification.objects.filter(user=person)
        assert inbox_state(person.pk).unread == rows.filter(UNREAD).count() == 5
        assert len(set(rows.values_list("seq", flat=True))) == 5
        assert changes_after(person, 0).items[-1].seq <= inbox_state(person.pk).head


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks_again", [True, False])
def test_two_sweepers_at_once_wake_a_line_once(
    looks_again: bool, lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    """The control trusts what it found before it had the inbox to itself, and rings twice."""
    with group_scope(lyon.group_id):
        tell_and_route(received(lyon))
        (line,) = inbox_items(camille)
        put_off(camille, line.id)
        before = inbox_state(camille.pk).head
    both_have_looked = Barrier(2)
    real = inbox.advance

    def advance_when_both_have_looked(people: Any, *, by: int = 1, unread: int = 0) -> Any:
        if by == 0:
            both_have_looked.wait(10)
        return real(people, by=by, unread=unread)

    monkeypatch.setattr(inbox, "advance", advance_when_both_have_looked)
    if not looks_again:
        monkeypatch.setattr(snoozing, "_still_asleep", lambda _due, found: list(found.items()))

    def sweep_once() -> int:
        with every_group():
            return wake_due(at=TUESDAY)

    woken = in_parallel(2, sweep_once)

    assert (sum(woken) == 1) is looks_again
    assert (Inbox.objects.get(user=camille).head == before + 1) is looks_again


@pytest.mark.django_db(transaction=True)
def test_many_sweepers_at_once_wake_every_line_once(lyon: Site, camille: User, karim: User):
    with group_scope(lyon.group_id):
        for _ in range(6):
            tell_and_route(received(lyon))
        for person in (camille, karim):
            put_off(person, *Notification.objects.filter(user=person).values_list("pk", flat=True))
        heads = {person.pk: inbox_state(person.pk).head for person in (camille, karim)}

    def sweep_once() -> int:
        with every_group():
            return wake_due(at=TUESDAY)

    woken = in_parallel(6, sweep_once)

    assert sum(woken) == 12
    for user_id, head in heads.items():
        assert tuple(Inbox.objects.values_list("head", "unread").get(pk=user_id)) == (head + 6, 6)


def open_on(site: Site, weekday: int, opens: int, closes: int) -> None:
    OpeningHours.objects.create(
        group_id=site.group_id, site=site, weekday=weekday, opens=time(opens), closes=time(closes)
    )


def offered(user: User, at: datetime) -> dict[str, datetime]:
    return {preset.key: preset.until for preset in presets_for(member_of(user), at=at).offered}


def test_the_hours_on_offer_are_those_of_the_persons_first_site(lyon: Site, camille: User, in_rhone: None):
    open_on(lyon, 0, 9, 12)
    open_on(lyon, 1, 10, 18)

    assert offered(camille, MONDAY) == {  # 10:30 in Lyon
        "hour": datetime(2026, 3, 2, 10, 30, tzinfo=UTC),
        "afternoon": datetime(2026, 3, 2, 13, tzinfo=UTC),
        "tomorrow": datetime(2026, 3, 3, 8, tzinfo=UTC),
        "opening": datetime(2026, 3, 3, 9, tzinfo=UTC),
    }


def test_a_closed_site_offers_its_next_opening(lyon: Site, camille: User, in_rhone: None):
    open_on(lyon, 0, 14, 18)
    open_on(lyon, 1, 9, 18)
    SiteClosure.objects.create(group_id=lyon.group_id, site=lyon, day=TUESDAY.date())

    evening = MONDAY.replace(hour=20)

    assert offered(camille, MONDAY)["opening"] == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert offered(camille, evening)["opening"] == datetime(2026, 3, 9, 13, tzinfo=UTC)
    assert "afternoon" not in offered(camille, evening)


def test_the_morning_after_the_clocks_change_is_nine_on_the_new_clock(
    lyon: Site, camille: User, in_rhone: None
):
    saturday = datetime(2026, 3, 28, 20, tzinfo=UTC)

    assert offered(camille, saturday)["tomorrow"] == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_somebody_without_a_site_that_opens_is_offered_the_rest(diane: User, in_rhone: None):
    assert set(offered(diane, MONDAY)) == {"hour", "afternoon", "tomorrow"}


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=367)])
def test_an_hour_that_is_past_or_far_away_is_refused(until: datetime):
    with pytest.raises(NoSuchHour):
        checked_hour(until, at=MONDAY)


def test_an_hour_that_is_not_on_offer_is_refused(camille: User, in_rhone: None):
    with pytest.raises(NoSuchHour):
        presets_for(member_of(camille), at=MONDAY).until("yesterday")
