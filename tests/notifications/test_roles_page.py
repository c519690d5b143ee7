"""« What each role hears »: the matrix, a draft in the address, its effect, saving, and taking back. No JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import Client

from leads.notices import LeadReceivedNotice
from notifications.choices import PUSH, Channel
from notifications.defaults import Change, Place, Setting
from notifications.models import RoleDefault, RoleDefaultChange
from notifications.roledefaults import kept_defaults
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, add_role, signed_in
from tests.notifications.road import received, set_default, tell_and_route

PAGE, DRAFT = "/preferences/roles/", "/preferences/roles/draft/"
EFFECT, SAVE = "/preferences/roles/effect/", "/preferences/roles/save/"
SMS = Place("leads.received", Role.SALESPERSON, Channel.SMS)
BELL = Place("leads.received", Role.SALESPERSON, Channel.IN_APP)
SMS_ON = str(Change(SMS, None, True))


@pytest.fixture(autouse=True)
def _monday_and_english(time_machine: Any, agnes: User) -> None:
    time_machine.move_to(MONDAY, tick=False)
    User.objects.filter(pk=agnes.pk).update(language="en")


def shown(person: User, address: str) -> str:
    answer = signed_in(person).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def press(
    person: User, go: str, *on: Place, shown_as: Mapping[Place, Setting] | None = None, **fields: Any
) -> str:
    """Press a button on the page of the salespeople, its switches as listed in `on`; the address that follows."""
    places = shown_as if shown_as is not None else {SMS: None, BELL: None}
    form = {
        "role": "salesperson",
        "shown": [str(Change(place, kept, kept)) for place, kept in places.items()],
        "on": [str(place) for place in on],
        "go": go,
        **fields,
    }
    answer = signed_in(person).post(DRAFT, form)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def changes_in(address: str) -> list[str]:
    return [value for name, value in parse_qsl(urlsplit(address).query) if name == "change"]


def kept(group: Group) -> dict[Place, bool]:
    with group_scope(group.pk):
        return kept_defaults()


def save(person: User, *changes: str, follow: bool = False) -> Any:
    return signed_in(person).post(SAVE, {"change": changes}, follow=follow)


def test_all_roles_stand_side_by_side(agnes: User):
    page = shown(agnes, PAGE)

    assert "New lead" in page
    assert "Sales manager" in page
    assert "Everything is as the product has it" in page


def test_a_role_has_its_switches_with_an_example_of_each_alert(agnes: User):
    page = shown(agnes, f"{PAGE}?role=salesperson")

    assert 'id="leads--received-push" name="on" value="leads.received~salesperson~push" checked' in page
    assert 'name="on" value="leads.received~salesperson~sms" aria-' in page
    assert "New lead: Camille Durand" in page


def test_what_a_role_cannot_hear_of_is_not_shown(agnes: User):
    page = shown(agnes, f"{PAGE}?role=site_manager")

    assert "leads.left_alone~site_manager~push" in page
    assert "leads.unanswered~site_manager" not in page


@pytest.mark.parametrize("role", ["accountant", "emperor", ""])
def test_a_role_that_hears_of_nothing_has_no_page_of_its_own(agnes: User, role: str):
    assert "role-form" not in shown(agnes, f"{PAGE}?role={role}")


def test_what_the_group_relies_on_is_locked(agnes: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(LeadReceivedNotice, "mandatory", PUSH)

    page = shown(agnes, f"{PAGE}?role=salesperson")

    assert "Always on" in page
    assert 'id="leads--received-push"' not in page


def test_what_the_group_decided_is_marked_with_who_and_what_the_product_has(agnes: User, rhone: Group):
    save(agnes, SMS_ON)

    page = shown(agnes, f"{PAGE}?role=salesperson")

    assert "Product: off" in page
    assert "Changed by Agnès Moreau" in page
    assert "As the product" in page


def test_a_tick_becomes_a_draft_and_nothing_is_saved(agnes: User, rhone: Group):
    address = press(agnes, "effect", SMS, BELL)

    assert address.startswith(f"{EFFECT}?role=salesperson")
    assert changes_in(address) == [SMS_ON]
    assert kept(rhone) == {}


def test_the_draft_goes_along_to_another_role(agnes: User):
    address = press(agnes, "role:sales_manager", SMS, BELL)

    page = shown(agnes, address)

    assert "role=sales_manager" in address
    assert SMS_ON in page
    assert "1 change is not saved yet" in page


def test_a_tick_taken_back_leaves_the_draft(agnes: User):
    assert changes_in(press(agnes, "effect", BELL, change=[SMS_ON])) == []


def test_a_switch_that_the_page_did_not_show_stays_as_it_is(agnes: User):
    assert changes_in(press(agnes, "effect", shown_as={})) == []


def test_a_row_goes_back_to_the_product(agnes: User, rhone: Group):
    save(agnes, SMS_ON, str(Change(BELL, None, False)))
    as_kept = {SMS: True, BELL: False}

    address = press(agnes, "reset:leads.received", SMS, shown_as=as_kept)
    save(agnes, *changes_in(address))

    assert address.startswith(f"{PAGE}?role=salesperson")
    assert kept(rhone) == {}


def test_a_role_goes_back_to_the_product_but_no_other_role(agnes: User, rhone: Group):
    save(agnes, SMS_ON, "leads.received~sales_manager~sms~product~on")

    save(agnes, *changes_in(press(agnes, "reset:", SMS, BELL, shown_as={SMS: True, BELL: None})))

    assert [place.role for place in kept(rhone)] == [Role.SALES_MANAGER]


def test_a_draft_is_thrown_away(agnes: User):
    assert press(agnes, "discard", SMS, BELL, change=[SMS_ON]) == PAGE


def test_no_more_changes_fit_in_a_draft_than_an_address_can_carry(
    agnes: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("notifications.views.roles.MOST_CHANGES", 1)

    address = press(agnes, "role:salesperson", SMS)

    assert len(changes_in(address)) == 1


def test_the_effect_names_who_would_hear_more(agnes: User, lyon: Site, camille: User, rhone: Group):
    with group_scope(rhone.pk):
        tell_and_route(received(lyon))

    page = shown(agnes, f"{EFFECT}?change={SMS_ON}")

    assert "Camille Durand" in page
    assert "Changes something for 1 of 1 person concerned" in page
    assert "SMS +1.0" in page
    assert kept(rhone) == {}


def test_without_events_the_effect_says_so(agnes: User):
    page = shown(agnes, f"{EFFECT}?change={SMS_ON}")

    assert "Nothing to replay yet" in page
    assert "Nothing of this kind concerned this role" in page


@pytest.mark.parametrize(
    "draft", ["", "?change=nonsense", "?change=leads.received~accountant~sms~product~on"]
)
def test_without_a_draft_there_is_no_effect_to_show(agnes: User, draft: str):
    assert signed_in(agnes).get(f"{EFFECT}{draft}").headers["Location"] == PAGE


def test_saving_keeps_the_draft_and_names_who_did_it(agnes: User, rhone: Group):
    page = save(agnes, SMS_ON, follow=True).content.decode()

    assert kept(rhone) == {SMS: True}
    assert "1 change saved." in page
    assert "New lead · Salesperson · SMS" in page


def test_saving_from_the_page_of_a_role_is_one_press(agnes: User, rhone: Group):
    assert press(agnes, "save", SMS, BELL) == PAGE
    assert kept(rhone) == {SMS: True}


def test_a_colleague_who_was_quicker_is_named_and_nothing_is_lost(agnes: User, diane: User, rhone: Group):
    add_role(diane, Role.GROUP_ADMIN)
    save(diane, str(Change(BELL, None, False)))

    answer = save(agnes, str(Change(BELL, True, None)), SMS_ON, follow=True)

    page, address = answer.content.decode(), answer.redirect_chain[-1][0]
    assert "Diane Roche changed this meanwhile: New lead · Salesperson · In the app is now off" in page
    assert kept(rhone) == {BELL: False}
    assert changes_in(address) == [str(Change(BELL, False, None)), SMS_ON]
    assert "2 changes saved." in save(agnes, *changes_in(address), follow=True).content.decode()


def test_what_was_saved_is_taken_back_with_one_press(agnes: User, rhone: Group):
    save(agnes, SMS_ON)
    batch = batch_of(rhone)

    page = signed_in(agnes).post(f"{PAGE}{batch}/undo/", follow=True).content.decode()

    assert kept(rhone) == {}
    assert "Taken back" in page


def test_what_was_changed_since_offers_no_undo(agnes: User, rhone: Group):
    save(agnes, SMS_ON)
    first = batch_of(rhone)
    save(agnes, str(Change(SMS, True, False)))

    page = shown(agnes, PAGE)
    told = signed_in(agnes).post(f"{PAGE}{first}/undo/", follow=True).content.decode()

    assert f"{first}/undo/" not in page
    assert "it was not taken back" in told
    assert kept(rhone) == {SMS: False}


def batch_of(group: Group) -> Any:
    with group_scope(group.pk):
        return RoleDefaultChange.objects.latest("pk").batch


def test_a_notice_that_no_app_declares_any_more_breaks_no_page(agnes: User, rhone: Group):
    with group_scope(rhone.pk):
        RoleDefault.objects.create(
            group=rhone, role=Role.SALESPERSON, type_key="gone.away", channel=Channel.SMS, enabled=True
        )
        RoleDefaultChange.objects.create(
            group=rhone, batch=uuid4(), role=Role.SALESPERSON, type_key="gone.away",
            channel=Channel.SMS, after=True, at=MONDAY,
        )  # fmt: skip

    assert "gone.away" in shown(agnes, PAGE)
    assert "Your changes" in shown(agnes, f"{EFFECT}?change={SMS_ON}")


@pytest.mark.parametrize("address", [PAGE, EFFECT])
def test_only_who_steers_the_group_may_look(camille: User, diane: User, address: str):
    assert signed_in(camille).get(address).status_code == 403
    assert signed_in(diane).get(address).status_code == 403
    assert Client().get(address).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", [DRAFT, SAVE, f"{PAGE}{UUID(int=1)}/undo/"])
def test_only_who_steers_the_group_may_change_anything(camille: User, rhone: Group, address: str):
    answer = signed_in(camille).post(address, {"change": SMS_ON, "go": "save"})

    assert answer.status_code == 403
    assert kept(rhone) == {}


def test_another_groups_decisions_are_out_of_sight(agnes: User, rhone: Group, rival: Group, rita: User):
    with group_scope(rival.pk):
        set_default(rival, SMS, enabled=True)

    page = shown(agnes, f"{PAGE}?role=salesperson")

    assert "Product: off" not in page
    assert "Everything is as the product has it" in shown(agnes, PAGE)
    assert signed_in(agnes).post(f"{PAGE}{batch_of(rival)}/undo/").status_code == 404
    assert kept(rival) == {SMS: True}


def test_looking_changes_nothing(agnes: User):
    assert signed_in(agnes).get(SAVE).status_code == 405
    assert signed_in(agnes).get(DRAFT).status_code == 405
