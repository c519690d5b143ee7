"""Celery's side of photos: fetching what feeds name, erasing what was taken away."""

from __future__ import annotations

from celery import shared_task

from core.clock import now
from sites.scope import every_group
from stock.fetching import fetch_photos, vehicles_to_fetch
from stock.services.photos import erase_discarded


@shared_task(name="stock.fetch_photos")
def fetch(group_id: int) -> None:
    """Fetch some photos of the group; once more while addresses are left."""
    if not fetch_photos(at=now()).is_done:
        fetch.apply_async(kwargs={"group_id": group_id}, queue="default")


@shared_task(name="stock.look_for_photos")
def look_for_photos() -> None:
    """Send the fetcher to every group whose feeds have named photos that nobody has fetched."""
    with every_group():
        groups = sorted(set(vehicles_to_fetch().values_list("group_id", flat=True)))
    for group_id in groups:
        hint(group_id)


def hint(group_id: int) -> None:
    """Say that a group's feeds may have named photos. The message may be lost: the sweep finds them."""
    fetch.apply_async(kwargs={"group_id": group_id}, queue="default")


@shared_task(name="stock.erase_discarded_photos")
def erase() -> None:
    """Erase for good what nobody has put back, in all groups."""
    with every_group():
        erase_discarded(at=now())
