"""A price that somebody asks for: what its asker may know, and what ends it without an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest, ApprovalStep, Status
from approvals.notices import ApprovalDecidedNotice
from approvals.services import AlreadyDecided, decide_request
from core.clock import now
from notifications.models import Event
from notifications.rendering import render
from notifications.selectors import inbox_items
from sites.models import Site, User
from stock import services
from stock.approvals import RepriceApproval
from stock.models import AskedPrice, StockHint, Vehicle, VehicleChange, VehicleStatus
from stock.overtaken import lapse_overtaken_prices
from stock.watching import look
from tests.approvals.asking import route_all
from tests.cast import MONDAY, make_vehicle, member_of, signed_in

LATER = MONDAY + timedelta(hours=1)
LOWEST, ASKED = 15_000_00, 14_653_00  # a gap of 347 €
SECRETS = ("347 €", "15 000 €")


@pytest.fixture
def car(in_rhone: None, lyon: Site) -> Vehicle:
    return make_vehicle(lyon, min_price=LOWEST)


@pytest.fixture
def asked(car: Vehicle, sophie: User, claire: User) -> ApprovalRequest:
    """Sophie, who manages the stock and may not know the lowest price, asks Claire."""
    return ask(car, sophie)


def ask(car: Vehicle, by: User, at: datetime = MONDAY) -> ApprovalRequest:
    done = services.reprice(vehicle_id=car.pk, cents=ASKED, by=member_of(by), at=at, reason="Vieille")
    assert done.request is not None
    return done.request


def decide(request: ApprovalRequest, by: User, verdict: Status = Status.APPROVED) -> None:
    decide_request(request_id=request.pk, verdict=verdict, by=member_of(by), at=LATER)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def read(person: User, path: str) -> str:
    return plain(signed_in(person).get(path).content.decode())


# --- What the asker may know ---


def test_the_asker_reads_neither_gap_nor_lowest_price_and_the_approver_the_gap(
    car: Vehicle, sophie: User, claire: User
):
    asked = ask(car, sophie, at=now())
    pages = ("/approvals/", asked.get_absolute_url(), car.get_absolute_url())

    his = [read(sophie, page) for page in pages]
    hers = [read(claire, page) for page in pages]

    assert not [secret for page in his for secret in SECRETS if secret in page]
    assert all("14 653 €" in page for page in his)
    assert all("347 €" in page for page in hers[:2])
    assert "15 000 €" in hers[2]


def test_the_api_tells_the_gap_to_the_approver_alone(asked: ApprovalRequest, sophie: User, claire: User):
    amounts = [
        signed_in(person).get(f"/api/v1/approvals/{asked.pk}/").json()["amount"]
        for person in (sophie, claire)
    ]

    assert amounts == [None, 347_00]


@pytest.mark.parametrize("verdict", [Status.APPROVED, Status.REFUSED])
def test_a_settled_request_keeps_the_gap_from_its_asker(
    asked: ApprovalRequest, car: Vehicle, sophie: User, claire: User, verdict: Status
):
    decide(asked, claire, verdict)

    his = [read(sophie, page) for page in ("/approvals/", asked.get_absolute_url(), car.get_absolute_url())]

    assert not [secret for page in his for secret in SECRETS if secret in page]
    assert "347 €" in read(claire, "/approvals/")


def test_the_answer_rings_without_the_gap_on_every_channel(
    asked: ApprovalRequest, sophie: User, claire: User, remy: User
):
    route_all(asked)
    decide(asked, claire)
    route_all(asked, LATER)

    told = inbox_items(sophie)[0]
    fact = ApprovalDecidedNotice.fact_from(Event.objects.get(type_key="approvals.decided").payload)
    message = render(ApprovalDecidedNotice, fact, sophie.language)

    said = plain(f"{told.title} {told.body} {message.title} {message.body} {message.words(160)}")
    assert "Claire Fontaine" in told.title
    assert not [secret for secret in SECRETS if secret in said]
    assert "plancher, Peugeot" in said
    assert "347 €" in plain(inbox_items(claire)[0].title)


def test_who_may_see_the_lowest_price_reads_the_gap_of_his_own_request(
    car: Vehicle, ursule: User, claire: User
):
    asked = ask(car, ursule)

    assert "347 €" in read(ursule, asked.get_absolute_url())


def test_what_is_below_is_said_without_a_figure(car: Vehicle, sophie: User, claire: User):
    answer = signed_in(sophie).post(
        f"/stock/{car.pk}/price/", {"price": "14653", "reason": "", "seen": car.price}
    )

    assert answer.status_code == 422
    assert not [secret for secret in SECRETS if secret in plain(answer.content.decode())]


# --- What ends it ---


def reprice(car: Vehicle, by: User) -> None:
    services.reprice(vehicle_id=car.pk, cents=15_500_00, by=member_of(by), at=LATER)


def edit(car: Vehicle, by: User) -> None:
    services.edit_vehicle(vehicle_id=car.pk, changes={"price": 15_400_00}, by=member_of(by), at=LATER)


def sell(car: Vehicle, by: User) -> None:
    services.change_status(
        vehicle_id=car.pk, status=VehicleStatus.SOLD, sold_on=LATER.date(), by=member_of(by), at=LATER
    )


def withdraw(car: Vehicle, by: User) -> None:
    services.withdraw_vehicle(vehicle_id=car.pk, by=member_of(by), at=LATER)


def erase(car: Vehicle, by: User) -> None:
    services.erase_vehicle(vehicle_id=car.pk, by=member_of(by), at=LATER)


@pytest.mark.parametrize(
    ("deed", "word"),
    [(reprice, "Ursule Blanc"), (edit, "Ursule Blanc"), (sell, "Vendu"), (withdraw, "Retiré"), (erase, "effacé")],
)  # fmt: skip
def test_what_overtakes_the_request_ends_it_and_tells_the_asker(
    asked: ApprovalRequest,
    car: Vehicle,
    sophie: User,
    claire: User,
    ursule: User,
    deed: Callable[[Vehicle, User], None],
    word: str,
):
    route_all(asked)

    deed(car, ursule)
    route_all(asked, LATER)

    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == (Status.WITHDRAWN, ursule)
    assert word in asked.comment
    assert asked.comment in inbox_items(sophie)[0].body
    assert inbox_items(claire)[0].is_closed
    assert ApprovalStep.objects.filter(request=asked, kind="withdrawn").count() == 1
    with pytest.raises(AlreadyDecided):
        decide(asked, claire)


def test_control_other_changes_leave_it_open(asked: ApprovalRequest, car: Vehicle, ursule: User):
    services.edit_vehicle(vehicle_id=car.pk, changes={"colour": "Bleu"}, by=member_of(ursule), at=LATER)
    services.change_status(vehicle_id=car.pk, status=VehicleStatus.RESERVED, by=member_of(ursule), at=LATER)

    asked.refresh_from_db()
    assert asked.status == Status.PENDING


def test_an_approved_price_ends_as_approved(asked: ApprovalRequest, car: Vehicle, claire: User):
    decide(asked, claire)

    asked.refresh_from_db()
    car.refresh_from_db()
    assert (asked.status, car.price) == (Status.APPROVED, ASKED)


def test_a_price_that_is_not_set_after_all_leaves_the_request_open(
    asked: ApprovalRequest, car: Vehicle, ursule: User, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr("approvals.services.deciding.approval_decided.send", broken)
    with pytest.raises(OSError, match="full"):
        reprice(car, ursule)

    asked.refresh_from_db()
    car.refresh_from_db()
    assert (asked.status, car.price) == (Status.PENDING, 15_990_00)
    assert AskedPrice.objects.filter(request=asked).exists()


def test_approving_locks_the_vehicle_before_the_request(
    asked: ApprovalRequest, claire: User, monkeypatch: pytest.MonkeyPatch
):
    """As setting another price does: in two orders, two people would wait for each other."""
    stood: list[str] = []

    def hold(request: ApprovalRequest) -> None:
        stood.append(ApprovalRequest.objects.get(pk=request.pk).status)

    monkeypatch.setattr(RepriceApproval, "hold", hold)
    decide(asked, claire)

    assert stood == [Status.PENDING]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("fr", "Prix changé entre-temps par Quelqu’un qui n’est plus là."),
        ("en", "Price changed meanwhile by Somebody who has left."),
    ],
)
def test_an_import_that_brings_another_price_ends_it_as_well(
    language: str, says: str, asked: ApprovalRequest, car: Vehicle, sophie: User
):
    User.objects.filter(pk=asked.asked_by_id).update(language=language)
    VehicleChange.objects.create(
        group_id=car.group_id, of=car, at=LATER, changes={"price": [15_990_00, 15_200_00]}
    )
    Vehicle.objects.filter(pk=car.pk).update(price=15_200_00)

    ended = [lapse_overtaken_prices(at=LATER) for _time in range(2)]
    route_all(asked, LATER)

    asked.refresh_from_db()
    assert (ended, asked.status, asked.decided_by) == ([1, 0], Status.WITHDRAWN, None)
    assert asked.comment == says
    assert inbox_items(sophie)[0].title.startswith("Retirée : elle n’a plus lieu d’être")


def test_an_import_that_says_it_is_sold_ends_it_by_the_watch(asked: ApprovalRequest, car: Vehicle):
    Vehicle.objects.filter(pk=car.pk).update(status=VehicleStatus.SOLD, sold_at=LATER)
    StockHint.objects.create(group_id=car.group_id, vehicle_ids=[str(car.pk)], since=LATER)

    look(at=LATER)

    asked.refresh_from_db()
    assert (asked.status, asked.comment) == (Status.WITHDRAWN, "Le véhicule n’est plus en stock : Vendu.")


def test_control_an_import_of_before_the_request_leaves_it_open(asked: ApprovalRequest, car: Vehicle):
    before = MONDAY - timedelta(hours=1)
    VehicleChange.objects.create(
        group_id=car.group_id, of=car, at=before, changes={"price": [16_000_00, 15_990_00]}
    )

    assert lapse_overtaken_prices(at=LATER) == 0
