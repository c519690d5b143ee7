"""The deeds that an alert carries: giving a vehicle away, keeping it, putting it in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.clock import now
from sites.api.bodies import Body
from sites.api.problems import NOT_ALLOWED, NOT_FOUND, Problem
from sites.api.views import TenantAPIView
from stock.access import VIEW
from stock.api import action_documentation as doc
from stock.api.action_shapes import HighlightOut, RefusalBody, TransferOut
from stock.models import Transfer
from stock.services import highlight
from stock.services.refusals import StockNotAllowed, VehicleGone, VehicleNotFound
from stock.transfer_words import stands
from stock.transferring import TransferMoved, TransferNotFound, accept_transfer, refuse_transfer


class Accept(TenantAPIView):
    """The button « Accept »."""

    permissions: ClassVar[dict[str, str]] = {"POST": VIEW}

    @extend_schema(**doc.ACCEPT)
    def post(self, _request: Request, transfer_id: UUID) -> HttpResponse:
        """Give the vehicle to the site that asks."""
        return _answered(lambda: accept_transfer(transfer_id=transfer_id, by=self.member, at=now()))


class Refuse(TenantAPIView):
    """The button « Refuse »."""

    permissions: ClassVar[dict[str, str]] = {"POST": VIEW}
    body = Body(RefusalBody)

    @extend_schema(**doc.REFUSE)
    def post(self, request: Request, transfer_id: UUID) -> HttpResponse:
        """Keep the vehicle, with a word that says why."""
        said = self.body.read(request._request)  # noqa: SLF001 - REST framework's name for Django's request
        return _answered(
            lambda: refuse_transfer(
                transfer_id=transfer_id, by=self.member, at=now(), answer=said.answer.strip()
            )
        )


class Highlight(TenantAPIView):
    """The button « Highlight »."""

    permissions: ClassVar[dict[str, str]] = {"POST": VIEW}

    @extend_schema(**doc.HIGHLIGHT)
    def post(self, _request: Request, vehicle_id: UUID) -> HttpResponse:
        """Put the vehicle in front."""
        at = now()
        try:
            vehicle = highlight(vehicle_id=vehicle_id, by=self.member, at=at)
        except VehicleNotFound:
            raise Problem(NOT_FOUND) from None
        except StockNotAllowed:
            raise Problem(NOT_ALLOWED) from None
        except VehicleGone:
            raise Problem(doc.VEHICLE_GONE) from None
        return _json(HighlightOut(id=vehicle.pk, highlighted_at=vehicle.highlighted_at or at))


def _answered(deed: Callable[[], Transfer]) -> HttpResponse:
    try:
        transfer = deed()
    except TransferNotFound:
        raise Problem(NOT_FOUND) from None
    except StockNotAllowed:
        raise Problem(NOT_ALLOWED) from None
    except VehicleGone:
        raise Problem(doc.VEHICLE_GONE) from None
    except TransferMoved as lost:
        extra = {"state": lost.transfer.state}
        raise Problem(doc.TRANSFER_MOVED, detail=stands(lost.transfer), extra=extra) from None
    return _json(
        TransferOut(
            id=transfer.pk,
            vehicle=transfer.vehicle_id,
            state=transfer.state,
            from_site=transfer.from_site.slug,
            to_site=transfer.to_site.slug,
            detail=stands(transfer),
        )
    )


def _json(answer: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")
