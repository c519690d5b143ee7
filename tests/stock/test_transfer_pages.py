"""The boards, the page of a transfer, « Demander », and the two buttons of the alert."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sites.models import Group, Site, User
from sites.scope import group_scope
from stock.models import Transfer, TransferState, Vehicle, VehicleStatus
from tests.cast import SIGN_IN_BACKEND, make_site, make_vehicle, member_of, signed_in
from tests.stock.moving import asked, now_is

TRANSFERS = "/stock/transfers/"
API = "/api/v1/stock/transfers/"


@pytest.fixture
def clio(marseille: Site) -> Vehicle:
    return make_vehicle(marseille, make="Renault", model="Clio", stock_number="M-7")


def state_of(transfer: Transfer, reader: User) -> str:
    return now_is(transfer, reader).state


def test_a_salesperson_asks_from_the_vehicle(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    client = signed_in(camille)

    page = client.get(f"/stock/{clio.pk}/ask/?customer=Paul+Martin")
    answer = client.post(
        f"/stock/{clio.pk}/ask/",
        {"to_site": lyon.pk, "customer_name": "Paul Martin", "reason": "Essai"},
        follow=True,
    )

    assert "Paul Martin" in page.content.decode()
    with group_scope(clio.group_id):
        transfer = Transfer.objects.get()
    assert (transfer.asked_by, transfer.to_site, transfer.customer_name) == (camille, lyon, "Paul Martin")
    assert answer.redirect_chain[0][0] == f"{TRANSFERS}{transfer.pk}/"
    board = signed_in(hugo).get(TRANSFERS).content.decode()
    assert f"{TRANSFERS}{transfer.pk}/accept/" in board
    assert "Paul Martin" in board


def test_what_is_asked_for_already_says_by_whom(clio: Vehicle, lyon: Site, camille: User, karim: User):
    asked(clio, lyon, camille)
    client = signed_in(karim)

    page = client.get(f"/stock/{clio.pk}/ask/").content.decode()
    late = client.post(f"/stock/{clio.pk}/ask/", {"to_site": lyon.pk}, follow=True)

    assert "Camille Durand" in page
    assert 'id="ask"' not in page
    assert "Camille Durand" in late.content.decode()
    with group_scope(clio.group_id):
        assert Transfer.objects.count() == 1


def test_the_whole_way_by_its_buttons(clio: Vehicle, lyon: Site, camille: User, hugo: User, sophie: User):
    transfer = asked(clio, lyon, camille)
    page = f"{TRANSFERS}{transfer.pk}/"

    for person, step, values in (
        (hugo, "accept", {}),
        (hugo, "start", {"expected_on": "2026-03-05"}),
        (sophie, "receive", {"mileage": "24800", "remarks": "Un éclat"}),
    ):
        assert signed_in(person).post(f"{page}{step}/", values).status_code == 302

    assert state_of(transfer, camille) == TransferState.RECEIVED
    told = signed_in(camille).get(page).content.decode()
    assert "Un éclat" in told
    assert "Sophie Lambert" in told


def test_a_slip_of_the_mileage_comes_back_with_a_sentence(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, sophie: User
):
    transfer = asked(clio, lyon, camille)
    signed_in(hugo).post(f"{TRANSFERS}{transfer.pk}/start/")

    answer = signed_in(sophie).post(f"{TRANSFERS}{transfer.pk}/receive/", {"mileage": "248"})

    assert answer.status_code == 422
    assert "24500" in answer.content.decode()
    assert state_of(transfer, camille) == TransferState.UNDER_WAY


def test_who_comes_second_reads_what_stands(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, diane: User
):
    transfer = asked(clio, lyon, camille)
    signed_in(hugo).post(f"{TRANSFERS}{transfer.pk}/accept/")

    late = signed_in(diane).post(f"{TRANSFERS}{transfer.pk}/refuse/", {"answer": "Non"}, follow=True)

    assert "Hugo Ferrand" in late.content.decode()
    assert state_of(transfer, camille) == TransferState.ACCEPTED


def test_who_may_not_decide_sees_no_buttons_and_is_refused(
    clio: Vehicle, lyon: Site, camille: User, karim: User, alain: User
):
    transfer = asked(clio, lyon, camille)

    page = signed_in(karim).get(f"{TRANSFERS}{transfer.pk}/").content.decode()
    refused = signed_in(alain).post(f"{TRANSFERS}{transfer.pk}/accept/")

    assert "/accept/" not in page
    assert refused.status_code == 403
    assert signed_in(alain).get(f"/stock/{clio.pk}/ask/").status_code == 403


def test_the_page_shows_a_version_once(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    transfer = asked(clio, lyon, camille)
    client, page = signed_in(hugo), f"{TRANSFERS}{transfer.pk}/"
    from stock.boards import card_for
    from tests.cast import MONDAY

    with group_scope(transfer.group_id):
        shown = card_for(transfer, member_of(hugo), at=MONDAY).version

    same = client.get(page, {"shown": shown}, headers={"HX-Request": "true"})
    other = client.get(page, {"shown": "older"}, headers={"HX-Request": "true"})

    assert (same.status_code, other.status_code) == (204, 200)
    assert "<html" not in other.content.decode()


def test_boards_take_the_same_queries_for_one_and_for_three(
    lyon: Site, marseille: Site, camille: User, hugo: User
):
    def queries() -> int:
        client = signed_in(hugo)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(TRANSFERS).status_code == 200
        return len(captured)

    asked(make_vehicle(marseille), lyon, camille)
    for_one = queries()
    for _number in range(2):
        asked(make_vehicle(marseille), lyon, camille)

    assert queries() == for_one


def test_an_empty_board_says_how_to_begin(camille: User):
    assert "truck" in signed_in(camille).get(TRANSFERS).content.decode()


def test_one_tap_accepts_and_the_second_tap_gets_the_same(
    clio: Vehicle, lyon: Site, camille: User, hugo: User, diane: User
):
    transfer = asked(clio, lyon, camille)
    path = f"{API}{transfer.pk}/accept/"

    won = [signed_in(hugo).post(path).json() for _time in range(2)]
    lost = signed_in(diane).post(f"{API}{transfer.pk}/refuse/", "{}", content_type="application/json")

    assert won[0] == won[1]
    assert (won[0]["state"], won[0]["to_site"]) == ("accepted", "lyon")
    assert (lost.status_code, lost.json()["state"]) == (409, "accepted")
    assert "Hugo Ferrand" in lost.json()["detail"]


def test_one_tap_refuses(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    transfer = asked(clio, lyon, camille)

    answer = signed_in(hugo).post(
        f"{API}{transfer.pk}/refuse/", '{"answer": "Vendue demain"}', content_type="application/json"
    )

    assert answer.status_code == 200
    assert now_is(transfer, camille).answer == "Vendue demain"


@pytest.mark.parametrize(("person", "status"), [("sophie", 403), ("camille", 403), ("rita", 404)])
def test_only_the_site_that_has_it_answers(
    person: str, status: int, clio: Vehicle, lyon: Site, camille: User, request: pytest.FixtureRequest
):
    transfer = asked(clio, lyon, camille)

    answer = signed_in(request.getfixturevalue(person)).post(f"{API}{transfer.pk}/accept/")

    assert answer.status_code == status
    assert state_of(transfer, camille) == TransferState.ASKED


def test_a_sold_vehicle_answers_so(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    transfer = asked(clio, lyon, camille)
    with group_scope(clio.group_id):
        Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=transfer.asked_at)

    answer = signed_in(hugo).post(f"{API}{transfer.pk}/accept/")

    assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (409, "vehicle-gone")


def test_following_a_link_changes_nothing(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    """Mail scanners and previews send GET and HEAD."""
    transfer, client = asked(clio, lyon, camille), signed_in(hugo)

    answers = [
        send(path).status_code
        for path in (f"{API}{transfer.pk}/accept/", f"{TRANSFERS}{transfer.pk}/accept/")
        for send in (client.get, client.head)
    ]

    assert answers == [405] * 4
    assert state_of(transfer, camille) == TransferState.ASKED


def test_a_button_needs_the_token_of_its_page(clio: Vehicle, lyon: Site, camille: User, hugo: User):
    transfer = asked(clio, lyon, camille)
    client = Client(enforce_csrf_checks=True)
    client.force_login(hugo, backend=SIGN_IN_BACKEND)

    assert client.post(f"{API}{transfer.pk}/accept/").status_code == 403
    assert state_of(transfer, camille) == TransferState.ASKED


def test_highlighting_by_one_tap(lyon: Site, remy: User, camille: User, rival_site: Site):
    vehicle, foreign = make_vehicle(lyon), make_vehicle(rival_site)

    def tap(person: User, pk: Any) -> int:
        return signed_in(person).post(f"/api/v1/stock/vehicles/{pk}/highlight/").status_code

    assert (tap(camille, vehicle.pk), tap(remy, vehicle.pk), tap(remy, vehicle.pk)) == (403, 200, 200)
    assert (tap(remy, foreign.pk), tap(remy, uuid4())) == (404, 404)
    with group_scope(lyon.group_id):
        assert Vehicle.objects.get(pk=vehicle.pk).highlighted_at is not None


def test_a_site_sends_one_off_by_the_page(clio: Vehicle, lyon: Site, hugo: User, sophie: User, rhone: Group):
    assert signed_in(sophie).get(f"/stock/{clio.pk}/send/").status_code == 403
    assert signed_in(hugo).get(f"/stock/{clio.pk}/send/").status_code == 200

    signed_in(hugo).post(f"/stock/{clio.pk}/send/", {"to_site": lyon.pk, "expected_on": "2026-03-05"})

    with group_scope(rhone.pk):
        assert Transfer.objects.get().state == TransferState.UNDER_WAY
    assert "#receive" in signed_in(sophie).get(TRANSFERS).content.decode()


def test_a_car_that_can_go_nowhere_is_not_sent(hugo: User, marseille: Site, quebec: Site):
    """Québec is the only other site, and it sells in dollars."""
    clio = make_vehicle(marseille)
    address = f"/stock/{clio.pk}/send/"

    shown = [signed_in(hugo).get(page).content.decode() for page in (f"/stock/{clio.pk}/", "/stock/ageing/")]

    assert [address in page for page in shown] == [False, False]
    make_site(marseille.group, "Toulon")
    assert address in signed_in(hugo).get(f"/stock/{clio.pk}/").content.decode()
    assert address in signed_in(hugo).get("/stock/ageing/").content.decode()
