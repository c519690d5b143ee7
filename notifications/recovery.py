"""After a crash: leases that ran out become `unknown`, and an unknown is settled by looking, not by guessing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from notifications import letters, results
from notifications.channels.base import DeliveryError, adapter_for
from notifications.choices import Channel, DeliveryState
from notifications.models import Delivery

logger = logging.getLogger(__name__)

# How many are looked up in one run, and when a provider that could not tell is asked again.
PER_RUN = 20
ASK_AGAIN_AFTER = timedelta(minutes=5)


def expire_leases(*, at: datetime) -> int:
    """Mark what was being sent when its worker died. Runs for the groups of the open scope; how many."""
    expired = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lt=at)
    return expired.update(state=DeliveryState.UNKNOWN, lease_until=None, due_at=at)


def settle_unknown(channel: Channel, *, at: datetime) -> bool:
    """Find out what became of interrupted messages of the scope's group; whether there may be more than one run takes.

    Where a repetition does no harm (same push tag, same Message-ID) the message is sent again. Elsewhere the
    provider is asked whether it left; while it does not answer, the message stays `unknown` (/healthz counts
    them) and is asked for again later.
    """
    waiting = Delivery.objects.filter(channel=channel, state=DeliveryState.UNKNOWN, due_at__lte=at)
    rows = list(waiting.select_related(*letters.NEEDED_ROWS).order_by("due_at")[:PER_RUN])
    for row in rows:
        try:
            _settle(row, at)
        except DeliveryError as error:
            logger.warning("Delivery %s stays unknown: %s", row.pk, error)
            _change(row, due_at=at + ASK_AGAIN_AFTER)
        except Exception:
            logger.exception("Delivery %s stays unknown", row.pk)
            _change(row, due_at=at + ASK_AGAIN_AFTER)
    return len(rows) == PER_RUN


def _settle(row: Delivery, at: datetime) -> None:
    adapter = adapter_for(Channel(row.channel))
    if adapter.repeat_is_safe:
        _retry(row, at)
        return
    letter = letters.write(row, letters.devices_of([row]))
    found = adapter.find_earlier(letter.message, letter.recipient, row.attempted_at or at)
    if found is None:
        _retry(row, at)
    else:
        _change(row, state=found.state, provider_id=found.provider_id, finished_at=at)


def _retry(row: Delivery, at: datetime) -> None:
    if row.attempts >= results.MAX_ATTEMPTS:
        _change(row, state=DeliveryState.DEAD, finished_at=at)
    else:
        _change(row, state=DeliveryState.FAILED_TEMPORARY, due_at=at)


def _change(row: Delivery, **changes: object) -> None:
    """Only while nobody else settled it: the token is that of the interrupted attempt."""
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.UNKNOWN, lease_token=row.lease_token).update(
        **changes
    )
