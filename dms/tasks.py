"""The roof's own task: the heartbeat of the workers."""

from celery import shared_task

from dms import heartbeat


@shared_task(name="dms.heartbeat")
def beat_heart(queue: str) -> None:
    """Say that a worker reads `queue`."""
    heartbeat.record(f"queue:{queue}")
