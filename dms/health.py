"""GET /healthz: what runs and what does not, for load balancers and for people. Tells no secret, needs no sign-in."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import clock
from dms import heartbeat
from dms.celery import app as celery_app
from notifications.canaries import Flight, flights
from notifications.choices import DeliveryState
from notifications.ledger.reading import LedgerHealth, ledger_health
from notifications.models import WAITING_OR_UNKNOWN, Delivery, Event
from notifications.outages import providers_out
from notifications.routing import ALARMING
from sites.scope import every_group

logger = logging.getLogger(__name__)

# Deliveries that still want to leave; what waits for its hour (`due_at` in the future) is not late.
_OPEN = (*WAITING_OR_UNKNOWN, DeliveryState.SENDING)


class Report(TypedDict):
    """What /healthz answers. `oldest_undelivered_seconds` is 0 when nothing waits, None when nobody can tell.

    `providers_out` names the accounts of providers that do not answer; messages leave by the other one, or wait.
    `stuck_events` counts those whose routing failed again and again: they are retried, and want a look at the log.
    `ledger_age_seconds` is that of the group counted longest ago (None: none has been), `ledger_differences` what is
    missing in all nights, `canaries` the seconds of each channel's last one. What `warnings` names wants a person's
    look and leaves the service up: « warning » answers 200, so that no load balancer takes it for dead.
    """

    status: str
    mode: str
    database: bool
    broker: bool
    worker: bool
    beat: bool
    queues: dict[str, bool]
    oldest_undelivered_seconds: float | None
    stuck_events: int | None
    ledger_age_seconds: float | None
    ledger_differences: int | None
    canaries: dict[str, float | None]
    warnings: list[str]
    providers_out: list[str]


@require_safe
@never_cache
def healthz(_: HttpRequest) -> JsonResponse:
    """200 when everything that a lead needs on its way is alive, although something may want a look; 503 otherwise."""
    report = examine(at=clock.now())
    return JsonResponse(report, status=503 if report["status"] == "failing" else 200)


def examine(*, at: datetime) -> Report:
    """Look at each part once. Some short queries, one look at the cache, one ping of the broker."""
    oldest = _oldest_undelivered_seconds(at)
    ages = heartbeat.ages(["beat", *(f"queue:{queue}" for queue in settings.QUEUES)])
    queues = {queue: ages[f"queue:{queue}"] is not None for queue in settings.QUEUES}
    parts = {
        "database": oldest is not None,
        "broker": _succeeds(_reach_broker),
        "worker": all(queues.values()),
        "beat": ages["beat"] is not None,
    }
    proofs = _proofs(at) if parts["database"] else _UNKNOWN
    return Report(
        status=_status(all(parts.values()), proofs),
        mode="embedded" if settings.EMBEDDED else "services",
        database=parts["database"],
        broker=parts["broker"],
        worker=parts["worker"],
        beat=parts["beat"],
        queues=queues,
        oldest_undelivered_seconds=oldest,
        stuck_events=_stuck_events() if parts["database"] else None,
        ledger_age_seconds=proofs.ledger.age_seconds,
        ledger_differences=proofs.ledger.differences,
        canaries={flight.channel.value: flight.seconds for flight in proofs.flights},
        warnings=proofs.warnings,
        providers_out=[outage.name for outage in providers_out()],
    )


@dataclass(frozen=True)
class _Proofs:
    """What the ledger and the canaries say."""

    ledger: LedgerHealth
    flights: Sequence[Flight]

    @property
    def warnings(self) -> list[str]:
        late = [f"canary_late:{flight.channel.value}" for flight in self.flights if flight.is_late]
        overdue = ["ledger_overdue"] if self.ledger.is_overdue else []
        return [*(["ledger_differences"] if self.ledger.differences else []), *overdue, *late]


_UNKNOWN = _Proofs(LedgerHealth(None, None, is_overdue=False), ())


def _proofs(at: datetime) -> _Proofs:
    with every_group():
        ledger = ledger_health(at=at)
    return _Proofs(ledger, flights(at=at))


def _status(is_alive: bool, proofs: _Proofs) -> str:  # noqa: FBT001 - one of two words
    if not is_alive:
        return "failing"
    return "warning" if proofs.warnings else "ok"


def _stuck_events() -> int:
    with every_group():
        return Event.objects.filter(routed_at__isnull=True, attempts__gte=ALARMING).count()


def _oldest_undelivered_seconds(at: datetime) -> float | None:
    """Age of the oldest event that is not routed, or of the oldest message that should have left."""
    try:
        connection.ensure_connection()
        with every_group():
            event = Event.objects.filter(routed_at__isnull=True).aggregate(at=Min("recorded_at"))["at"]
            message = Delivery.objects.filter(state__in=_OPEN, due_at__lte=at).aggregate(at=Min("due_at"))[
                "at"
            ]
    except DatabaseError as error:
        logger.warning("Health: the database does not answer: %s", error)
        return None
    waiting = [since for since in (event, message) if since is not None]
    return round((at - min(waiting)).total_seconds(), 3) if waiting else 0.0


def _reach_broker() -> None:
    with celery_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=1)


def _succeeds(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - every transport raises errors of its own
        logger.warning("Health: the broker does not answer: %s", error)
        return False
    return True
