"""The dealer's public page: a prospect's request becomes a lead, a robot's waits; no page outside the demo."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from dms.demo.forms import opened_mark
from dms.demo.limits import POSTS
from dms.demo.showroom import cars_of
from leads.models import Lead, LeadSource, LeadStatus, SourceKind, Suspicion
from sites.models import Group, OpeningHours, Site
from tests.cast import MONDAY, make_site, make_source, make_vehicle
from tests.stock.publishing import make_photo

PAGE = "/demo/lyon/"
READING = timedelta(seconds=40)


@pytest.fixture(autouse=True)
def demo(settings) -> None:
    settings.DEMO = True


@pytest.fixture
def dealership(lyon: Site, in_rhone: None) -> LeadSource:
    """Lyon with its website, open on Monday from 9 to 12."""
    for weekday in (0, 1):
        OpeningHours.objects.create(
            group_id=lyon.group_id, site=lyon, weekday=weekday, opens="09:00", closes="12:00"
        )
    return make_source(lyon, "Site web Lyon", kind=SourceKind.WEBSITE)


def typed(**changes: str) -> dict[str, str]:
    """A prospect's form, opened forty seconds before the Monday morning of the cast."""
    form = {
        "first_name": "Julie",
        "last_name": "Bernard",
        "phone": "06 39 98 12 34",
        "email": "julie@example.com",
        "car": "LY-2081",
        "message": "Est-elle disponible ?",
        "website": "",
        "opened": opened_mark(MONDAY - READING),
    }
    return {**form, **changes}


def post(data: dict[str, str], *, at: datetime = MONDAY, client: Client | None = None):
    with time_machine.travel(at, tick=False):
        return (client or Client()).post(PAGE, data, headers={"Accept-Language": "en"})


def get(path: str = PAGE, *, at: datetime = MONDAY, language: str = "en") -> str:
    with time_machine.travel(at, tick=False):
        return Client().get(path, headers={"Accept-Language": language}).content.decode()


def test_a_prospects_request_becomes_a_lead_in_the_pool(dealership: LeadSource):
    answer = post(typed())

    lead = Lead.objects.get()
    assert answer.headers["Location"] == "/demo/lyon/merci/"
    assert (lead.customer_name, lead.phone, lead.vehicle_label) == (
        "Julie Bernard",
        "+33639981234",
        "Peugeot 208 2023",
    )
    assert (lead.status, lead.source, lead.stock_number) == (LeadStatus.NEW, dealership, "LY-2081")
    assert lead.page_url == "http://testserver/demo/lyon/"


def test_consent_is_never_ticked_beforehand_and_kept_when_given(dealership: LeadSource):
    page = get()
    post(typed(consent_marketing="on"))

    assert '<input type="checkbox" name="consent_marketing" id="id_consent_marketing">' in page
    assert Lead.objects.get().consent_marketing


def test_without_a_way_to_answer_the_form_says_so_and_keeps_what_was_typed(dealership: LeadSource):
    answer = post(typed(phone="", email=""))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "phone number or an email" in page
    assert 'value="Julie"' in page
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "call me"),
        ("email", "not an address"),
        ("first_name", ""),
        ("car", "unknown"),
        ("message", "x" * 2001),
        ("last_name", "a\x00b"),
    ],
)
def test_what_cannot_be_understood_is_refused_beside_its_field(
    dealership: LeadSource, field: str, value: str
):
    answer = post(typed(**{field: value}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Lead.objects.exists()


def test_a_robot_that_fills_the_hidden_field_waits_in_quarantine(dealership: LeadSource):
    answer = post(typed(website="http://spam.example"))

    lead = Lead.objects.get()
    assert answer.status_code == 302  # it learns nothing
    assert (lead.status, lead.quarantine_reason) == (LeadStatus.QUARANTINED, Suspicion.HONEYPOT)


@pytest.mark.parametrize("mark", ["", "forged", "a second ago"])
def test_a_robot_that_is_too_fast_waits_in_quarantine(dealership: LeadSource, mark: str):
    opened = opened_mark(MONDAY - timedelta(seconds=1)) if mark == "a second ago" else mark

    post(typed(opened=opened))

    assert Lead.objects.get().quarantine_reason == Suspicion.TOO_FAST


def test_two_seconds_are_enough_for_a_person(dealership: LeadSource):
    post(typed(opened=opened_mark(MONDAY - timedelta(seconds=2))))

    assert Lead.objects.get().status == LeadStatus.NEW


def test_clicking_twice_makes_one_lead(dealership: LeadSource):
    post(typed())
    post(typed())

    assert Lead.objects.count() == 1


def test_a_visitor_who_never_stops_is_slowed_down(dealership: LeadSource):
    answers = [post(typed(email=f"v{number}@example.com", phone="")) for number in range(POSTS + 1)]

    assert [answer.status_code for answer in answers] == [302] * POSTS + [429]
    assert 'value="Julie"' in answers[-1].content.decode()


def test_without_the_count_the_visitor_goes_on(dealership: LeadSource):
    statuses = []
    for number in range(POSTS + 1):
        cache.clear()
        statuses.append(post(typed(email=f"v{number}@example.com", phone="")).status_code)

    assert statuses == [302] * (POSTS + 1)


def test_the_form_is_safe_from_other_websites(dealership: LeadSource):
    browser = Client(enforce_csrf_checks=True)

    assert post(typed(), client=browser).status_code == 403


def test_during_opening_hours_ten_minutes_are_promised(dealership: LeadSource):
    page = get("/demo/lyon/merci/")

    assert "within 10 minutes" in page


def test_after_hours_the_next_opening_is_promised(dealership: LeadSource):
    at_night = datetime.fromisoformat("2026-03-02T21:00:00+00:00")

    assert "on Tuesday from 9 a.m. a salesperson" in get("/demo/lyon/merci/", at=at_night)
    assert "mardi" in get("/demo/lyon/merci/", at=at_night, language="fr")


def test_the_page_shows_todays_hours_and_the_cars(dealership: LeadSource):
    page = get(language="fr")

    assert "Lundi" in page
    assert all(f"{car.make} {car.model}" in page for car in cars_of("FR"))
    assert "16\u202f490\xa0€" in page


def test_a_car_that_was_pointed_at_is_chosen_in_the_form(dealership: LeadSource):
    assert '<option value="LY-3008" selected>' in get(f"{PAGE}?car=LY-3008")


def test_quebec_shows_its_own_cars_and_dollars(rhone: Group, in_rhone: None):
    make_source(make_site(rhone, "Québec", country="CA", region="QC", time_zone="America/Toronto"))

    page = get("/demo/quebec/")

    assert "F-150" in page
    assert "$49,900" in page


def test_the_window_shows_the_sites_own_stock(dealership: LeadSource, lyon: Site, marseille: Site):
    car = make_vehicle(lyon, stock_number="LY-77", model="3008", price=23_490_00)
    photo = make_photo(car)
    make_photo(make_vehicle(lyon, stock_number="LY-78", model="508", status="sold", sold_at=MONDAY))
    make_photo(make_vehicle(marseille, stock_number="MA-79", model="Espace"))

    page = get(f"{PAGE}?car=LY-77")

    assert '<option value="LY-77" selected>' in page
    assert f"/feeds/photos/{photo.pk}-small.jpg" in page
    assert "€23,490" in page
    assert "508" not in page
    assert "Espace" not in page


def test_customers_text_is_escaped(dealership: LeadSource):
    answer = post(typed(first_name="<script>alert(1)</script>", phone="", email=""))

    assert "<script>alert" not in answer.content.decode()


def test_outside_the_demo_there_is_no_such_page(dealership: LeadSource, settings):
    settings.DEMO = False

    assert Client().get(PAGE).status_code == 404
    assert Client().get("/demo/lyon/merci/").status_code == 404
    assert post(typed()).status_code == 404
    assert not Lead.objects.exists()


def test_a_site_of_no_demo_group_is_missing(dealership: LeadSource, db: None):
    other = Group.objects.create(name="Real customer", slug="real")
    make_site(other, "Nantes")

    assert Client().get("/demo/nantes/").status_code == 404
    assert Client().get("/demo/atlantis/").status_code == 404
