"""Celery's side of the road: translate a hint into one call."""

from __future__ import annotations

from celery import shared_task

from core.clock import now
from notifications import delivery, recovery, routing, sweep
from notifications.choices import Channel


@shared_task(name="notifications.route")
def route(event_ids: list[int], group_id: int) -> None:
    """Route these events of the group, then have what is due sent."""
    routed = routing.route_events(event_ids, at=now())
    for channel in {channel for result in routed for channel in result.channels}:
        send.apply_async(kwargs={"channel": channel.value, "group_id": group_id}, queue=channel.value)


@shared_task(name="notifications.send")
def send(channel: str, group_id: int) -> None:  # noqa: ARG001 - the base task opens the group's scope with it
    """Settle what was interrupted on the channel, then send what is due, batch by batch, until nothing is left."""
    recovery.settle_unknown(Channel(channel), at=now())
    while delivery.deliver_due(Channel(channel), at=now()):
        continue


@shared_task(name="notifications.sweep")
def sweep_all() -> None:
    """Find what every hint missed, in all groups."""
    for group_id, channel in sweep.run(at=now()):
        send.apply_async(kwargs={"channel": channel, "group_id": group_id}, queue=channel)
