"""Guessing a password stops after a few tries, for one person from one address, and for a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from sites.adapters import client_ip, tried_email
from sites.models import Site, User
from sites.roles import Role
from tests.cast import MONDAY, make_person

PASSWORD = "three-words-in-a-row"
LOGIN = "/accounts/login/"


@pytest.fixture
def camille(lyon: Site) -> User:
    return make_person(lyon.group, "Camille Durand", Role.SALESPERSON, lyon, password=PASSWORD)


def sign_in(email: str, password: str, *, ip: str = "198.51.100.7", at: datetime = MONDAY):
    with time_machine.travel(at, tick=False):
        return Client(REMOTE_ADDR=ip).post(LOGIN, {"login": email, "password": password})


def guess(email: str, times: int, **where: Any) -> list[int]:
    return [sign_in(email, f"guess {number}", **where).status_code for number in range(times)]


def test_a_few_typos_lock_nobody_out(camille: User):
    guess(camille.email, settings.AXES_FAILURE_LIMIT - 1)

    assert sign_in(camille.email, PASSWORD).status_code == 302


def test_the_eighth_guess_locks_even_for_the_right_password(camille: User):
    statuses = guess(camille.email, settings.AXES_FAILURE_LIMIT)

    locked = sign_in(camille.email, PASSWORD)

    assert statuses == [200] * 7 + [429]
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert "15 minutes" in locked.content.decode()


def test_capitals_do_not_make_another_person(camille: User):
    guess(camille.email.upper(), 4)
    guess(camille.email, 4)

    assert sign_in(camille.email, PASSWORD).status_code == 429


def test_the_lock_is_for_that_address_only(camille: User):
    guess(camille.email, settings.AXES_FAILURE_LIMIT)

    assert sign_in(camille.email, PASSWORD, ip="203.0.113.9").status_code == 302


def test_a_colleague_at_the_same_address_still_signs_in(camille: User, lyon: Site):
    karim = make_person(lyon.group, "Karim Benali", Role.SALESPERSON, lyon, password=PASSWORD)
    guess(camille.email, settings.AXES_FAILURE_LIMIT)

    assert sign_in(karim.email, PASSWORD).status_code == 302


def test_after_a_quarter_of_an_hour_the_lock_is_gone(camille: User):
    guess(camille.email, settings.AXES_FAILURE_LIMIT)

    assert sign_in(camille.email, PASSWORD, at=MONDAY + timedelta(minutes=14)).status_code == 429
    assert sign_in(camille.email, PASSWORD, at=MONDAY + timedelta(minutes=16)).status_code == 302


def test_signing_in_forgives_earlier_typos(camille: User):
    guess(camille.email, 7)
    sign_in(camille.email, PASSWORD)

    assert guess(camille.email, 7) == [200] * 7


def test_without_the_lock_a_guesser_goes_on(camille: User, settings):
    settings.AXES_ENABLED = False

    assert guess(camille.email, 10) == [200] * 10


def test_the_address_is_what_the_trusted_proxy_saw(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7")

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind_caddy = client_ip(request)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    directly = client_ip(request)

    assert behind_caddy == "198.51.100.7"
    assert directly == "10.0.0.2"


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ({"email": " Camille@Rhone.test"}, "camille@rhone.test"),
        ({"username": "k@r.test"}, "k@r.test"),
        (None, "posted@r.test"),
    ],
)
def test_whoever_was_tried_is_known_by_his_address(rf, credentials: dict[str, str] | None, expected: str):
    request = rf.post("/", {"login": "posted@r.test"})

    assert tried_email(request, credentials) == expected
