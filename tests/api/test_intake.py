"""A website posts a lead."""

import pytest

from leads.models import Lead, LeadSource
from notifications.models import Event
from sites.models import Group
from sites.scope import every_group
from tests.api.posting import LEADS, PAUL, fields_of, post
from tests.cast import make_key


def leads() -> list[Lead]:
    with every_group():
        return list(Lead.objects.select_related("source"))


def test_a_posted_lead_is_kept_and_answered_with_its_id(website: LeadSource):
    response = post(PAUL)

    lead = leads()[0]
    assert response.status_code == 201
    assert response.json() == {"id": str(lead.pk), "status": "new"}
    assert response["Location"] == f"{LEADS}{lead.pk}/"
    assert (lead.source, lead.phone, lead.campaign) == (website, "+33612345678", {"utm_source": "search"})


def test_the_fact_is_recorded_with_the_lead(website: LeadSource):
    post(PAUL)

    with every_group():
        event = Event.objects.get()
    assert (event.type_key, event.subject) == ("leads.received", f"lead:{leads()[0].pk}")


def test_the_smallest_lead_is_one_way_to_reach_somebody(website: LeadSource):
    assert post({"phone": "0612345678"}).status_code == 201
    assert (
        post({"email": "a@example.com", "phone": None, "vehicle": None, "utm_source": None}).status_code
        == 201
    )


def test_nobody_can_be_called_back_without_email_or_phone(website: LeadSource):
    response = post({"first_name": "Paul", "email": "  ", "phone": ""})

    assert response.status_code == 400
    assert fields_of(response) == ["email", "phone"]
    assert leads() == []


def test_any_campaign_parameter_is_kept(website: LeadSource):
    post({"phone": "0612345678", "utm_id": "7", "utm_creative_format": "video"})

    assert leads()[0].campaign == {"utm_id": "7", "utm_creative_format": "video"}


@pytest.mark.parametrize("value", [7, "x" * 201, {"a": 1}])
def test_a_campaign_parameter_is_a_short_text(website: LeadSource, value: object):
    response = post({"phone": "0612345678", "utm_creative_format": value})

    assert response.status_code == 400
    assert fields_of(response) == ["utm_creative_format"]


def test_the_name_of_a_campaign_parameter_has_no_nul(website: LeadSource):
    response = post(PAUL | {"utm_\x00": "a"})  # PostgreSQL would refuse to keep it

    assert (response.status_code, fields_of(response)) == (400, ["utm_�"])


def test_an_address_that_grows_in_small_letters_is_measured_then(website: LeadSource):
    response = post({"email": "İ" * 200 + "@x.fr"})  # 205 characters, 405 in small letters

    assert (response.status_code, fields_of(response)) == (400, ["email"])


@pytest.mark.parametrize(
    ("vin", "status"),
    [
        ("1M8GDM9AXKP042788", 201),  # the example of 49 CFR 565
        ("1M8GDM9A1KP042788", 400),  # North America: the check digit must fit
        ("vf3 ccbhw6-ft012345", 201),  # Europe: never refused for its check digit
        ("VF3CCBHW6FTO12345", 201),
        ("VF3<script>", 400),
        ("", 201),
    ],
)
def test_a_vin_is_checked_where_the_law_has_a_check_digit(website: LeadSource, vin: str, status: int):
    response = post({"phone": "0612345678", "vehicle": {"vin": vin}})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("vehicle", "field"),
    [
        ({"year": 1899}, "vehicle.year"),
        ({"year": 3000}, "vehicle.year"),
        ({"year": "2023"}, "vehicle.year"),
        ({"year": 2023.5}, "vehicle.year"),
        ({"year": True}, "vehicle.year"),
        ({"year": 10**400}, "vehicle.year"),
        ({"max_price": -1}, "vehicle.max_price"),
        ({"max_price": 1e12}, "vehicle.max_price"),
        ({"max_price": "18 500 €"}, "vehicle.max_price"),
        ({"colour": "red"}, "vehicle.colour"),
        ({"make": "x" * 61}, "vehicle.make"),
        ([], "vehicle"),
        ("Peugeot 208", "vehicle"),
    ],
)
def test_absurd_vehicles_are_refused_with_the_field_named(website: LeadSource, vehicle: object, field: str):
    response = post({"phone": "0612345678", "vehicle": vehicle})

    assert response.status_code == 400
    assert fields_of(response) == [field]
    assert leads() == []


def test_every_wrong_field_is_named_at_once(website: LeadSource):
    response = post({"first_name": 5, "email": "no address", "nickname": "x", "consent_marketing": "yes"})

    assert sorted(fields_of(response)) == ["consent_marketing", "first_name", "nickname"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1, 2", b'{"phone": 0612}', b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"phone": NaN}', b"{'a': 1}"],
)
def test_what_is_not_json_is_said_not_to_be(website: LeadSource, body: bytes):
    response = post(body)

    assert response.status_code == 400
    assert response.json()["type"].endswith("#invalid-json")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"5"])
def test_json_that_is_no_object_is_refused(website: LeadSource, body: bytes):
    assert post(body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"x": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b"[" * 60_000,
    ],
)
def test_deep_nesting_is_refused(website: LeadSource, body: bytes):
    assert post(body).status_code == 400


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udc00\\ud800"])
@pytest.mark.parametrize("field", ["first_name", "message", "utm_source"])
def test_half_characters_and_nul_are_refused_with_the_field_named(website: LeadSource, field: str, text: str):
    response = post(f'{{"phone": "0612345678", "{field}": "a{text}b"}}'.encode())

    assert response.status_code == 400
    assert fields_of(response) == [field]


def test_a_backslash_before_u0000_is_an_ordinary_text(website: LeadSource):
    response = post({"phone": "0612345678", "message": "a \\u0000 b"})

    assert response.status_code == 201
    assert leads()[0].message == "a \\u0000 b"


def test_control_characters_do_not_reach_names_and_subjects(website: LeadSource):
    post({"phone": "0612345678", "first_name": "Paul\r\nBcc: x\x07", "message": "un\ndeux\x1b[0m"})

    assert leads()[0].first_name == "Paul Bcc: x"
    assert leads()[0].message == "un\ndeux[0m"


def test_a_megabyte_is_refused_unread(website: LeadSource):
    response = post({"phone": "0612345678", "message": "x" * 1_000_000})

    assert response.status_code == 413
    assert response.json()["type"].endswith("#too-large")


def test_a_letter_longer_than_the_limit_is_refused(website: LeadSource):
    assert fields_of(post({"phone": "0612345678", "message": "x" * 10_001})) == ["message"]


def test_a_form_is_not_json(website: LeadSource):
    from django.test import Client

    response = Client().post(LEADS, {"phone": "06"}, headers={"Authorization": "Api-Key lyon-website-key"})

    assert response.status_code == 415


@pytest.mark.parametrize(
    "trap", [{"website": "http://spam.example"}, {"form_seconds": 0.4}, {"form_seconds": 1.9}]
)
def test_a_trapped_request_is_quarantined_and_answered_like_any_other(website: LeadSource, trap: dict):
    response = post(PAUL | trap)

    assert response.status_code == 201
    assert response.json() == {"id": str(leads()[0].pk), "status": "quarantined"}


@pytest.mark.parametrize(
    "form", [{"website": ""}, {"website": None}, {"form_seconds": 2}, {"form_seconds": 45.2}]
)
def test_a_person_does_not_fall_into_the_traps(website: LeadSource, form: dict):
    assert post(PAUL | form).json()["status"] == "new"


def test_the_same_key_and_body_get_the_same_answer(website: LeadSource):
    first = post(PAUL, Idempotency_Key="abc")
    again = post(PAUL, Idempotency_Key="abc")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(leads()) == 1


def test_the_same_key_with_another_body_is_a_conflict(website: LeadSource):
    post(PAUL, Idempotency_Key="abc")

    response = post(PAUL | {"email": "other@example.com"}, Idempotency_Key="abc")

    assert response.status_code == 409
    assert response.json()["type"].endswith("#idempotency-key-reused")
    assert len(leads()) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "clé"])
def test_an_idempotency_key_is_visible_ascii(website: LeadSource, key: str):
    assert fields_of(post(PAUL, Idempotency_Key=key)) == ["Idempotency-Key"]


def test_a_refused_request_does_not_use_up_its_key(website: LeadSource):
    post(PAUL | {"email": "no address"}, Idempotency_Key="abc")

    assert post(PAUL, Idempotency_Key="abc").status_code == 201


def test_the_rivals_key_posts_for_the_rival(website: LeadSource, rival_website: LeadSource):
    post(PAUL, key="rival-website-key")

    assert [lead.source for lead in leads()] == [rival_website]


def test_a_key_without_a_source_posts_nothing(rhone: Group):
    make_key(rhone, "no-source")

    response = post(PAUL, key="no-source")

    assert (response.status_code, leads()) == (403, [])
