"""Vehicles between two sites: asked for, accepted or refused, sent, received. One conditional UPDATE decides each step.

Until somebody receives it, a vehicle stands on the site that it leaves: it is never on two sites, and never on none.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock import transfer_facts as facts
from stock.access import ASK, TRANSFER, VIEW
from stock.models import OPEN_TRANSFERS, Transfer, TransferState, Vehicle
from stock.services.moving import move_vehicle
from stock.services.refusals import OtherCurrency, StockNotAllowed, VehicleGone
from stock.services.writing import locked, write
from stock.signals import transfer_answered, transfer_asked, transfer_ended, transfer_started
from stock.transfer_words import Outcome

_S = TransferState
_PEOPLE_AND_PLACES = (
    "vehicle__site", "from_site", "to_site", "asked_by", "decided_by", "sent_by", "received_by", "cancelled_by",
)  # fmt: skip


class TransferNotFound(Exception):
    """There is no such transfer, or the person may not know of it; the two must look alike."""


class SiteNotFound(Exception):
    """There is no such site in the group."""


class StandsThere(Exception):
    """The vehicle stands on that site already."""


class Standing(Exception):
    """A transfer stands in the way: `transfer`, its people and sites loaded."""

    def __init__(self, transfer: Transfer) -> None:
        super().__init__(transfer.pk, transfer.state)
        self.transfer = transfer


class OnItsWay(Standing):
    """The vehicle has an open transfer already."""


class TransferMoved(Standing):
    """Somebody was faster: the transfer is no longer what the person wanted to answer."""


class MileageTooLow(Exception):
    """A vehicle does not arrive with fewer kilometres than the `known` ones."""

    def __init__(self, known: int) -> None:
        super().__init__(known)
        self.known = known


def with_people() -> tuple[str, ...]:
    """What sentences and facts about a transfer need beside it."""
    return _PEOPLE_AND_PLACES


def ask_for_vehicle(
    *, vehicle_id: UUID, to_site_id: int, by: Member, at: datetime, reason: str = "", customer_name: str = ""
) -> Transfer:
    """Want a vehicle of another site, for a customer or for the stock; its stock manager hears at once.

    Raises:
        VehicleNotFound, SiteNotFound.
        StockNotAllowed: the person may not ask for that site.
        VehicleGone, StandsThere, OtherCurrency: it cannot come.
        OnItsWay: somebody has asked already, or it is under way.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by)
        to_site = _site(to_site_id)
        if not by.can(ASK, to_site.pk):
            raise StockNotAllowed(to_site_id)
        _check_may_go(vehicle, to_site)
        transfer = _created(vehicle, to_site, by, at, reason=reason, customer_name=customer_name)
        transfer_asked.send(facts.asked(transfer))
    return transfer


def accept_transfer(*, transfer_id: UUID, by: Member, at: datetime) -> Transfer:
    """The site gives the vehicle away; the asker hears at once. The same answer again changes nothing.

    Raises TransferNotFound, StockNotAllowed, VehicleGone, and TransferMoved when a colleague was faster.
    """
    with transaction.atomic():
        transfer = _to_decide(transfer_id, by)
        if transfer.vehicle.is_gone:
            raise VehicleGone(transfer.vehicle_id)
        return _answer(transfer, _S.ACCEPTED, Outcome.ACCEPTED, by=by, at=at)


def refuse_transfer(*, transfer_id: UUID, by: Member, at: datetime, answer: str = "") -> Transfer:
    """The site keeps the vehicle; `answer` says why. Raises TransferNotFound, StockNotAllowed, TransferMoved."""
    with transaction.atomic():
        transfer = _to_decide(transfer_id, by)
        return _answer(transfer, _S.REFUSED, Outcome.REFUSED, by=by, at=at, answer=answer)


def start_transfer(
    *, transfer_id: UUID, by: Member, at: datetime, expected_on: date | None = None
) -> Transfer:
    """The vehicle leaves: after « yes », or at once instead of it. The receiving site hears of it.

    Raises TransferNotFound, StockNotAllowed, VehicleGone, TransferMoved.
    """
    with transaction.atomic():
        transfer = _to_decide(transfer_id, by)
        if transfer.vehicle.is_gone:
            raise VehicleGone(transfer.vehicle_id)
        sent = {"sent_by": by.user, "sent_at": at, "expected_on": expected_on}
        if not _step(transfer, _S.ACCEPTED, _S.UNDER_WAY, **sent):
            if not _step(transfer, _S.ASKED, _S.UNDER_WAY, decided_by=by.user, decided_at=at, **sent):
                return _standing(transfer, _S.UNDER_WAY, by)
            transfer_answered.send(facts.answered(transfer, Outcome.SENT, by=by, at=at))
        transfer_started.send(facts.started(transfer, by=by, at=at))
    return transfer


def send_vehicle(
    *,
    vehicle_id: UUID,
    to_site_id: int,
    by: Member,
    at: datetime,
    expected_on: date | None = None,
    reason: str = "",
) -> Transfer:
    """Send a vehicle to another site without having been asked; a request of that very site is answered by it.

    Raises VehicleNotFound, SiteNotFound, StockNotAllowed, VehicleGone, StandsThere, OtherCurrency, OnItsWay.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, TRANSFER)
        to_site = _site(to_site_id)
        asked = open_transfer_of(vehicle.pk)
        if asked is not None and asked.to_site_id == to_site.pk and asked.state != _S.UNDER_WAY:
            return start_transfer(transfer_id=asked.pk, by=by, at=at, expected_on=expected_on)
        _check_may_go(vehicle, to_site)
        sent = {"state": _S.UNDER_WAY, "sent_by": by.user, "sent_at": at, "expected_on": expected_on}
        transfer = _created(vehicle, to_site, by, at, reason=reason, **sent)
        transfer_started.send(facts.started(transfer, by=by, at=at))
    return transfer


def receive_transfer(
    *, transfer_id: UUID, mileage: int, by: Member, at: datetime, remarks: str = ""
) -> Transfer:
    """The vehicle has arrived, with so many kilometres: from now on it stands here. Both sides hear of it.

    A vehicle that was sold on its way arrives like any other. Raises TransferNotFound, StockNotAllowed,
    MileageTooLow, TransferMoved.
    """
    with transaction.atomic():
        transfer = found(transfer_id, by)
        if not by.can(TRANSFER, transfer.to_site_id):
            raise StockNotAllowed(transfer_id)
        vehicle = locked(transfer.vehicle_id, by)
        arrival = {"received_by": by.user, "received_at": at, "mileage": mileage, "remarks": remarks}
        if not _step(transfer, _S.UNDER_WAY, _S.RECEIVED, **arrival):
            return _standing(transfer, _S.RECEIVED, by)
        # Behind the step: who comes second hears who was first, not that the first one read more kilometres.
        if vehicle.mileage is not None and mileage < vehicle.mileage:
            raise MileageTooLow(vehicle.mileage)
        moved = move_vehicle(vehicle_id=vehicle.pk, to_site=transfer.to_site, by=by, at=at)
        write(moved, {"mileage": mileage}, by=by, at=at)
        fact = facts.finished(transfer, Outcome.RECEIVED, by=by, at=at, told_at=transfer.from_site_id)
        transfer_ended.send(fact)
    return transfer


def cancel_transfer(*, transfer_id: UUID, by: Member, at: datetime, answer: str = "") -> Transfer:
    """Call it off: whoever asked and the receiving site until it leaves, both sites while it is under way.

    Raises TransferNotFound, StockNotAllowed, TransferMoved.
    """
    with transaction.atomic():
        transfer = found(transfer_id, by)
        states = _cancellable(transfer, by)
        if not states:
            raise StockNotAllowed(transfer_id)
        words = {"cancelled_by": by.user, "cancelled_at": at, "answer": answer}
        left = next((state for state in states if _step(transfer, state, _S.CANCELLED, **words)), None)
        if left is None:
            return _standing(transfer, _S.CANCELLED, by)
        tell_end(transfer, Outcome.CANCELLED, left=left, by=by, at=at)
    return transfer


def tell_end(
    transfer: Transfer, outcome: Outcome, *, left: TransferState, at: datetime, by: Member | None = None
) -> None:
    """State that a transfer came to an end while it was in the state `left`, in the caller's transaction."""
    if left == _S.ASKED:
        transfer_answered.send(facts.answered(transfer, outcome, by=by, at=at))
        return
    sender_did_it = by is None or by.can(TRANSFER, transfer.from_site_id)
    told_at = transfer.to_site_id if sender_did_it else transfer.from_site_id
    transfer_ended.send(facts.finished(transfer, outcome, by=by, at=at, told_at=told_at))


def may_cancel(transfer: Transfer, member: Member) -> bool:
    """Whether he may call it off as it stands."""
    return TransferState(transfer.state) in _cancellable(transfer, member)


def found(transfer_id: UUID, by: Member) -> Transfer:
    """The transfer with its people and places: the group's transfers are everybody's who sees its stock.

    Raises TransferNotFound.
    """
    rows = Transfer.objects.select_related(*_PEOPLE_AND_PLACES).filter(pk=transfer_id)
    transfer = rows.first() if by.can(VIEW) else None
    if transfer is None:
        raise TransferNotFound(transfer_id)
    return transfer


def open_transfer_of(vehicle_id: UUID) -> Transfer | None:
    """The one that the vehicle has now."""
    rows = Transfer.objects.select_related(*_PEOPLE_AND_PLACES)
    return rows.filter(vehicle_id=vehicle_id, state__in=OPEN_TRANSFERS).first()


def _to_decide(transfer_id: UUID, by: Member) -> Transfer:
    transfer = found(transfer_id, by)
    if not by.can(TRANSFER, transfer.from_site_id):
        raise StockNotAllowed(transfer_id)
    return transfer


def _answer(
    transfer: Transfer, state: TransferState, outcome: Outcome, *, by: Member, at: datetime, answer: str = ""
) -> Transfer:
    if not _step(transfer, _S.ASKED, state, decided_by=by.user, decided_at=at, answer=answer):
        return _standing(transfer, state, by)
    transfer_answered.send(facts.answered(transfer, outcome, by=by, at=at))
    return transfer


def _step(transfer: Transfer, before: TransferState, after: TransferState, **values: object) -> bool:
    """The compare-and-set; the object follows the row when it was this one that moved it."""
    rows = Transfer.objects.filter(pk=transfer.pk, state=before)
    if not rows.update(state=after, **values):
        return False
    for name, value in {"state": after, **values}.items():
        setattr(transfer, name, value)
    return True


def _standing(transfer: Transfer, wanted: TransferState, by: Member) -> Transfer:
    """What stands instead of the wanted step: the person's own same one, or the news of a colleague's."""
    now_is = Transfer.objects.select_related(*_PEOPLE_AND_PLACES).get(pk=transfer.pk)
    doer = {
        _S.ACCEPTED: now_is.decided_by_id,
        _S.REFUSED: now_is.decided_by_id,
        _S.UNDER_WAY: now_is.sent_by_id,
        _S.RECEIVED: now_is.received_by_id,
        _S.CANCELLED: now_is.cancelled_by_id,
    }[wanted]
    if now_is.state == wanted and doer == by.user.pk:
        return now_is
    raise TransferMoved(now_is)


def _cancellable(transfer: Transfer, by: Member) -> tuple[TransferState, ...]:
    sends, receives = by.can(TRANSFER, transfer.from_site_id), by.can(TRANSFER, transfer.to_site_id)
    if receives:
        return (_S.ASKED, _S.ACCEPTED, _S.UNDER_WAY)
    own = (_S.ASKED, _S.ACCEPTED) if transfer.asked_by_id == by.user.pk else ()
    sender = (_S.ACCEPTED, _S.UNDER_WAY) if sends else ()
    return tuple(dict.fromkeys((*own, *sender)))


def _check_may_go(vehicle: Vehicle, to_site: Site) -> None:
    """The caller has locked the vehicle: nobody sells it or asks for it meanwhile."""
    if vehicle.is_gone:
        raise VehicleGone(vehicle.pk)
    if vehicle.site_id == to_site.pk:
        raise StandsThere(vehicle.pk)
    if currency_of(to_site.country) != vehicle.currency:
        raise OtherCurrency(vehicle.pk)
    standing = open_transfer_of(vehicle.pk)
    if standing is not None:
        raise OnItsWay(standing)


def _created(vehicle: Vehicle, to_site: Site, by: Member, at: datetime, **fields: object) -> Transfer:
    return Transfer.objects.create(
        group_id=vehicle.group_id,
        vehicle=vehicle,
        from_site=vehicle.site,
        to_site=to_site,
        asked_by=by.user,
        asked_at=at,
        **fields,
    )


def _site(site_id: int) -> Site:
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise SiteNotFound(site_id)
    return site
