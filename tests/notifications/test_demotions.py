"""Less noise: what a person keeps ignoring is proposed to be quieter; he decides, and can take it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.choices import Channel, DeliveryState, Urgency
from notifications.demotions import (
    ENOUGH,
    LATEST,
    LEFT_ALONE,
    NotAnswered,
    NotProposed,
    Proposal,
    answer,
    answered_lately,
    proposals_for,
    take_back,
)
from notifications.models import Delivery, DemotionAnswer, Event, Notification, Preference
from notifications.registry import get
from notifications.selectors import preference_matrix
from notifications.services import set_preference
from sites.models import Site, User
from tests.cast import MONDAY, member_of, signed_in

NOW = MONDAY + timedelta(days=2)
KEY, PUSH = "leads.received", Channel.PUSH
WHICH: dict[str, Any] = {"type_key": KEY, "channel": PUSH}
Queries = Callable[[int], Any]


@pytest.fixture(autouse=True)
def _now(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def tell_leads(
    person: User,
    site: Site,
    count: int,
    *,
    looked_at: int = 0,
    until: datetime = MONDAY,
    channel: Channel = PUSH,
) -> None:
    """So many leads until then, an hour apart, each told to the person on the channel; he looks at the first ones."""
    for number in range(count):
        at = until - timedelta(hours=count - number)
        event = Event.objects.create(
            group_id=site.group_id, type_key=KEY, dedupe_key=str(at), payload={"site_id": site.pk},
            occurred_at=at, recorded_at=at, routed_at=at,
        )  # fmt: skip
        told = Notification.objects.create(
            group_id=site.group_id, event=event, user=person, reason="pool", created_at=at,
            seen_at=at + timedelta(minutes=5) if number < looked_at else None,
        )  # fmt: skip
        Delivery.objects.create(
            group_id=site.group_id, notification=told, channel=channel, endpoint="1", due_at=at,
            state=DeliveryState.ACCEPTED,
        )  # fmt: skip


def proposed(person: User, at: datetime = NOW) -> list[Proposal]:
    member = member_of(person)
    return proposals_for(member, preference_matrix(member), at=at)


@pytest.fixture
def noise(lyon: Site, camille: User, in_rhone: None) -> User:
    """Camille, who looked at 1 of her last 24 pushes."""
    tell_leads(camille, lyon, 24, looked_at=1)
    return camille


def test_what_is_ignored_again_and_again_is_proposed(noise: User):
    (found,) = proposed(noise)

    assert (found.notice.key, found.channel, found.looked_at, found.of) == (KEY, PUSH, 1, 24)
    assert not Preference.objects.exists()  # nothing happens by itself


@pytest.mark.parametrize(("count", "looked_at"), [(ENOUGH - 1, 0), (24, 3), (ENOUGH, 3)])
def test_few_messages_and_some_looks_say_nothing(
    count: int, looked_at: int, lyon: Site, camille: User, in_rhone: None
):
    tell_leads(camille, lyon, count, looked_at=looked_at)

    assert proposed(camille) == []


def test_only_the_latest_count(lyon: Site, camille: User, in_rhone: None):
    tell_leads(camille, lyon, LATEST + 10, looked_at=10)

    assert [(one.looked_at, one.of) for one in proposed(camille)] == [(0, LATEST)]


def test_what_is_over_a_month_old_is_forgotten(noise: User):
    assert proposed(noise, at=NOW + timedelta(days=31)) == []


def test_what_a_colleague_settled_was_not_ignored(noise: User):
    assert proposed(noise)

    Notification.objects.filter(user=noise, seen_at=None).update(closed_at=MONDAY - timedelta(days=1))

    assert proposed(noise) == []


def test_what_is_too_fresh_was_not_ignored(noise: User):
    assert proposed(noise, at=MONDAY) == []


def test_what_never_arrived_was_not_ignored(noise: User):
    Delivery.objects.filter(channel=PUSH).update(state=DeliveryState.DEAD)

    assert proposed(noise) == []


def test_the_inbox_itself_is_never_proposed(lyon: Site, camille: User, in_rhone: None):
    tell_leads(camille, lyon, 24, channel=Channel.IN_APP)

    assert proposed(camille) == []


@pytest.mark.parametrize(("name", "value"), [("urgency", Urgency.CRITICAL), ("mandatory", frozenset({PUSH}))])
def test_nothing_critical_and_nothing_mandatory_is_proposed(
    noise: User, name: str, value: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(get(KEY), name, value)

    assert proposed(noise) == []
    with pytest.raises(NotProposed):
        answer(member=member_of(noise), accepted=True, at=NOW, **WHICH)


def test_without_the_inbox_nothing_would_be_left_so_nothing_is_proposed(noise: User):
    set_preference(member=member_of(noise), topic="leads", channel=Channel.IN_APP, enabled=False)

    assert proposed(noise) == []


def test_what_is_off_already_is_not_proposed(noise: User):
    set_preference(member=member_of(noise), topic=KEY, channel=PUSH, enabled=False)

    assert proposed(noise) == []


def test_two_devices_are_one_message(noise: User, lyon: Site):
    assert proposed(noise)[0].of == 24
    for told in Delivery.objects.filter(channel=PUSH):
        told.pk, told.endpoint = None, "other"
        told.save(force_insert=True)

    assert proposed(noise)[0].of == 24


def test_accepting_switches_the_channel_off_for_the_type_alone(noise: User):
    answer(member=member_of(noise), accepted=True, at=NOW, **WHICH)

    (choice,) = Preference.objects.values_list("user", "category", "type_key", "channel", "enabled")
    assert choice == (noise.pk, "leads", KEY, "push", False)
    assert proposed(noise) == []
    assert [one.accepted for one in answered_lately(member_of(noise), at=NOW)] == [True]


def test_keeping_changes_nothing_and_is_left_alone_for_ninety_days(noise: User, lyon: Site):
    answer(member=member_of(noise), accepted=False, at=NOW, **WHICH)

    assert not Preference.objects.exists()
    assert proposed(noise) == []
    tell_leads(noise, lyon, 24, until=NOW + LEFT_ALONE)
    assert proposed(noise, at=NOW + LEFT_ALONE - timedelta(hours=1)) == []
    assert proposed(noise, at=NOW + LEFT_ALONE + timedelta(days=2))


@pytest.mark.parametrize("before", [None, True])
def test_an_answer_can_be_taken_back(noise: User, before: bool | None):
    set_preference(member=member_of(noise), topic=KEY, channel=PUSH, enabled=before)
    answer(member=member_of(noise), accepted=True, at=NOW, **WHICH)

    take_back(member=member_of(noise), **WHICH)

    assert list(Preference.objects.values_list("enabled", flat=True)) == ([] if before is None else [True])
    assert not DemotionAnswer.objects.exists()
    assert proposed(noise)
    with pytest.raises(NotAnswered):
        take_back(member=member_of(noise), **WHICH)


def test_taking_back_leaves_what_was_chosen_since(noise: User):
    answer(member=member_of(noise), accepted=True, at=NOW, **WHICH)
    set_preference(member=member_of(noise), topic=KEY, channel=PUSH, enabled=True)

    take_back(member=member_of(noise), **WHICH)

    assert Preference.objects.get().enabled is True


def test_what_is_not_proposed_cannot_be_accepted(camille: User, in_rhone: None):
    with pytest.raises(NotProposed):
        answer(member=member_of(camille), accepted=True, at=NOW, **WHICH)

    assert not Preference.objects.exists()


def test_each_is_asked_about_his_own(noise: User, karim: User, rita: User):
    assert proposed(karim) == []
    assert signed_in(rita).post(f"/preferences/quieter/{KEY}/push/accept/").status_code == 404


def test_asking_takes_the_same_queries_however_much_was_sent(
    noise: User, lyon: Site, django_assert_num_queries: Queries
):
    member = member_of(noise)
    rows = preference_matrix(member)
    with django_assert_num_queries(5):
        proposals_for(member, rows, at=NOW)
    tell_leads(noise, lyon, 12, until=MONDAY - timedelta(days=2))
    with django_assert_num_queries(5):
        proposals_for(member, rows, at=NOW)


def test_the_settings_ask_take_the_answer_and_take_it_back(noise: User):
    browser = signed_in(noise)
    page = browser.get("/preferences/").content.decode()
    assert "Vous avez regardé 1 de vos 24 derniers « Nouveau lead » par Push." in page

    answered = browser.post(f"/preferences/quieter/{KEY}/push/accept/")

    assert answered.headers["Location"] == "/preferences/#quieter"
    page = browser.get("/preferences/").content.decode()
    assert "« Nouveau lead » n’arrive plus par Push" in page
    assert "Vous avez regardé" not in page
    browser.post(f"/preferences/quieter/{KEY}/push/undo/")
    assert "Vous avez regardé 1 de vos 24" in browser.get("/preferences/").content.decode()


@pytest.mark.parametrize("part", ["push/maybe", "pigeon/accept", "push/undo", "email/accept"])
def test_nonsense_is_not_found(noise: User, part: str):
    assert signed_in(noise).post(f"/preferences/quieter/{KEY}/{part}/").status_code == 404


def test_looking_decides_nothing(noise: User):
    assert signed_in(noise).get(f"/preferences/quieter/{KEY}/push/accept/").status_code == 405
    assert not Preference.objects.exists()


def test_who_ignores_nothing_is_not_asked(camille: User):
    assert "quieter-title" not in signed_in(camille).get("/preferences/").content.decode()
