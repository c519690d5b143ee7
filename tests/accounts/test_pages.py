"""Every account page that can be reached is finished: one heading, its own title, both languages, no bare form."""

import re

import pytest
from django.test import Client

from sites.models import User

SIGNED_OUT = [
    "login/",
    "signup/",
    "inactive/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
]
SIGNED_IN = [
    "profile/",
    "logout/",
    "password/change/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
]
PASSWORD = "three-words-in-a-row"


def check(page: str, language: str) -> None:
    assert f'<html lang="{language}"' in page
    assert len(re.findall(r"<h1\b", page)) == 1
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title is not None
    assert title.group(1).strip() not in {"", "DMS · DMS"}
    assert "css/accounts.css" in page
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
    assert not re.search(r"<[a-z]+[^>]* (?:style|onclick)=", page)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", SIGNED_OUT)
def test_pages_for_everybody(client: Client, db: None, path: str, language: str):
    answer = client.get(f"/accounts/{path}", headers={"Accept-Language": language})

    assert answer.status_code == 200
    check(answer.content.decode(), language)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_for_the_person_who_signed_in(client: Client, camille: User, path: str, language: str):
    camille.language = language
    camille.set_password(PASSWORD)
    camille.save()
    client.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answer = client.get(f"/accounts/{path}")

    assert answer.status_code == 200
    check(answer.content.decode(), language)
    assert answer.headers["Cache-Control"].startswith(("private", "max-age=0, no-cache, no-store"))


def test_asking_too_often_is_answered_politely(client: Client, db: None, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    statuses = [
        client.post("/accounts/login/", {"login": "a@rhone.test", "password": "x"}).status_code
        for _ in range(2)
    ]

    last = client.post("/accounts/login/", {}, headers={"Accept-Language": "en"})

    assert statuses == [200, 429]
    assert "A little slower, please" in last.content.decode()


def test_signing_in_needs_no_message(client: Client, camille: User):
    camille.set_password(PASSWORD)
    camille.save()

    client.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})

    assert "alert-success" not in client.get("/accounts/profile/").content.decode()
