"""Celery's side of the road: translate a hint into one call."""

from __future__ import annotations

import logging

from celery import shared_task

from core.clock import now
from notifications import canaries, delivery, digests, measuring, receipts, recovery, sweep
from notifications.channels import outbox
from notifications.choices import Channel
from notifications.ledger import keeping

logger = logging.getLogger(__name__)


@shared_task(name="notifications.send")
def send(channel: str, group_id: int) -> None:
    """Tell what was held until now, send one turn of what is due on the channel, and queue up again for the rest.

    Behind the others, so that a group with much to send, or a provider that answers slowly, holds up neither
    the other groups nor the heartbeat of the queue.
    """
    gathered = _gathered(Channel(channel))
    if delivery.deliver_due(Channel(channel), at=now()) or gathered:
        send.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue=channel)


def _gathered(channel: Channel) -> int:
    """Digests that cannot be told keep nothing else from leaving."""
    try:
        return digests.tell_due(channel, at=now())
    except Exception:
        logger.exception("The digests of %s cannot be told", channel)
        return 0


@shared_task(name="notifications.settle")
def settle(channel: str, group_id: int) -> None:
    """Find out what became of interrupted messages, and send what never left. Sending must not wait for it."""
    if recovery.settle_unknown(Channel(channel), at=now()):  # a database that died interrupts hundreds
        settle.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue="default")
    send.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue=channel)


@shared_task(name="notifications.sweep")
def sweep_all() -> None:
    """Find what every hint missed, in all groups."""
    work = sweep.run(at=now())
    for group_id, channel in work.to_send:
        send.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue=channel)
    for group_id, channel in work.to_settle:
        settle.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue="default")


@shared_task(name="notifications.apply_receipts")
def apply_receipts() -> None:
    """Apply the receipts whose message has become known since they came, in all groups."""
    receipts.apply_waiting(at=now())


@shared_task(name="notifications.forget_receipts")
def forget_receipts() -> None:
    """Once a day: drop receipts that nobody will ask about any more."""
    receipts.forget_old(at=now())


@shared_task(name="notifications.forget_words")
def forget_words() -> None:
    """Once a day: drop the words that a later attempt replaced or whose messages have gone."""
    outbox.forget_unused_words()


@shared_task(name="notifications.measure")
def measure() -> None:
    """Bring the measures of every group up to now."""
    measuring.measure_all(at=now())


@shared_task(name="notifications.count_nights")
def count_nights() -> None:
    """Count the nights of the no-loss ledger that are due, in every group."""
    keeping.count_all(at=now())


@shared_task(name="notifications.fly_canaries")
def fly_canaries() -> None:
    """Let a canary fly on every channel where it is time."""
    canaries.fly(at=now())
