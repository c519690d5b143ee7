"""Reading leads: by a session as far as the person sees, by a key as far as its source goes."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from leads.models import Enquiry, LeadSource, LeadStatus
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.api.posting import LEADS
from tests.cast import MONDAY, make_key, make_lead, make_source, signed_in


def by_key(path: str = LEADS, key: str = "crm", **query: str) -> Any:
    return Client().get(path, query, headers={"Authorization": f"Api-Key {key}"})


def cursor_at(moment: str) -> str:
    return urlsafe_b64encode(f"{moment}|01930000-0000-7000-8000-000000000001".encode()).decode()


def names(response: Any) -> list[str]:
    return [lead["customer_name"] for lead in response.json()["results"]]


@pytest.fixture
def crm(rhone: Group) -> None:
    make_key(rhone, "crm", scopes=["leads:read_all"])


def test_a_salesperson_reads_a_pool_lead_without_its_contact(website: LeadSource, camille: User):
    lead = make_lead(website, message="Appelez le 06 12 34 56 78", page_url="https://x.example/?email=a@b.fr")

    told = signed_in(camille).get(LEADS).json()["results"][0]

    assert (told["id"], told["status"], told["site"]) == (str(lead.pk), "new", "lyon")
    assert told["vehicle"]["make"] == "Peugeot"
    assert told["contact"] == {
        "email": "•••", "phone": "•••", "message": "Appelez le •••", "page_url": "", "is_shown": False,
    }  # fmt: skip


def test_no_other_field_tells_a_number_before_the_claim(website: LeadSource, camille: User):
    lead = make_lead(
        website,
        make="Peugeot paul@x.fr",
        model="208, 0612345678",
        campaign={"utm_term": "paul@x.fr", "utm_id": "7"},
    )

    told = signed_in(camille).get(f"{LEADS}{lead.pk}/").json()

    assert (told["vehicle"]["make"], told["vehicle"]["model"]) == ("Peugeot •••", "208, •••")
    assert told["campaign"] == {"utm_term": "•••", "utm_id": "7"}
    assert lead.vehicle_label == "Peugeot ••• 208, ••• 2023"


def test_the_owner_reads_everything(website: LeadSource, camille: User):
    lead = make_lead(website, owner=camille, status=LeadStatus.CLAIMED, claimed_at=MONDAY)

    told = signed_in(camille).get(f"{LEADS}{lead.pk}/").json()

    assert told["contact"]["phone"] == "+33612345678"
    assert (told["owner"], told["claimed_at"]) == ("Camille Durand", "2026-03-02T09:30:00Z")
    assert told["enquiries"] == []


def test_later_words_are_hidden_like_the_first(website: LeadSource, camille: User):
    lead = make_lead(website)
    with group_scope(lead.group_id):
        Enquiry.objects.create(
            group_id=lead.group_id, lead=lead, received_at=MONDAY, message="ou paul@x.fr", payload={}
        )

    told = signed_in(camille).get(f"{LEADS}{lead.pk}/").json()

    assert told["enquiries"] == [{"received_at": "2026-03-02T09:30:00Z", "message": "ou •••"}]


def test_a_key_reads_its_own_sources_leads(crm: None, website: LeadSource, rhone: Group, lyon: Site):
    own_key = make_key(rhone, "portal", scopes=["leads:read"]).api_key
    make_lead(make_source(lyon, "Portail", api_key=own_key), first_name="Portal")
    make_lead(website, first_name="Website")

    assert names(by_key(key="portal")) == ["Portal Martin"]
    assert sorted(names(by_key(key="crm"))) == ["Portal Martin", "Website Martin"]


def test_a_key_that_lost_its_source_reads_nothing(crm: None, website: LeadSource, rhone: Group, lyon: Site):
    """It was taken out of use by giving the source another key, or by deleting the source."""
    for name in ("replaced", "deleted"):
        key = make_key(rhone, name, scopes=["leads:read"]).api_key
        source = make_source(lyon, name, api_key=key)
        assert by_key(key=name).status_code == 200
        with group_scope(rhone.pk):
            if name == "replaced":
                source.api_key = make_key(rhone, "new", scopes=["leads:read"]).api_key
                source.save()
            else:
                source.delete()
    lead = make_lead(website)
    paths = (LEADS, f"{LEADS}{lead.pk}/")

    answers = [by_key(path, key) for key in ("replaced", "deleted") for path in paths]
    by_scope = [by_key(path, "crm").status_code for path in paths]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert not any(b"Martin" in answer.content for answer in answers)
    assert by_scope == [200, 200]


def test_a_key_reads_contacts_for_the_other_system(crm: None, website: LeadSource):
    make_lead(website)

    assert by_key().json()["results"][0]["contact"]["email"] == "paul.martin@example.com"


def test_a_rivals_lead_is_missing(crm: None, rival_website: LeadSource, camille: User):
    foreign = make_lead(rival_website)

    assert names(by_key()) == []
    assert by_key(f"{LEADS}{foreign.pk}/").status_code == 404
    assert signed_in(camille).get(f"{LEADS}{foreign.pk}/").status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(crm: None, website: LeadSource):
    for number in range(7):
        make_lead(website, first_name=str(number), received_at=MONDAY + timedelta(minutes=number // 2))

    seen, response = [], by_key(limit="3")
    seen += names(response)
    while following := response.json()["next"]:
        response = by_key(following)
        seen += names(response)

    assert sorted(seen) == sorted(f"{number} Martin" for number in range(7))
    assert seen[0] == "6 Martin"


def test_the_pool_comes_oldest_first(crm: None, website: LeadSource):
    make_lead(website, first_name="Late", received_at=MONDAY + timedelta(hours=1))
    make_lead(website, first_name="Early")

    assert names(by_key(status="new")) == ["Early Martin", "Late Martin"]
    assert names(by_key()) == ["Late Martin", "Early Martin"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "peugeot 208"}, True),
        ({"q": "MARTIN"}, True),
        ({"q": "06 12 34 56 78"}, True),
        ({"q": "paul.martin@"}, True),
        ({"q": "renault"}, False),
        ({"site": "lyon"}, True),
        ({"status": "claimed"}, False),
        ({"since": "2026-03-02", "until": "2026-03-02"}, True),
        ({"since": "2026-03-03"}, False),
        ({"until": "2026-03-01"}, False),
        ({"q": "%"}, False),
        ({"unknown": "x"}, True),
    ],
)
def test_filters_narrow_the_list(crm: None, website: LeadSource, query: dict[str, str], found: bool):
    make_lead(website)

    assert bool(names(by_key(**query))) is found


def test_the_days_of_the_api_are_those_of_utc(crm: None, website: LeadSource, camille: User):
    """Half past midnight in Lyon; the page calls that another day."""
    make_lead(website, received_at="2026-03-02T23:30:00Z")
    found = {"since": "2026-03-02", "until": "2026-03-02"}

    assert names(by_key(**found)) == names(signed_in(camille).get(LEADS, found)) == ["Paul Martin"]
    assert names(by_key(since="2026-03-03")) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("site", "paris"),
        ("source", "x"),
        ("since", "yesterday"),
        ("until", "9999-99-99"),
        ("q", "x" * 101),
        ("q", "a\x00b"),
        ("limit", "000001" + "0" * 5000),
        ("until", "9999-12-31"),
        ("since", "0001-01-01"),
        ("cursor", cursor_at("0001-01-01T00:00:00+14:00")),
        ("cursor", cursor_at("9999-12-31T23:59:59-14:00")),
        ("cursor", "abc"),
        ("cursor", "\udcff"),
        ("cursor", "MjAyNi0wMy0wMlQwOTozMDowMHx4"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1e3"),
        ("limit", "9" * 30),
        ("owner", "everybody"),
    ],
)
def test_a_wrong_parameter_is_named(crm: None, website: LeadSource, name: str, value: str):
    response = by_key(**{name: value.encode(errors="surrogateescape").decode(errors="replace")})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [name]


def test_a_search_by_number_does_not_tell_what_the_page_hides(
    website: LeadSource, camille: User, claire: User
):
    make_lead(website)

    assert names(signed_in(camille).get(LEADS, {"q": "0612345678"})) == []
    assert names(signed_in(camille).get(LEADS, {"q": "paul.martin@example.com"})) == []
    assert names(signed_in(claire).get(LEADS, {"q": "0612345678"})) == ["Paul Martin"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(
    crm: None, website: LeadSource, django_assert_num_queries, count: int
):
    for _ in range(count):
        make_lead(website)
    by_key()

    with django_assert_num_queries(1):
        assert len(names(by_key())) == count


def test_strangers_and_accountants_read_nothing(website: LeadSource, alain: User):
    lead = make_lead(website)

    answers = [
        client.get(path) for client in (Client(), signed_in(alain)) for path in (LEADS, f"{LEADS}{lead.pk}/")
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 403, 403]


def test_answers_are_for_one_reader_only(crm: None, website: LeadSource):
    assert by_key()["Cache-Control"] == "private, no-store"
