"""Decision links: a GET shows, a POST with the page's own permit decides, and a bad link is no link at all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from approvals.links import BadLink, Permit, opened
from approvals.models import ApprovalRequest, Status
from approvals.services import decide_request, delegate_request
from leads.models import LeadSource
from notifications import delivery, letters
from notifications.channels.email.content import content_of, copy_of
from notifications.choices import Channel
from notifications.models import Delivery, OutboxEntry
from sites.models import Group, Membership, User
from sites.roles import Role
from sites.scope import group_scope
from tests.approvals.asking import ask, now_is, route_all
from tests.cast import MONDAY, member_of, signed_in

FIVE = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _it_is_monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY + FIVE, tick=False)


@pytest.fixture
def asked(website: LeadSource, camille: User, claire: User) -> ApprovalRequest:
    return ask(website, camille, 300)


def permit_for(request: ApprovalRequest, reader: User, **changes: Any) -> Permit:
    return replace(
        Permit(
            group_id=request.group_id,
            request_id=request.pk,
            user_id=reader.pk,
            version=request.version,
            expires_at=request.expires_at,
        ),
        **changes,
    )


def address_of(permit: Permit) -> str:
    return f"/approvals/link/{permit.sealed()}/"


def said_at(address: str) -> tuple[int, str]:
    """Status and page without what differs from one request to the next."""
    answer = Client().get(address)
    page = answer.content.decode().replace(address, "ASKED").replace(quote(address, safe=""), "ASKED")
    return answer.status_code, re.sub(r'(name="csrf[^"]*" (?:content|value)=")[^"]*', r"\1", page)


def press(address: str, button: str, comment: str = "", client: Client | None = None) -> Any:
    """Open the page as a browser without a session does, and press one of its two buttons."""
    browser = client or Client(enforce_csrf_checks=True)
    page = browser.get(address).content.decode()
    permit = re.search(rf'name="permit" value="([^"]+)" id="{button}"', page)
    assert permit, page
    return browser.post(address, {"permit": permit[1], "comment": comment})


def test_the_page_asks_without_signing_in_and_the_button_decides(asked: ApprovalRequest, claire: User):
    address = address_of(permit_for(asked, claire))

    done = press(address, "approve", "Vas-y.")

    assert done.status_code == 200
    assert "Claire Fontaine a approuvé le" in done.content.decode()
    stands = now_is(asked)
    assert (stands.status, stands.decided_by, stands.comment) == ("approved", claire, "Vas-y.")


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_a_mail_scanner_changes_nothing(asked: ApprovalRequest, claire: User, method: str):
    address = address_of(permit_for(asked, claire))
    scanner = Client(headers={"Sec-Purpose": "prefetch", "User-Agent": "Mail scanner"})

    for _ in range(3):
        getattr(scanner, method)(address)

    assert now_is(asked).is_pending


def test_a_scanner_that_posts_to_what_it_found_in_the_mail_changes_nothing(
    asked: ApprovalRequest, claire: User
):
    """It has the link and not the button's permit: the link's own token is not one."""
    permit = permit_for(asked, claire)

    answers = [
        Client().post(address_of(permit), data)
        for data in ({}, {"permit": permit.sealed()}, {"permit": "x"}, {"verdict": "approved"})
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert now_is(asked).is_pending


def test_the_page_sends_nothing_by_itself(asked: ApprovalRequest, claire: User):
    page = Client().get(address_of(permit_for(asked, claire))).content.decode()

    form = page[page.index('<form method="post" class') : page.index('id="refuse"')]
    assert form.count("<form") == 1
    assert not re.search(r"<script|hx-|autofocus|onload|http-equiv", form)
    assert page.count("<script") == 3  # the frame's own: theme, htmx, app


def test_nobody_keeps_or_passes_on_the_page(asked: ApprovalRequest, claire: User):
    answer = Client().get(address_of(permit_for(asked, claire)))

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()


def test_a_second_click_shows_the_decision_that_stands(asked: ApprovalRequest, claire: User, remy: User):
    address = address_of(permit_for(asked, claire))
    button = re.search(r'value="([^"]+)" id="approve"', Client().get(address).content.decode())
    assert button
    with group_scope(asked.group_id):
        decide_request(request_id=asked.pk, verdict=Status.REFUSED, by=member_of(remy), at=MONDAY)

    shown = Client().get(address)
    replayed = Client().post(address, {"permit": button[1]})

    for answer in (shown, replayed):
        assert "Rémy Girard a refusé le 2 mars 2026 à 10:30." in answer.content.decode()
        assert 'name="permit"' not in answer.content.decode()
    assert now_is(asked).status == "refused"


def test_a_replayed_button_decides_once(asked: ApprovalRequest, claire: User):
    address = address_of(permit_for(asked, claire))
    page = Client().get(address).content.decode()
    approve, refuse = re.findall(r'name="permit" value="([^"]+)"', page)

    answers = [Client().post(address, {"permit": permit}) for permit in (approve, approve, refuse)]

    assert {answer.status_code for answer in answers} == {200}
    assert now_is(asked).status == "approved"


def test_a_changed_token_is_no_link(asked: ApprovalRequest, claire: User):
    token = permit_for(asked, claire).sealed()
    said, stamp, signature = token.split(":")
    forged = permit_for(asked, claire, version=7).sealed().split(":")[0]

    answers = [
        Client().get(f"/approvals/link/{bad}/").status_code
        for bad in (f"{forged}:{stamp}:{signature}", f"{said}:{stamp}:{signature[::-1]}", "x", "é", "a:b:c")
    ]

    assert set(answers) == {404}


def test_control_the_token_as_it_was_is_a_link(asked: ApprovalRequest, claire: User):
    assert Client().get(address_of(permit_for(asked, claire))).status_code == 200
    with pytest.raises(BadLink):
        opened(permit_for(asked, claire).sealed(), action="approved")


def test_links_of_strangers_answer_like_missing_ones(
    asked: ApprovalRequest, claire: User, karim: User, camille: User, rita: User, rival: Group
):
    """Another tenant's, the asker's own, a salesperson's, somebody's who is in another group, nobody's."""
    wrong = [
        permit_for(asked, claire, group_id=rival.pk),
        permit_for(asked, rita, group_id=rival.pk),
        permit_for(asked, rita),
        permit_for(asked, camille),
        permit_for(asked, karim),
        permit_for(asked, claire, user_id=999_999),
    ]

    missing = said_at("/approvals/link/missing/")
    answers = [said_at(address_of(permit)) for permit in wrong]

    assert [answer for answer in answers if answer != missing] == []
    assert missing[0] == 404


def test_a_link_in_a_colleagues_browser_is_no_link(asked: ApprovalRequest, claire: User, remy: User):
    address = address_of(permit_for(asked, claire))

    assert signed_in(remy).get(address).status_code == 404
    assert signed_in(claire).get(address).status_code == 200


def test_a_role_that_was_taken_away_takes_its_links_along(asked: ApprovalRequest, claire: User):
    address = address_of(permit_for(asked, claire))
    page = Client().get(address).content.decode()
    with group_scope(asked.group_id):
        Membership.objects.filter(user=claire).update(role=Role.SALESPERSON)

    button = re.search(r'value="([^"]+)" id="approve"', page)
    assert button
    posted = Client().post(address, {"permit": button[1]})

    assert (Client().get(address).status_code, posted.status_code) == (404, 404)
    assert now_is(asked).is_pending


def test_a_person_who_left_decides_no_more(asked: ApprovalRequest, claire: User):
    User.objects.filter(pk=claire.pk).update(is_active=False)

    assert Client().get(address_of(permit_for(asked, claire))).status_code == 404


def test_an_expired_link_says_so_and_decides_nothing(asked: ApprovalRequest, claire: User, time_machine: Any):
    address = address_of(permit_for(asked, claire))
    page = Client().get(address).content.decode()
    button = re.search(r'value="([^"]+)" id="approve"', page)
    assert button
    time_machine.move_to(asked.expires_at, tick=False)

    shown, posted = Client().get(address), Client().post(address, {"permit": button[1]})

    for answer in (shown, posted):
        assert "Personne n’a décidé à temps" in answer.content.decode()
    assert now_is(asked).is_pending


def test_a_link_to_an_older_version_sends_to_the_request(asked: ApprovalRequest, claire: User, remy: User):
    address = address_of(permit_for(asked, claire))
    button = re.search(r'value="([^"]+)" id="approve"', Client().get(address).content.decode())
    assert button
    with group_scope(asked.group_id):
        delegate_request(request_id=asked.pk, to_id=remy.pk, by=member_of(claire), at=MONDAY)

    shown, posted = Client().get(address), Client().post(address, {"permit": button[1]})

    for answer in (shown, posted):
        assert "La demande a changé entre-temps" in answer.content.decode()
        assert 'name="permit"' not in answer.content.decode()
    assert now_is(asked).is_pending


def test_a_button_of_one_request_does_not_fit_another(
    asked: ApprovalRequest, website: LeadSource, camille: User, claire: User
):
    other = ask(website, camille, 400, email="autre@example.com")
    page = Client().get(address_of(permit_for(other, claire))).content.decode()
    button = re.search(r'value="([^"]+)" id="approve"', page)
    assert button

    answer = Client().post(address_of(permit_for(asked, claire)), {"permit": button[1]})

    assert answer.status_code == 404
    assert (now_is(asked).is_pending, now_is(other).is_pending) == (True, True)


def test_the_email_carries_the_link_and_its_copy_in_the_outbox_does_not(
    asked: ApprovalRequest, claire: User, settings: Any
):
    """Whoever may read the outbox must not decide in somebody else's name."""
    settings.DEMO = False
    route_all(asked)
    with group_scope(asked.group_id):
        letter = letters.write(Delivery.objects.select_related(*letters.NEEDED_ROWS).get(channel="email"), {})

    sent, copy = content_of(letter.message, letter.recipient), copy_of(letter.message, letter.recipient)

    assert "/approvals/link/" in sent.text
    assert "/approvals/link/" in sent.html
    assert "/approvals/link/" not in copy.text + copy.html
    assert f"/approvals/{asked.pk}/" in copy.text


def test_the_demo_shows_the_whole_email(asked: ApprovalRequest, claire: User, settings: Any):
    settings.DEMO = True
    route_all(asked)
    with group_scope(asked.group_id):
        delivery.deliver_due(Channel.EMAIL, at=MONDAY + FIVE)
        copy = OutboxEntry.objects.get(channel=Channel.EMAIL).words
    link = re.search(r"/approvals/link/\S+/", copy.text)

    assert link
    assert press(link[0], "refuse").status_code == 200
    assert now_is(asked).status == "refused"
