"""Error pages wear the same clothes; the last one needs nothing that could be broken."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, server_error

from sites.models import User
from tests.cast import signed_in

MARK = 'class="plate"'


def test_a_missing_page_keeps_the_navigation(camille: User):
    response = signed_in(camille).get("/nothing/here/")

    assert response.status_code == 404
    assert 'class="rail"' in response.content.decode()


def test_a_stranger_gets_a_plain_missing_page(db: None):
    response = Client().get("/nothing/here/")

    assert response.status_code == 404
    assert MARK in response.content.decode()


def test_a_page_of_another_role_says_so(alain: User):
    response = signed_in(alain).get("/leads/")

    assert response.status_code == 403
    assert MARK in response.content.decode()


def test_the_page_for_our_own_faults_asks_no_database():
    # Without the `db` fixture any query would raise.
    response = server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert MARK in response.content.decode()
    assert connection.queries == []


@pytest.mark.parametrize("code", [400, 403])
def test_refusals_before_a_person_is_known_are_pages_too(code: int):
    request = RequestFactory().get("/")

    response = bad_request(request, ValueError()) if code == 400 else csrf_failure(request)

    assert response.status_code == code
    assert MARK in response.content.decode()
