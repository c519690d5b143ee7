"""What people see of a feed that comes by email."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports.models import Feed, Way
from sites.models import Site, User
from tests.cast import signed_in
from tests.fakes.mail_events import SECRET
from tests.imports.files import make_feed
from tests.imports.mails import DOMAIN, open_the_door, to


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: Any, tmp_path: Path) -> None:
    open_the_door(settings, tmp_path)


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon, way=Way.MAIL)


def page_of(person: User, feed: Feed) -> str:
    text: str = signed_in(person).get(f"/imports/{feed.pk}/").content.decode()
    return text


def test_the_feed_says_where_to_send(feed: Feed, sophie: User):
    assert to(feed) in page_of(sophie, feed)


def test_a_feed_that_comes_another_way_shows_no_address(sophie: User, lyon: Site):
    uploaded = make_feed(sophie, lyon)

    assert f"@{DOMAIN}" not in page_of(sophie, uploaded)


def test_without_a_domain_a_mailed_feed_says_that_nothing_arrives(feed: Feed, sophie: User, settings: Any):
    settings.INBOUND_MAIL_DOMAIN = ""

    page = page_of(sophie, feed)

    assert "aucun domaine" in page
    assert feed.mail_token not in page
    assert 'value="mail"' in page


@pytest.mark.parametrize(("domain", "offered"), [(DOMAIN, True), ("", False)])
def test_a_new_feed_may_come_by_email_only_where_mail_comes_in(
    domain: str, offered: bool, sophie: User, settings: Any
):
    settings.INBOUND_MAIL_DOMAIN = domain

    page = signed_in(sophie).get("/imports/new/").content.decode()

    assert ('value="mail"' in page) is offered


@pytest.mark.parametrize(("domain", "made"), [(DOMAIN, 1), ("", 0)])
def test_a_form_that_asks_for_it_all_the_same_is_refused(
    domain: str, made: int, sophie: User, lyon: Site, in_rhone: None, settings: Any
):
    settings.INBOUND_MAIL_DOMAIN = domain
    wanted = {"name": "Flux", "sites": [lyon.pk], "way": "mail", "vanish_limit": 20, "every_minutes": 180}

    signed_in(sophie).post("/imports/new/", wanted)

    assert Feed.objects.count() == made


@pytest.mark.parametrize("by_hand", [True, False])
def test_the_demo_says_that_no_mail_server_stands_behind(
    by_hand: bool, feed: Feed, sophie: User, settings: Any
):
    settings.MAIL_BY_HAND = by_hand

    page = page_of(sophie, feed)

    assert ("curl --user" in page) is by_hand
    assert (SECRET in page) is by_hand
