"""« Why? »: every alert says which rule brought it, and what each channel did; nobody reads a colleague's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from notifications import reasons, registry
from notifications.choices import Channel, Reason
from notifications.models import Notification
from sites.access import Member
from sites.models import Site, User
from tests.cast import member_of, signed_in
from tests.notifications.road import add_device, choose, claimed, received, tell_and_route

# Reasons that no delivery of a told person carries: they keep the notification itself from being one.
UNTOLD = {Reason.IS_ACTOR, Reason.ALREADY_CLOSED}


def answer(member: Member) -> reasons.Why:
    found = reasons.why(member, Notification.objects.get(user=member.user, in_inbox=True).pk)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def rules(member: Member) -> dict[str, tuple[str, str]]:
    return {line.channel.value: (str(line.state), str(line.rule)) for line in answer(member).lines}


@pytest.mark.usefixtures("in_rhone")
def test_each_channel_says_what_it_did_and_by_which_rule(lyon: Site, camille: User):
    add_device(camille)
    choose(camille, Channel.EMAIL, enabled=False)
    tell_and_route(received(lyon))

    said = rules(member_of(camille))

    assert answer(member_of(camille)).named == "Anybody with your role on this site may take it."
    assert said["in_app"] == ("Delivered", "Your role has it on.")
    assert said["push"] == ("Planned", "Your role has it on.")
    assert said["sms"] == ("Planned", "In case you do not see it in time.")
    assert said["email"] == ("Silent", "You switched it off.")


@pytest.mark.usefixtures("in_rhone")
def test_what_was_settled_before_it_left_says_so(lyon: Site, camille: User, karim: User):
    add_device(camille)
    fact = received(lyon)
    tell_and_route(fact)

    tell_and_route(claimed(fact, karim))

    assert rules(member_of(camille))["push"] == ("Cancelled", "It was settled before it left.")


def test_the_page_answers_in_the_readers_language(lyon: Site, camille: User, in_rhone: None):
    tell_and_route(received(lyon))
    mine = Notification.objects.get(user=camille)

    content = signed_in(camille).get(f"/inbox/{mine.pk}/why/").content.decode()

    assert "Pourquoi cette alerte ?" in content
    assert "Toute personne de votre rôle sur ce site peut le prendre." in content


def test_a_colleagues_alert_is_not_explained(lyon: Site, camille: User, karim: User, in_rhone: None):
    tell_and_route(received(lyon))
    his = Notification.objects.get(user=karim)

    assert signed_in(camille).get(f"/inbox/{his.pk}/why/").status_code == 404


def test_every_reason_and_every_branch_has_words():
    named = {branch.name for notice in registry.all_notices() for branch in notice.audience.branches}

    assert set(Reason) - UNTOLD - set(reasons.RULES) == set()
    assert named - set(reasons.NAMED) == set()
