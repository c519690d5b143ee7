"""Every error of the API is a problem detail that the caller can read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leads.api import intake
from leads.models import LeadSource
from sites.models import User
from tests.api.posting import LEADS, PAUL, post
from tests.cast import make_lead, signed_in

FORM = "application/x-www-form-urlencoded"


def ask(method: str, path: str, **options: Any) -> Any:
    return Client(raise_request_exception=False).generic(method, path, **options)


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [
        (404, "GET", "/api/"),
        (404, "GET", "/api/v1/nothing/"),
        (404, "POST", "/api/v2/leads/"),
        (404, "GET", "/api/v1/leads/42/"),
        (404, "GET", "/api/v1/leads"),
        (401, "GET", LEADS),
        (401, "POST", LEADS),
        (405, "PUT", LEADS),
        (405, "DELETE", LEADS),
        (405, "TRACE", "/api/v1/schema/"),
    ],
)
def test_every_refusal_is_a_problem(website: LeadSource, status: int, method: str, path: str):
    response = ask(method, path)

    told = response.json()
    assert response.status_code == told["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert all(told[name] for name in ("type", "title", "detail"))


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        (None, "Certains champs sont incorrects.", "Un nombre entier est attendu."),
        ("fr-CA", "Certains champs sont incorrects.", "Un nombre entier est attendu."),
        ("en-GB,en;q=0.9", "Some fields are not right.", "Expected a whole number."),
        ("de", "Certains champs sont incorrects.", "Un nombre entier est attendu."),
    ],
)
def test_a_problem_speaks_the_callers_language(
    website: LeadSource, language: str | None, title: str, sentence: str
):
    headers = {"Accept_Language": language} if language else {}

    told = post({"phone": "06", "vehicle": {"year": "new"}}, **headers).json()

    assert told["title"] == title
    assert told["errors"] == [{"field": "vehicle.year", "message": sentence}]


def test_a_signed_in_person_is_answered_in_his_own_language(website: LeadSource, rita: User):
    lead = make_lead(website)

    told = signed_in(rita).get(f"{LEADS}{lead.pk}/", headers={"Accept-Language": "fr"}).json()

    assert told["title"] == "There is nothing here."


def test_a_fault_of_ours_is_a_problem_too_and_tells_nothing(
    website: LeadSource, monkeypatch: pytest.MonkeyPatch
):
    def fail(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(intake, "receive_lead", fail)

    response = post(PAUL)

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert "secret" not in response.content.decode()


def test_no_sentence_of_a_library_reaches_the_caller(website: LeadSource):
    """msgspec says « Expected `int`, got `str` - at `$.vehicle.year` »."""
    answers = [post({"vehicle": {"year": "x"}, "phone": 5, "x": 1}), post(b'{"phone": 06}'), post(b"[]")]

    texts = " ".join(answer.content.decode() for answer in answers)
    assert not any(word in texts for word in ("Expected", "$.", "byte", "malformed", "Object"))


def test_an_answer_names_its_paragraph_of_the_documentation(website: LeadSource):
    anchor = post({}).json()["type"]

    page = Client().get("/api/v1/docs/").content.decode()

    assert anchor == "/api/v1/docs/#invalid-body"
    assert 'id="invalid-body"' in page
