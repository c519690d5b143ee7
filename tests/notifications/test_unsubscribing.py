"""`List-Unsubscribe` with one click: works signed out, for one person and kind, and can be taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client
from msgspec.structs import replace

from leads.notices import LeadReceivedNotice
from notifications.channels.email.adapter import EmailAdapter
from notifications.choices import Channel, Urgency
from notifications.models import Preference
from notifications.rendering import EVERYTHING
from notifications.unsubscribing import headers_for
from notifications.wishes import set_preference
from sites.models import User
from sites.scope import group_scope
from tests.cast import member_of
from tests.notifications.channels.conftest import message, recipient

PUBLIC = "https://dms.test"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _public(settings: Any) -> None:
    settings.PUBLIC_URL = PUBLIC


def path_for(person: User, category: str = "leads") -> str:
    """Where the header of an email to this person leads."""
    headers = headers_for(message(category=category), recipient(person))
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<https://dms\.test(/unsubscribe/[^>]+)>", headers["List-Unsubscribe"])
    assert found is not None
    return found[1]


def emails_of(person: User) -> dict[str, bool]:
    """topic → his choice for emails."""
    assert person.group_id is not None
    with group_scope(person.group_id):
        rows = Preference.objects.filter(user=person, channel=Channel.EMAIL)
        return {
            key or category: on for category, key, on in rows.values_list("category", "type_key", "enabled")
        }


def choose_email(person: User, topic: str, *, enabled: bool) -> None:
    assert person.group_id is not None
    with group_scope(person.group_id):
        set_preference(member=member_of(person), topic=topic, channel=Channel.EMAIL, enabled=enabled)


def undo_in(answer: Any) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_one_click_of_the_mail_program_ends_these_emails_signed_out(camille: User):
    """No cookie, no CSRF token, the form that RFC 8058 prescribes."""
    answer = Client(enforce_csrf_checks=True).post(path_for(camille), ONE_CLICK)

    assert (answer.status_code, emails_of(camille)) == (200, {"leads": False})


def test_looking_asks_and_changes_nothing(camille: User):
    User.objects.filter(pk=camille.pk).update(language="en")
    client, path = Client(), path_for(camille)

    page = client.get(path).content.decode()
    client.head(path)

    assert "No more of these emails?" in page
    assert "camille@rhone.test" in page
    assert emails_of(camille) == {}


def test_undo_brings_back_what_was_chosen(camille: User):
    choose_email(camille, "leads", enabled=True)
    path = path_for(camille)
    ended = Client().post(path)
    after = emails_of(camille)

    Client().post(path, {"undo": undo_in(ended)})

    assert (after, emails_of(camille)) == ({"leads": False}, {"leads": True})


def test_undo_of_somebody_who_had_not_chosen_follows_the_role_again(camille: User):
    path = path_for(camille)

    Client().post(path, {"undo": undo_in(Client().post(path))})

    assert emails_of(camille) == {}


def test_choice_for_one_kind_of_alert_does_not_outlive_it(camille: User):
    choose_email(camille, "leads.received", enabled=True)
    path = path_for(camille)

    ended = Client().post(path)
    after = emails_of(camille)
    Client().post(path, {"undo": undo_in(ended)})

    assert after == {"leads": False, "leads.received": False}
    assert emails_of(camille) == {"leads.received": True}


def test_other_channels_and_colleagues_are_not_touched(camille: User, karim: User):
    Client().post(path_for(camille))

    assert emails_of(karim) == {}
    with group_scope(camille.group_id or 0):
        assert set(Preference.objects.values_list("channel", flat=True)) == {"email"}


def test_digest_ends_every_kind(camille: User):
    Client().post(path_for(camille, EVERYTHING))

    assert emails_of(camille)["leads"] is False
    assert len(emails_of(camille)) > 1


@pytest.mark.parametrize("change", [{"urgency": Urgency.CRITICAL}, {"category": ""}])
def test_critical_mail_cannot_be_ended(change: dict[str, Any], camille: User):
    assert headers_for(replace(message(category="leads"), **change), recipient(camille)) == {}


def test_what_the_group_relies_on_has_no_way_out(camille: User, monkeypatch: pytest.MonkeyPatch):
    path = path_for(camille)
    monkeypatch.setattr(LeadReceivedNotice, "mandatory", frozenset({Channel.EMAIL}))

    headers = headers_for(message(category="leads"), recipient(camille))
    Client().post(path)

    assert headers == {}
    assert emails_of(camille) == {}


@pytest.mark.parametrize("token", ["x", "x:y:z", "WzEsMSwibGVhZHMiXQ:1abc:forged"])
def test_forged_ticket_answers_like_a_missing_page(token: str, camille: User):
    answers = [Client().get(f"/unsubscribe/{token}/"), Client().post(f"/unsubscribe/{token}/", ONE_CLICK)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert emails_of(camille) == {}


def test_ticket_of_somebody_who_left_the_group_is_void(camille: User, rival: Any):
    path = path_for(camille)
    User.objects.filter(pk=camille.pk).update(group=rival)

    assert Client().post(path).status_code == 404


def test_a_colleagues_undo_is_refused(camille: User, karim: User):
    undo = undo_in(Client().post(path_for(camille)))

    answer = Client().post(path_for(karim), {"undo": undo})

    assert (answer.status_code, emails_of(karim)) == (404, {})


def test_the_signature_is_what_refuses(camille: User, monkeypatch: pytest.MonkeyPatch):
    """The control: a ticket that anybody could write would be obeyed."""
    monkeypatch.setattr(signing, "loads", lambda *_, **__: [camille.pk, camille.group_id, "leads"])

    Client().post("/unsubscribe/forged/", ONE_CLICK)

    assert emails_of(camille) == {"leads": False}


def test_email_that_leaves_carries_both_headers(camille: User):
    EmailAdapter().deliver(message(category="leads"), recipient(camille), 1)

    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith(f"<{PUBLIC}/unsubscribe/")
