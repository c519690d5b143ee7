"""« My alerts »: one switch is one click, « as my role » is one click back, and it works without JavaScript."""

import json

import pytest
from django.test import Client

from notifications.choices import Channel
from notifications.models import Pace, Preference, RoleDefault
from sites.models import Group, User
from sites.scope import group_scope
from tests.cast import signed_in

PAGE = "/preferences/"
PUSH_OFF, PUSH_ON, PUSH_ROLE = (f"/preferences/leads/push/{choice}/" for choice in ("off", "on", "role"))


def flip(person: User, url: str, *, htmx: bool = False):
    headers = {"HX-Request": "true"} if htmx else {}
    return signed_in(person).post(url, headers=headers)


def choices_of(person: User) -> dict[str, bool]:
    assert person.group_id is not None
    with group_scope(person.group_id):
        return dict(Preference.objects.filter(user=person).values_list("channel", "enabled"))


def test_the_page_shows_what_the_role_gives(camille: User):
    content = signed_in(camille).get(PAGE).content.decode()

    assert 'id="switch-leads-in_app" aria-checked="true"' in content
    assert 'id="switch-leads-push" aria-checked="true"' in content
    assert 'id="switch-leads-email" aria-checked="false"' in content
    assert "reset-leads" not in content  # nothing to take back yet


def test_a_person_without_alerts_is_told_so(alain: User):
    User.objects.filter(pk=alain.pk).update(language="en")

    assert "Nothing rings for your role yet" in signed_in(alain).get(PAGE).content.decode()


@pytest.mark.parametrize(
    "how", ["the group switched it off", "no number", "no bell", "no longer for this type"]
)
def test_no_channel_promises_to_step_in_that_would_not(camille: User, how: str):
    User.objects.filter(pk=camille.pk).update(phone="" if how == "no number" else "+33612345678")
    with group_scope(camille.group_id or 0):
        if how == "the group switched it off":
            place = {"role": "salesperson", "type_key": "leads.received", "channel": "sms"}
            RoleDefault.objects.create(group_id=camille.group_id or 0, enabled=False, **place)
    if how == "no bell":
        flip(camille, "/preferences/leads/in_app/off/")
    if how == "no longer for this type":
        flip(camille, "/preferences/leads.received/sms/off/")

    assert "Prend le relais" not in signed_in(camille).get(PAGE).content.decode()


def test_a_channel_that_steps_in_says_so_and_can_be_refused(camille: User):
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    page = signed_in(camille).get(PAGE).content.decode()

    answer = flip(camille, "/preferences/leads/sms/off/", htmx=True).content.decode()

    assert "Prend le relais d’une alerte non vue en 5 minutes" in page
    assert 'id="never-leads-sms"' in page
    assert "Prend le relais" not in answer
    assert choices_of(camille) == {"sms": False}


def test_a_flip_without_javascript_saves_and_returns(camille: User):
    answer = flip(camille, PUSH_OFF)

    assert answer.headers["Location"] == PAGE
    assert choices_of(camille) == {"push": False}


def test_a_flip_with_htmx_answers_with_the_new_switch_and_the_way_back(camille: User):
    answer = flip(camille, PUSH_OFF, htmx=True)

    saved = json.loads(answer.headers["HX-Trigger"])["preference-saved"]
    assert 'id="switch-leads-push" aria-checked="false"' in answer.content.decode()
    assert saved["undoUrl"] == PUSH_ROLE
    assert "<html" not in answer.content.decode()


def test_undo_brings_back_what_was_there(camille: User):
    flip(camille, PUSH_OFF)
    answer = flip(camille, PUSH_ON, htmx=True)

    flip(camille, json.loads(answer.headers["HX-Trigger"])["preference-saved"]["undoUrl"])

    assert choices_of(camille) == {"push": False}


def test_back_to_the_role_forgets_the_choice(camille: User):
    flip(camille, PUSH_OFF)
    changed = signed_in(camille).get(PAGE).content.decode()

    flip(camille, PUSH_ROLE)

    assert 'id="reset-leads-push"' in changed
    assert choices_of(camille) == {}


def test_a_colleague_keeps_his_own(camille: User, karim: User):
    flip(camille, PUSH_OFF)

    assert choices_of(karim) == {}


def test_what_the_group_relies_on_is_locked_with_its_reason(camille: User, monkeypatch: pytest.MonkeyPatch):
    from leads.notices import LeadReceivedNotice

    User.objects.filter(pk=camille.pk).update(language="en")
    monkeypatch.setattr(LeadReceivedNotice, "mandatory", frozenset({Channel.PUSH}))

    content = signed_in(camille).get(PAGE).content.decode()
    flip(camille, PUSH_OFF)

    assert "Your group relies on it" in content
    assert 'id="switch-leads-push"' not in content
    assert choices_of(camille) == {}


@pytest.mark.parametrize(
    "url",
    ["/preferences/leads/push/maybe/", "/preferences/leads/pigeon/on/", "/preferences/boats/push/on/"],
)
def test_what_does_not_exist_is_missing(camille: User, url: str):
    assert flip(camille, url).status_code == 404


def test_a_category_of_other_roles_is_missing_too(alain: User):
    assert flip(alain, PUSH_ON).status_code == 404
    assert choices_of(alain) == {}


def test_looking_changes_nothing(camille: User):
    assert signed_in(camille).get(PUSH_OFF).status_code == 405
    assert choices_of(camille) == {}


def test_a_stranger_signs_in_first(rhone: Group):
    assert Client().get(PAGE).headers["Location"] == f"/accounts/login/?next={PAGE}"
    assert Client().post(PUSH_OFF).headers["Location"].startswith("/accounts/login/")


def test_another_website_cannot_flip(camille: User):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(camille, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert browser.post(PUSH_OFF).status_code == 403


def test_the_page_says_how_each_channel_reaches_the_person(camille: User, claire: User):
    User.objects.update(language="en")

    with_number = signed_in(camille).get(PAGE).content.decode()
    without = signed_in(claire).get(PAGE).content.decode()

    assert "06 11 11 11 11" in with_number
    assert "No number yet" in without
    assert "No device yet" in with_number


TYPE_OFF = "/preferences/leads.enquired_again/push/off/"


def test_one_kind_of_alert_has_switches_of_its_own(camille: User):
    answer = flip(camille, TYPE_OFF, htmx=True)

    content = answer.content.decode()
    assert 'id="switch-leads--enquired_again-push" aria-checked="false"' in content
    assert "Revenir à la catégorie" in content
    assert 'id="switch-leads-push" aria-checked="true"' in signed_in(camille).get(PAGE).content.decode()


def test_a_kind_follows_its_category_until_it_has_a_choice_of_its_own(camille: User):
    flip(camille, PUSH_OFF)

    content = signed_in(camille).get(PAGE).content.decode()

    assert 'id="switch-leads--enquired_again-push" aria-checked="false"' in content
    assert "Comme sa catégorie" in content


def test_the_choice_for_a_kind_goes_back_to_the_category(camille: User):
    flip(camille, TYPE_OFF)

    answer = flip(camille, "/preferences/leads.enquired_again/push/role/", htmx=True)

    assert 'id="switch-leads--enquired_again-push" aria-checked="true"' in answer.content.decode()
    assert choices_of(camille) == {}


@pytest.mark.parametrize("topic", ["leads.nothing", "nothing", "notifications.digest"])
def test_an_unknown_kind_is_not_found(camille: User, topic: str):
    assert flip(camille, f"/preferences/{topic}/push/off/").status_code == 404


def paces_of(person: User) -> dict[tuple[str, str], str]:
    assert person.group_id is not None
    with group_scope(person.group_id):
        rows = Pace.objects.filter(user=person).values_list("topic", "channel", "cadence")
        return {(topic, channel): cadence for topic, channel, cadence in rows}


def test_a_channel_that_is_on_says_how_soon_and_offers_recaps(camille: User):
    content = signed_in(camille).get(PAGE).content.decode()

    assert 'action="/preferences/leads/push/daily/"' in content
    assert "/preferences/leads/in_app/daily/" not in content  # the app shows at once
    assert "/preferences/leads/email/daily/" not in content  # it is off


def test_a_recap_is_one_click_and_so_is_the_way_back(camille: User):
    answer = flip(camille, "/preferences/leads/push/daily/", htmx=True)

    saved = json.loads(answer.headers["HX-Trigger"])["preference-saved"]
    assert saved["text"] == "Push : chaque jour"
    assert paces_of(camille) == {("leads", "push"): "daily"}
    flip(camille, saved["undoUrl"])
    assert paces_of(camille) == {}


def test_a_type_may_have_a_pace_of_its_own(camille: User):
    flip(camille, "/preferences/leads/push/daily/")
    flip(camille, "/preferences/leads.enquired_again/push/at_once/")

    assert paces_of(camille) == {("leads", "push"): "daily", ("leads.enquired_again", "push"): ""}


def test_a_manager_sees_the_recap_that_his_role_gives(claire: User):
    content = signed_in(claire).get(PAGE).content.decode()

    assert 'id="pace-leads--received-email-2" aria-pressed="true"' in content


def test_the_app_knows_no_pace(camille: User):
    assert flip(camille, "/preferences/leads/in_app/daily/").status_code == 404
    assert paces_of(camille) == {}
