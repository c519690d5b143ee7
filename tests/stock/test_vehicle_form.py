"""Taking a vehicle in and editing it: nothing that somebody typed is lost."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from sites.models import Group, Site, User
from stock.models import Vehicle
from stock.services import edit_vehicle
from tests.cast import MONDAY, make_vehicle, member_of, signed_in

NEW = "/stock/new/"


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def typed(site: Site, **fields: Any) -> dict[str, Any]:
    return {
        "site": site.pk,
        "status": "available",
        "kind": "used",
        "make": "Citroën",
        "model": "C3",
        **fields,
    }


def text_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def fields_of(page: str) -> dict[str, str]:
    """What the browser would send back: inputs, chosen options and areas of the form."""
    import html

    form = page[page.index("data-vehicle-form") : page.index("</form>", page.index("data-vehicle-form"))]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" not in tag:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = html.unescape(body)
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_a_vehicle_is_taken_in_as_people_type(lyon: Site, ursule: User, rhone: Group, in_rhone: None):
    answer = signed_in(ursule).post(
        NEW,
        typed(
            lyon,
            vin="vf3 cchmz6jt012345",
            plate="ab123cd",
            price="12 990,50 €",
            purchase_price="9 000",
            mileage="24 500 km",
            first_registration="2023-04-01",
            options="Toit panoramique\n\n  Caméra  360° \nToit panoramique",
        ),
    )

    vehicle = Vehicle.objects.get()
    assert answer["Location"] == vehicle.get_absolute_url()
    assert (vehicle.vin, vehicle.plate) == ("VF3CCHMZ6JT012345", "AB-123-CD")
    assert (vehicle.price, vehicle.purchase_price, vehicle.mileage) == (12_990_50, 9_000_00, 24_500)
    assert vehicle.first_registration == date(2023, 4, 1)
    assert vehicle.options == ["Toit panoramique", "Caméra 360°"]
    assert vehicle.arrived_on == MONDAY.date()


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(lyon: Site, sophie: User, in_rhone: None):
    answer = signed_in(sophie).post(NEW, typed(lyon, make="", price="cher", mileage="x", colour="Rouge"))
    page = text_of(answer)

    assert answer.status_code == 422
    for name in ("make", "price", "mileage"):
        assert f'id="id_{name}-error"' in page
    assert 'value="cher"' in page
    assert 'value="Rouge"' in page
    assert not Vehicle.objects.exists()


def test_a_doubt_is_said_once_and_then_saved(lyon: Site, sophie: User, in_rhone: None):
    client = signed_in(sophie)

    first = client.post(NEW, typed(lyon, plate="AI-123-CD"))
    again = client.post(NEW, fields_of(text_of(first)))

    assert first.status_code == 422
    assert "ni I, ni O" in text_of(first)
    assert again.status_code == 302
    assert Vehicle.objects.get().plate == "AI-123-CD"


def test_a_new_doubt_is_said_again(lyon: Site, sophie: User, in_rhone: None):
    client = signed_in(sophie)
    first = client.post(NEW, typed(lyon, plate="AI-123-CD"))

    again = client.post(NEW, {**fields_of(text_of(first)), "plate": "SS-123-CD"})

    assert again.status_code == 422
    assert not Vehicle.objects.exists()


def test_a_vin_that_the_law_refuses_is_an_error(lyon: Site, sophie: User, in_rhone: None):
    client = signed_in(sophie)

    refused = client.post(NEW, typed(lyon, vin="1M8GDM9A1KP042788"))
    taken = client.post(NEW, typed(lyon, vin="1M8GDM9AXKP042788"))

    assert (refused.status_code, taken.status_code) == (422, 302)


def test_the_same_vin_in_stock_is_an_error_with_the_way_to_the_other(
    lyon: Site, marseille: Site, sophie: User, in_rhone: None
):
    other = make_vehicle(marseille, vin="VF3CCHMZ6JT012345")
    client = signed_in(sophie)

    first = client.post(NEW, typed(lyon, vin=other.vin))
    again = client.post(NEW, fields_of(text_of(first)))

    assert (first.status_code, again.status_code) == (422, 422)
    assert other.get_absolute_url() in text_of(again)
    Vehicle.objects.filter(pk=other.pk).update(status="withdrawn")
    doubted = client.post(NEW, typed(lyon, vin=other.vin))
    assert client.post(NEW, fields_of(text_of(doubted))).status_code == 302


@pytest.mark.parametrize("who", ["camille", "agnes", "alain"])
def test_who_keeps_no_stock_takes_nothing_in(
    lyon: Site, who: str, in_rhone: None, request: pytest.FixtureRequest
):
    client = signed_in(request.getfixturevalue(who))

    assert client.get(NEW).status_code == 403
    assert client.post(NEW, typed(lyon)).status_code == 403
    assert not Vehicle.objects.exists()


def test_nobody_takes_in_on_a_site_that_is_not_his(lyon: Site, marseille: Site, sophie: User, in_rhone: None):
    answer = signed_in(sophie).post(NEW, typed(marseille))

    assert answer.status_code == 422
    assert not Vehicle.objects.exists()


@pytest.mark.parametrize(
    ("who", "fields"), [("sophie", set()), ("claire", {"min_price"}), ("paule", {"purchase_price"})]
)
def test_the_form_has_the_fields_that_its_reader_may_write(
    lyon: Site, in_rhone: None, who: str, fields: set[str], request: pytest.FixtureRequest
):
    car = make_vehicle(lyon, min_price=14_444_00, purchase_price=11_111_00)

    answer = signed_in(request.getfixturevalue(who)).get(f"{car.get_absolute_url()}edit/")
    page = text_of(answer).replace("\u202f", " ").replace("\u00a0", " ")

    assert {name for name in ("min_price", "purchase_price") if f'name="{name}"' in page} == fields
    assert ("11 111" in page) is ("purchase_price" in fields)
    assert ("14 444" in page) is ("min_price" in fields)


def test_a_smuggled_field_is_not_written(lyon: Site, sophie: User, in_rhone: None):
    car = make_vehicle(lyon, purchase_price=11_111_00)
    client = signed_in(sophie)
    form = fields_of(text_of(client.get(f"{car.get_absolute_url()}edit/")))

    client.post(
        f"{car.get_absolute_url()}edit/", {**form, "purchase_price": "1", "status": "sold", "colour": "Noir"}
    )

    car.refresh_from_db()
    assert (car.purchase_price, car.status, car.colour) == (11_111_00, "available", "Noir")


def test_saving_an_untouched_form_changes_nothing(lyon: Site, ursule: User, in_rhone: None):
    car = make_vehicle(
        lyon,
        price=15_990_50,
        purchase_price=11_000_00,
        options=["A", "B"],
        first_registration=date(2023, 4, 1),
    )
    client = signed_in(ursule)

    form = fields_of(text_of(client.get(f"{car.get_absolute_url()}edit/")))
    answer = client.post(f"{car.get_absolute_url()}edit/", form)

    assert answer.status_code == 302
    assert not car.history.exists()


def test_two_who_edit_at_once_lose_nothing(lyon: Site, sophie: User, ursule: User, in_rhone: None):
    car = make_vehicle(lyon)
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}edit/"
    mine = {**fields_of(text_of(client.get(url))), "colour": "Rouge", "lot": "B12"}
    edit_vehicle(
        vehicle_id=car.pk, changes={"colour": "Noir", "mileage": 25_000}, by=member_of(ursule), at=MONDAY
    )

    first = client.post(url, mine)
    page = text_of(first)
    again = client.post(url, fields_of(page))

    assert first.status_code == 422
    assert "Ursule Blanc" in page
    assert "Noir" in page
    assert (fields_of(page)["colour"], fields_of(page)["lot"]) == ("Rouge", "B12")
    assert again.status_code == 302
    car.refresh_from_db()
    assert (car.colour, car.lot, car.mileage) == ("Rouge", "B12", 25_000)


def test_what_was_seen_cannot_be_forged_into_a_crash(lyon: Site, sophie: User, in_rhone: None):
    car = make_vehicle(lyon)
    client = signed_in(sophie)
    url = f"{car.get_absolute_url()}edit/"
    form = fields_of(text_of(client.get(url)))

    for seen in ("", "nonsense", "[1]", json.dumps({"colour": {"a": 1}}), "9" * 30_000):
        assert client.post(url, {**form, "seen": seen, "lot": f"A{len(seen)}"}).status_code in (302, 422)


def test_a_price_below_the_lowest_is_sent_to_the_page_that_asks(lyon: Site, ursule: User, in_rhone: None):
    car = make_vehicle(lyon, min_price=15_000_00)
    client = signed_in(ursule)
    url = f"{car.get_absolute_url()}edit/"

    answer = client.post(url, {**fields_of(text_of(client.get(url))), "price": "14000"})

    assert answer.status_code == 422
    assert 'id="id_price-error"' in text_of(answer)


def test_a_stock_manager_elsewhere_does_not_edit_here(lyon: Site, hugo: User, in_rhone: None):
    car = make_vehicle(lyon)

    assert signed_in(hugo).get(f"{car.get_absolute_url()}edit/").status_code == 403


def test_a_number_is_checked_while_somebody_types(lyon: Site, sophie: User, in_rhone: None):
    other = make_vehicle(lyon, plate="AB-123-CD")
    client = signed_in(sophie)

    told = text_of(client.get("/stock/check/", {"plate": "ab123cd"}))
    own = text_of(client.get("/stock/check/", {"plate": "ab123cd", "but": str(other.pk)}))
    odd = client.get("/stock/check/", {"plate": "x", "but": "nonsense", "site": "x"})

    assert other.get_absolute_url() in told
    assert other.get_absolute_url() not in own
    assert odd.status_code == 200


def test_makes_and_models_of_the_group_are_offered(
    lyon: Site, sophie: User, in_rhone: None, rival_site: Site
):
    make_vehicle(lyon, make="Alpine", model="A110")
    make_vehicle(rival_site, make="Zebra", model="Z1")

    page = text_of(signed_in(sophie).get(NEW))

    assert '<option value="Alpine">' in page
    assert "Zebra" not in page
