"""Whatever arrives: 201 and one lead, or 4xx with a sentence and nothing half-written. Never 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leads.models import Enquiry, IdempotencyRecord, Lead, LeadFingerprint, LeadSource
from notifications.models import Event
from sites.scope import every_group
from tests.api.posting import PAUL, post

FIELDS = [*PAUL, "utm_medium", "utm_anything", "website", "form_seconds", "nonsense", ""]
VEHICLE_FIELDS = ["make", "model", "year", "vin", "stock_number", "max_price", "colour"]

# Text as hostile as JSON can carry: any code point, lone surrogates, NUL and controls included.
texts = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    ["\x00", "\ud800", "' OR 1=1 --", "<script>", "+33612345678", "a@b.fr", "x" * 11_000, "٣٤٥", "\u202egnp"]
)
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30), 2**63, 1e308])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
vehicles = st.dictionaries(st.sampled_from(VEHICLE_FIELDS), values, max_size=4)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6).flatmap(
    lambda body: st.one_of(st.just(body), vehicles.map(lambda vehicle: body | {"vehicle": vehicle}))
)

pytestmark = pytest.mark.slow

anything = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=80
)


@pytest.fixture(autouse=True)
def _website(website: LeadSource) -> None:
    """One source for all examples of a test."""


def rows() -> dict[str, int]:
    with every_group():
        tables: list[Any] = [Lead, Enquiry, LeadFingerprint, IdempotencyRecord, Event]
        return {table.__name__: table.objects.count() for table in tables}


def assert_all_or_nothing(response: Any, before: dict[str, int]) -> None:
    after = rows()
    if response.status_code == 201:
        assert after["Lead"] + after["Enquiry"] == before["Lead"] + before["Enquiry"] + 1
        assert after["Event"] - before["Event"] == after["Lead"] - before["Lead"]
        return
    told = response.json()
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/problem+json"
    assert told["detail"]
    assert after == before


@anything
@given(body=bodies)
@example(body={"phone": "06", "message": "\ud83d"})
@example(body={"phone": "06", "vehicle": {"max_price": float("nan")}})
@example(body={"email": "a@" + "é" * 200 + ".fr"})
@example(body={"phone": "0" * 32, "utm_anything": "\x00"})
def test_any_json_is_answered(body: dict[str, Any]):
    before = rows()

    response = post(json.dumps(body).encode())

    assert_all_or_nothing(response, before)


@anything
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(body: bytes):
    before = rows()

    response = post(body)

    assert_all_or_nothing(response, before)


@anything
@given(cut=st.integers(0, 400), junk=st.binary(max_size=8))
def test_a_mangled_lead_is_answered(cut: int, junk: bytes):
    whole = json.dumps(PAUL).encode()
    before = rows()

    response = post(whole[:cut] + junk + whole[cut + len(junk) :])

    assert_all_or_nothing(response, before)


@anything
@given(
    field=st.sampled_from(["first_name", "last_name", "message", "phone", "page_url", "utm_source"]),
    text=st.text(st.characters(codec="utf-8"), max_size=120),
)
def test_any_text_that_is_accepted_is_kept_whole_but_for_controls(field: str, text: str):
    response = post({"email": "a@example.com", "vehicle": {"stock_number": "1"}, field: text})

    if response.status_code == 201:
        with every_group():
            Lead.objects.get(pk=response.json()["id"])
            Enquiry.objects.all().delete()
            Lead.objects.all().delete()
    assert response.status_code in {201, 400}


@anything
@given(headers=st.dictionaries(
    st.sampled_from(["Idempotency_Key", "Origin", "Accept_Language", "Content_Encoding", "X_Forwarded_For"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
))  # fmt: skip
def test_any_header_is_answered(headers: dict[str, str]):
    before = rows()

    response = post(PAUL, **headers)

    assert response.status_code < 500
    if response.status_code != 201:
        assert rows() == before
