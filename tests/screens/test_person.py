"""The switches of the user menu: site, presence, language, theme."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from sites.chosen import SESSION_KEY
from sites.models import Site, User
from tests.cast import signed_in


def test_presence_is_switched_off_and_the_reader_returns_to_his_page(camille: User):
    response = signed_in(camille).post(reverse("presence"), {"present": "0", "next": "/leads/?status=new"})

    camille.refresh_from_db()
    assert not camille.is_present
    assert response.headers["Location"] == "/leads/?status=new"


def test_the_language_is_kept_with_the_person_and_in_the_browser(camille: User):
    client = signed_in(camille)

    client.post(reverse("language"), {"language": "en"})

    camille.refresh_from_db()
    assert camille.language == "en"
    assert client.cookies["django_language"].value == "en"


def test_a_stranger_may_choose_a_language_for_the_sign_in_page(db: None):
    client = Client()

    client.post(reverse("language"), {"language": "en"})

    assert "Sign in" in client.get(reverse("account_login")).content.decode()


def test_the_theme_reaches_the_page_before_the_first_paint(camille: User):
    client = signed_in(camille)

    client.post(reverse("theme"), {"theme": "dark"})

    page = client.get(reverse("notifications:inbox")).content.decode()
    assert 'data-theme="dark" data-bs-theme="dark"' in page


def test_a_site_of_ones_own_is_chosen_and_given_up(diane: User, lyon: Site, marseille: Site):
    client = signed_in(diane)

    client.post(reverse("switch-site"), {"site": marseille.pk})
    assert client.session[SESSION_KEY] == marseille.pk

    client.post(reverse("switch-site"), {"site": ""})
    assert client.session[SESSION_KEY] is None


@pytest.mark.parametrize("wanted", ["999999", "x", "-1", "٣", "9" * 40, "9" * 5000])
def test_no_other_site_can_be_chosen(wanted: str, camille: User):
    response = signed_in(camille).post(reverse("switch-site"), {"site": wanted})

    assert response.status_code == 400


def test_another_groups_site_answers_like_a_missing_one(camille: User, rival_site: Site, marseille: Site):
    client = signed_in(camille)

    answers = {
        client.post(reverse("switch-site"), {"site": pk}).status_code
        for pk in (rival_site.pk, marseille.pk, 999999)
    }

    assert answers == {400}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_switch_leads_nowhere_else(target: str, camille: User):
    response = signed_in(camille).post(reverse("presence"), {"present": "1", "next": target})

    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("page", ["switch-site", "presence", "language", "theme"])
def test_looking_at_a_switch_changes_nothing(page: str, camille: User):
    assert signed_in(camille).get(reverse(page)).status_code == 405


@pytest.mark.parametrize(("page", "name"), [("language", "language"), ("theme", "theme")])
def test_unknown_choices_are_refused(page: str, name: str, camille: User):
    assert signed_in(camille).post(reverse(page), {name: "xx"}).status_code == 400
