"""Photos that feeds name by address: fetched in the background by the safe client, each address once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from gateways import http
from stock.imaging import MOST_BYTES, BadPicture
from stock.models import GONE, Photo, PhotoFetch, Vehicle
from stock.services.photos import MOST_PHOTOS, TooManyPhotos, take_photo
from stock.signals import StockChanged, stock_changed

logger = logging.getLogger(__name__)

# Addresses that one run asks; the next one goes on.
MOST_A_RUN = 60
# Seconds for one photo: others wait behind it.
PATIENCE = 15.0
# What an attempt says of itself while it is made, and for ever when its worker was killed.
UNFINISHED = "unfinished"
# Longer than any run: its addresses, each with the patience for the net and for the darkroom, take 55 minutes at most.
ABANDONED_AFTER = timedelta(hours=1)

Get = Callable[[str], bytes]


class Fault(Exception):
    """No photo came of this address; `code` is kept and shown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Outcome:
    """What a run did. `is_done` is false while addresses are left."""

    taken: int = 0
    faults: int = 0
    is_done: bool = True


@dataclass(frozen=True)
class Addresses:
    """What a vehicle's feed names: the addresses to ask now, and whether another run still has one in hand."""

    new: list[str]
    in_hand: bool


def vehicles_to_fetch() -> QuerySet[Vehicle]:
    """Those of the open group(s) whose photos were not looked at since they changed; who is gone needs none."""
    behind = Q(photos_looked_at__isnull=True) | Q(photos_looked_at__lt=F("updated_at"))
    return Vehicle.objects.filter(behind).exclude(photo_urls=[]).exclude(status__in=GONE)


def fetch_photos(*, at: datetime, get: Get | None = None, most: int = MOST_A_RUN) -> Outcome:
    """Fetch what feeds have named in the open group, up to `most` addresses.

    What a person took away does not come back, because its address was asked once. What a killed run had in hand is
    asked again; until then its vehicle stays among `vehicles_to_fetch`.
    """
    outcome = Outcome()
    left = most
    for vehicle in vehicles_to_fetch().order_by("pk").iterator(chunk_size=100):
        addresses = _addresses(vehicle, at)
        for url in addresses.new[:left]:
            _fetch_one(vehicle, url, outcome, at=at, get=get or _download)
        left -= len(addresses.new)
        if left < 0:
            outcome.is_done = False
            break
        if not addresses.in_hand:
            _settle(vehicle, at=at)
    return outcome


def digest_of(url: str) -> str:
    """By which an address is remembered."""
    return hashlib.sha256(url.encode()).hexdigest()


def _addresses(vehicle: Vehicle, at: datetime) -> Addresses:
    """Those that were never asked to the end, each once, in the feed's order."""
    asked = PhotoFetch.objects.filter(vehicle=vehicle).exclude(_abandoned(at))
    faults = dict(asked.values_list("url_digest", "fault"))
    urls = dict.fromkeys(str(url) for url in vehicle.photo_urls[:MOST_PHOTOS])
    return Addresses(
        new=[url for url in urls if digest_of(url) not in faults], in_hand=UNFINISHED in faults.values()
    )


def _abandoned(at: datetime) -> Q:
    return Q(fault=UNFINISHED, at__lte=at - ABANDONED_AFTER)


def _fetch_one(vehicle: Vehicle, url: str, outcome: Outcome, *, at: datetime, get: Get) -> None:
    """The attempt is noted before it is made: two runs never ask one address both."""
    attempt = PhotoFetch(
        group_id=vehicle.group_id, vehicle=vehicle, url_digest=digest_of(url), fault=UNFINISHED, at=at
    )
    if not _is_ours(attempt):
        return
    fault = _fault_of(vehicle.pk, url, at, get)
    PhotoFetch.objects.filter(vehicle=vehicle, url_digest=attempt.url_digest).update(fault=fault)
    outcome.faults += bool(fault)
    outcome.taken += not fault


def _is_ours(attempt: PhotoFetch) -> bool:
    """Whether this very run makes the attempt: a new one, or one that a killed run has left."""
    same = PhotoFetch.objects.filter(vehicle_id=attempt.vehicle_id, url_digest=attempt.url_digest)
    if same.filter(_abandoned(attempt.at)).update(at=attempt.at):
        return True
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError:
        if same.exists():
            return False
        raise
    return True


def _fault_of(vehicle_id: UUID, url: str, at: datetime, get: Get) -> str:
    """Take the photo in; a short code says why it was not."""
    try:
        take_photo(vehicle_id=vehicle_id, data=get(url), by=None, at=at, source_url=url[:1000])
    except (Fault, BadPicture) as refusal:
        return refusal.code
    except TooManyPhotos:
        return "too_many_photos"
    except Vehicle.DoesNotExist:
        return "vehicle_gone"
    except Exception:
        logger.exception("A photo could not be kept")
        return "failed"
    return ""


def _download(url: str) -> bytes:
    try:
        answer = http.request("GET", url, timeout=PATIENCE, max_body=MOST_BYTES)
    except http.RefusedAddress:
        raise Fault("refused_address") from None
    except http.Unreachable as error:
        raise Fault(f"unreachable_{error}"[:40]) from None
    if answer.status != 200:
        raise Fault(f"status_{answer.status}")
    if answer.is_cut:
        raise Fault("too_heavy")
    return answer.body


def _settle(vehicle: Vehicle, *, at: datetime) -> None:
    """This vehicle's addresses are all asked; whoever shows its photos hears of new ones, also of a killed run's."""
    looked = vehicle.updated_at
    if _has_new(vehicle):
        looked = max(at, vehicle.updated_at)
        Vehicle.objects.filter(pk=vehicle.pk, updated_at=vehicle.updated_at).update(updated_at=looked)
        stock_changed.send(
            StockChanged(
                group_id=vehicle.group_id, occurred_at=at, site_id=vehicle.site_id, vehicle_ids=(vehicle.pk,)
            )
        )
    Vehicle.objects.filter(pk=vehicle.pk).update(photos_looked_at=looked)


def _has_new(vehicle: Vehicle) -> bool:
    """Whether a feed's photo came since its addresses were all asked last."""
    fetched = Photo.objects.filter(vehicle=vehicle).exclude(source_url="")
    last = vehicle.photos_looked_at
    return (fetched if last is None else fetched.filter(added_at__gt=last)).exists()
