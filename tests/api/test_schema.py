"""The schema says what the API does: valid OpenAPI, and the API keeps to it under fire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils.crypto import get_random_string
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from dms.wsgi import application
from leads.models import LeadSource
from sites.models import Group, User
from tests.api.posting import LYON_KEY
from tests.cast import make_key, make_lead, signed_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def schema_of() -> dict[str, Any]:
    response = Client().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


@pytest.fixture
def api(db: None) -> Iterator[Any]:
    """The API through WSGI itself, in the test's own transaction: a request must not close its connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_schema_is_there_for_everybody_in_both_notations(db: None):
    as_yaml = Client().get("/api/v1/schema/")

    assert yaml.safe_load(as_yaml.content)["openapi"].startswith("3.1")
    assert schema_of()["openapi"].startswith("3.1")


def test_every_endpoint_documents_its_problems(db: None):
    paths = schema_of()["paths"]

    post = paths["/api/v1/leads/"]["post"]
    assert {"201", "400", "401", "403", "409", "413", "415", "429"} <= set(post["responses"])
    assert "application/problem+json" in post["responses"]["400"]["content"]
    assert post["security"] == [{"apiKey": []}]


def test_the_hand_written_intake_is_described_by_the_struct_that_reads_it(db: None):
    schemas = schema_of()["components"]["schemas"]

    body = schemas["LeadBody"]
    assert body["additionalProperties"] is False
    assert body["properties"]["message"]["anyOf"][0]["maxLength"] == 10_000
    assert body["anyOf"][0]["required"] == ["email"]
    assert schemas["VehicleBody"]["properties"]["year"]["anyOf"][0]["minimum"] == 1900


def test_nothing_in_the_schema_points_nowhere(db: None):
    schema = schema_of()

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    names = {reference.rpartition("/")[2] for reference in references(schema)}
    assert names <= set(schema["components"]["schemas"])
    assert names


def test_the_page_for_people_shows_every_operation(db: None):
    page = Client().get("/api/v1/docs/", headers={"Accept-Language": "en"}).content.decode()

    for path, methods in schema_of()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert "vehicle.max_price" in page
    assert "<script>" not in page


def test_the_documentation_speaks_french_and_english(db: None):
    pages = {
        language: Client().get("/api/v1/docs/", headers={"Accept-Language": language}).content.decode()
        for language in ("fr", "en")
    }

    assert "Envoyer un lead" in pages["fr"]
    assert "Année-modèle" in pages["fr"]
    assert "Send a lead" in pages["en"]
    assert "Model year" in pages["en"]


@pytest.mark.slow
def test_the_intake_keeps_to_its_schema(api: Any, website: LeadSource):
    assert_keeps_to_schema(
        api["/api/v1/leads/"]["POST"], {"Authorization": f"Api-Key {LYON_KEY}"}, examples=120
    )


@pytest.mark.slow
def test_reading_keeps_to_its_schema(api: Any, website: LeadSource, rhone: Group):
    make_key(rhone, "crm", scopes=["leads:read_all"])
    make_lead(website)

    assert_keeps_to_schema(api["/api/v1/leads/"]["GET"], {"Authorization": "Api-Key crm"}, examples=80)
    assert_keeps_to_schema(
        api["/api/v1/leads/{lead_id}/"]["GET"], {"Authorization": "Api-Key crm"}, examples=20
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    [
        ("/api/v1/leads/{lead_id}/claim/", "POST"),
        ("/api/v1/inbox/", "GET"),
        ("/api/v1/inbox/delta/", "GET"),
        ("/api/v1/inbox/read/", "POST"),
    ],
)
def test_a_sessions_calls_keep_to_their_schema(
    api: Any, website: LeadSource, camille: User, operation: tuple[str, str]
):
    make_lead(website)
    token = get_random_string(32)
    cookies = {"sessionid": signed_in(camille).cookies["sessionid"].value, "csrftoken": token}
    path, method = operation

    assert_keeps_to_schema(api[path][method], {"X-CSRFToken": token}, cookies=cookies, examples=25)


def assert_keeps_to_schema(
    operation: Any, headers: dict[str, str], *, examples: int, cookies: dict[str, str] | None = None
) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attack(case: Any) -> None:
        response = case.call(headers=headers, cookies=cookies)
        case.validate_response(response, checks=CHECKS)

    attack()
