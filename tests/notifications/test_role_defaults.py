"""What a group decides for its roles: kept as a batch, never over a colleague's head, and taken back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from leads.notices import LeadReceivedNotice
from notifications.choices import PUSH, Channel
from notifications.defaults import Change, Draft, MandatoryChannel, Place, Setting, UnknownPlace
from notifications.models import RoleDefault, RoleDefaultChange
from notifications.roledefaults import DefaultsMoved, UnknownBatch, kept_defaults, save_defaults, take_back
from sites.models import Group, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY
from tests.together import at_once

pytestmark = pytest.mark.usefixtures("in_rhone")

SMS = Place("leads.received", Role.SALESPERSON, Channel.SMS)
NO_PUSH = Place("leads.received", Role.SALESPERSON, Channel.PUSH)


def save(group: Group, by: User | None, *changes: tuple[Place, Setting, Setting]):
    made = [Change(*change) for change in changes]
    return save_defaults(group_id=group.pk, by=by, changes=made, at=MONDAY)


def test_a_batch_is_kept_with_who_and_when(rhone: Group, agnes: User):
    batch = save(rhone, agnes, (SMS, None, True), (NO_PUSH, None, False))

    assert kept_defaults() == {SMS: True, NO_PUSH: False}
    rows = RoleDefaultChange.objects.filter(batch=batch).values_list("channel", "before", "after", "by", "at")
    assert set(rows) == {
        ("sms", None, True, agnes.pk, MONDAY),
        ("push", None, False, agnes.pk, MONDAY),
    }


def test_what_somebody_else_decided_is_not_overwritten_unseen(rhone: Group, agnes: User, diane: User):
    save(rhone, diane, (SMS, None, True))

    with pytest.raises(DefaultsMoved) as refused:
        save(rhone, agnes, (SMS, None, False), (NO_PUSH, None, False))

    assert refused.value.places == [SMS]
    assert kept_defaults() == {SMS: True}


def test_two_who_decide_the_same_do_not_disturb_each_other(rhone: Group, agnes: User, diane: User):
    save(rhone, diane, (SMS, None, True))

    batch = save(rhone, agnes, (SMS, None, True))

    assert batch is None
    assert RoleDefaultChange.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(rhone: Group, agnes: User):
    def decide(number: int) -> None:
        with group_scope(rhone.pk):
            save(rhone, agnes, (SMS, None, number == 0))

    outcomes = at_once(2, decide)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DefaultsMoved", "NoneType"]
    assert RoleDefault.objects.count() == 1


def test_a_batch_is_taken_back_as_one(rhone: Group, agnes: User):
    batch = save(rhone, agnes, (SMS, None, True), (NO_PUSH, None, False))
    assert batch is not None

    take_back(group_id=rhone.pk, by=agnes, batch=batch, at=MONDAY + timedelta(minutes=1))

    assert kept_defaults() == {}
    assert RoleDefaultChange.objects.count() == 4


def test_what_changed_since_is_not_taken_back(rhone: Group, agnes: User, diane: User):
    batch = save(rhone, agnes, (SMS, None, True))
    save(rhone, diane, (SMS, True, False))
    assert batch is not None

    with pytest.raises(DefaultsMoved):
        take_back(group_id=rhone.pk, by=agnes, batch=batch, at=MONDAY)

    assert kept_defaults() == {SMS: False}


def test_a_batch_of_a_rival_is_unknown(rhone: Group, agnes: User, rival: Group, rita: User):
    with group_scope(rival.pk):
        batch = save(rival, rita, (SMS, None, True))
    assert batch is not None

    for unknown in (batch, uuid4()):
        with pytest.raises(UnknownBatch):
            take_back(group_id=rhone.pk, by=agnes, batch=unknown, at=MONDAY)

    with group_scope(rival.pk):
        assert kept_defaults() == {SMS: True}


def test_what_the_group_relies_on_cannot_be_switched_off(rhone: Group, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LeadReceivedNotice, "mandatory", PUSH)

    with pytest.raises(MandatoryChannel):
        save(rhone, None, (NO_PUSH, None, False))


@pytest.mark.parametrize(
    "place",
    [
        Place("leads.nothing", Role.SALESPERSON, Channel.SMS),
        Place("notifications.digest", Role.SALESPERSON, Channel.SMS),
        Place("leads.received", Role.ACCOUNTANT, Channel.SMS),  # may not see leads
        Place("leads.unanswered", Role.SITE_MANAGER, Channel.SMS),  # may, but it names sales managers only
    ],
)
def test_a_role_has_no_default_for_what_it_cannot_hear(rhone: Group, place: Place):
    with pytest.raises(UnknownPlace):
        save(rhone, None, (place, None, True))


def test_what_the_product_has_anyway_is_no_choice():
    assert NO_PUSH.setting_for(enabled=True) is None
    assert NO_PUSH.setting_for(enabled=False) is False


def test_a_draft_survives_its_way_through_an_address():
    draft = Draft.of([Change(SMS, None, True), Change(NO_PUSH, False, None)])

    assert Draft.read(str(change) for change in draft.changes.values()) == draft


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "leads.received",
        "leads.received~salesperson~sms~product~maybe",
        "leads.received~salesperson~pigeon~product~on",
        "leads.received~emperor~sms~product~on",
        "leads.nothing~salesperson~sms~product~on",
        "leads.received~accountant~sms~product~on",
        "leads.received~salesperson~sms~on~on",
        "leads.received~salesperson~sms~product~on~on",
    ],
)
def test_what_makes_no_sense_is_no_part_of_a_draft(nonsense: str):
    assert len(Draft.read([nonsense])) == 0


def test_the_later_of_two_changes_of_one_place_counts():
    draft = Draft.of([Change(SMS, None, True)]).then([Change(SMS, None, None)])

    assert len(draft) == 0
