"""The facts of a transfer, made from its rows: vehicle, people and both sites are loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sites.access import Member
from stock.models import Transfer
from stock.signals import TransferAnswered, TransferAsked, TransferEnded, TransferStarted
from stock.transfer_words import Outcome


def asked(transfer: Transfer) -> TransferAsked:
    """Somebody wants the vehicle."""
    return TransferAsked(
        **_told(transfer),
        occurred_at=transfer.asked_at,
        actor_id=transfer.asked_by_id,
        site_id=transfer.from_site_id,
    )


def answered(transfer: Transfer, outcome: Outcome, *, by: Member | None, at: datetime) -> TransferAnswered:
    """The question has an end. Whose vehicle is sent at once hears that it left, not that he has an answer as well."""
    told = _told(transfer)
    if outcome == Outcome.SENT:
        told["asker_id"] = None
    return TransferAnswered(**told, **_end(transfer, outcome, by, at), site_id=transfer.from_site_id)


def started(transfer: Transfer, *, by: Member, at: datetime) -> TransferStarted:
    """The vehicle is under way."""
    return TransferStarted(
        **_told(transfer),
        occurred_at=at,
        actor_id=by.user.pk,
        site_id=transfer.to_site_id,
        by_name=by.user.full_name,
        expected_on=transfer.expected_on,
    )


def finished(
    transfer: Transfer, outcome: Outcome, *, by: Member | None, at: datetime, told_at: int
) -> TransferEnded:
    """It arrived or came to nothing; `told_at` is the site that has to hear of it."""
    return TransferEnded(**_told(transfer), **_end(transfer, outcome, by, at), site_id=told_at)


def _end(transfer: Transfer, outcome: Outcome, by: Member | None, at: datetime) -> dict[str, Any]:
    return {
        "occurred_at": at,
        "actor_id": by.user.pk if by else None,
        "outcome": outcome.value,
        "by_name": by.user.full_name if by else "",
        "answer": transfer.remarks if outcome == Outcome.RECEIVED else transfer.answer,
    }


def _told(transfer: Transfer) -> dict[str, Any]:
    vehicle = transfer.vehicle
    return {
        "group_id": transfer.group_id,
        "vehicle_id": vehicle.pk,
        "vehicle": vehicle.short_label,
        "site_name": vehicle.site.name,
        "price": vehicle.price,
        "currency": vehicle.currency,
        "transfer_id": transfer.pk,
        "from_name": transfer.from_site.name,
        "to_name": transfer.to_site.name,
        "asker_id": transfer.asked_by_id,
        "asker_name": transfer.asked_by.full_name,
        "reason": transfer.reason,
        "customer_name": transfer.customer_name,
    }
