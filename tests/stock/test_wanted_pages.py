"""Noting what a customer looks for, and what the stock answers."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Vehicle, WantedCar, WantedMatch, WantedState
from stock.wanted_list import wishes_for_vehicle
from stock.wanted_panels import who_wants
from tests.cast import MONDAY, make_vehicle, member_of, signed_in
from tests.stock.moving import asked

PAGE = "/stock/wanted/"
SEARCH = {"make": "Peugeot", "model": "208", "customer_name": "Paul Martin"}


LYON, MARSEILLE = (45.764, 4.836), (43.296, 5.370)


def place(site: Site, latitude: float, longitude: float) -> None:
    with group_scope(site.group_id):
        Site.objects.filter(pk=site.pk).update(latitude=latitude, longitude=longitude)


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def note(person: User, site: Site, **values: Any) -> WantedCar:
    """By the form, as the person does."""
    answer = signed_in(person).post(f"{PAGE}new/", {**SEARCH, "site": site.pk, **values})
    assert answer.status_code == 302, answer.content.decode()
    with group_scope(site.group_id):
        return WantedCar.objects.get(pk=UUID(answer.headers["Location"].rstrip("/").rpartition("/")[2]))


def test_a_search_finds_what_stands_there_while_the_customer_waits(
    lyon: Site, marseille: Site, camille: User
):
    here, there = make_vehicle(lyon), make_vehicle(marseille)

    wanted = note(camille, lyon, max_price="16 000 €", customer_phone="06 11 22 33 44")
    page = signed_in(camille).get(f"{PAGE}{wanted.pk}/").content.decode()

    assert (wanted.max_price, wanted.customer_phone) == (16_000_00, "+33611223344")
    assert f"/stock/{here.pk}/" in page
    assert f"/stock/{there.pk}/ask/?customer=Paul%20Martin" in page
    assert f"/stock/{here.pk}/ask/" not in page


@pytest.mark.parametrize(
    ("reach", "kept", "found"),
    [("", (True, None), True), ("here", (False, None), False), ("200", (True, 200), False), ("500", (True, 500), True)],
)  # fmt: skip
def test_how_far_a_customer_goes(
    reach: str, kept: tuple[bool, int | None], found: bool, lyon: Site, marseille: Site, camille: User
):
    place(lyon, *LYON)
    place(marseille, *MARSEILLE)
    there = make_vehicle(marseille)

    wanted = note(camille, lyon, reach=reach)
    client = signed_in(camille)
    page = client.get(f"{PAGE}{wanted.pk}/").content.decode()
    form = client.get(f"{PAGE}{wanted.pk}/edit/").content.decode()

    assert (wanted.elsewhere, wanted.max_distance) == kept
    assert (f"/stock/{there.pk}/" in page, bool(re.search(r"\(278.km\)", page))) == (found, found)
    assert f'<option value="{reach}" selected>' in form


def test_kilometres_are_no_choice_where_nobody_knows_them(lyon: Site, marseille: Site, camille: User):
    place(lyon, *LYON)

    form = signed_in(camille).get(f"{PAGE}new/").content.decode()

    assert ('value="here"' in form, 'value="100"' in form) == (True, False)


def test_what_is_asked_for_leads_to_its_transfer(lyon: Site, marseille: Site, camille: User, karim: User):
    vehicle = make_vehicle(marseille)
    wanted = note(camille, lyon)
    transfer = asked(vehicle, lyon, karim)

    page = signed_in(camille).get(f"{PAGE}{wanted.pk}/").content.decode()

    assert f"/stock/transfers/{transfer.pk}/" in page
    assert f"/stock/{vehicle.pk}/ask/" not in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"make": "", "model": ""}, "make"),
        ({"make": "-", "model": "…"}, "make"),
        ({"customer_phone": "12"}, "customer_phone"),
        ({"max_price": "viele"}, "max_price"),
        ({"min_year": "12"}, "min_year"),
        ({"customer_name": ""}, "customer_name"),
        ({"max_mileage": "-1"}, "max_mileage"),
        ({"fuel": "steam"}, "fuel"),
        ({"ends_on": "yesterday"}, "ends_on"),
    ],
)
def test_odd_input_comes_back_with_a_sentence(values: dict[str, str], field: str, lyon: Site, camille: User):
    answer = signed_in(camille).post(f"{PAGE}new/", {**SEARCH, "site": lyon.pk, **values})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_changing_ending_and_copying(lyon: Site, camille: User):
    wanted, client = note(camille, lyon, max_price="9000"), signed_in(camille)
    page = f"{PAGE}{wanted.pk}/"

    before = client.get(f"{page}edit/").content.decode()
    client.post(f"{page}edit/", {**SEARCH, "site": lyon.pk, "model": "308"})
    copy = client.get(f"{PAGE}new/?like={wanted.pk}").content.decode()
    client.post(f"{page}end/", {"found": "1"})

    wanted.refresh_from_db()
    assert re.search(r'value="9\D?000"', before)
    assert (wanted.model, wanted.max_price, wanted.state) == ("308", None, WantedState.FOUND)
    assert 'value="308"' in copy
    assert "Paul Martin" not in copy


def test_not_this_one(lyon: Site, camille: User, karim: User):
    make_vehicle(lyon)
    wanted = note(camille, lyon)
    with group_scope(lyon.group_id):
        match = WantedMatch.objects.get()

    refused = signed_in(karim).post(f"{PAGE}matches/{match.pk}/dismiss/")
    signed_in(camille).post(f"{PAGE}matches/{match.pk}/dismiss/")

    assert refused.status_code == 404
    assert "/dismiss/" not in signed_in(camille).get(f"{PAGE}{wanted.pk}/").content.decode()


def test_a_manager_sees_his_sites_searches_and_a_colleague_does_not(
    lyon: Site, marseille: Site, camille: User, karim: User, claire: User, hugo: User
):
    wanted = note(camille, lyon)

    def sees(person: User) -> tuple[bool, int]:
        client = signed_in(person)
        listed = str(wanted.pk) in client.get(f"{PAGE}?of=all").content.decode()
        return listed, client.get(f"{PAGE}{wanted.pk}/").status_code

    assert [sees(person) for person in (camille, claire, karim, hugo)] == [
        (True, 200),
        (True, 200),
        (False, 404),
        (False, 404),
    ]


def test_a_rivals_search_is_missing_like_none(rival_site: Site, rita: User, camille: User, lyon: Site):
    theirs, client = note(rita, rival_site), signed_in(camille)

    answers = [client.get(f"{PAGE}{pk}/").status_code for pk in (theirs.pk, uuid4())]
    copies = [client.get(f"{PAGE}new/?like={pk}").content for pk in (theirs.pk, uuid4())]
    odd = client.get(f"{PAGE}new/?like=x")

    assert answers == [404, 404]
    assert "Peugeot" not in copies[0].decode()
    assert len(copies[0]) == len(copies[1])
    assert odd.status_code == 200


def test_the_list_takes_the_same_queries_for_one_and_for_three(lyon: Site, camille: User):
    def queries() -> int:
        client = signed_in(camille)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    make_vehicle(lyon)
    note(camille, lyon)
    for_one = queries()
    make_vehicle(lyon, model="308")
    note(camille, lyon, model="308")
    note(camille, lyon, model="")

    assert queries() == for_one


def test_from_the_vehicle_who_wants_it(
    lyon: Site, marseille: Site, camille: User, karim: User, claire: User, marc: User, alain: User
):
    vehicle = make_vehicle(marseille)
    note(camille, lyon)

    def seen(person: User) -> list[bool]:
        with group_scope(lyon.group_id):
            found = Vehicle.objects.select_related("site").get()
            return [wish.shows_customer for wish in wishes_for_vehicle(found, member_of(person))]

    assert (seen(camille), seen(claire), seen(karim), seen(marc)) == ([True], [True], [False], [False])
    with group_scope(lyon.group_id):
        assert who_wants(vehicle, member_of(alain), MONDAY) is None
        content = who_wants(vehicle, member_of(camille), MONDAY)
    assert content is not None
    assert len(content["wishes"]) == 1


def test_who_notes_nothing_has_no_list(alain: User, camille: User):
    assert signed_in(alain).get(PAGE).status_code == 403
    assert "search" in signed_in(camille).get(PAGE).content.decode()
