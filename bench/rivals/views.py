"""A bare Django view that inserts one row with the ORM; and the same with a PUBLISH after the commit."""

import json
from functools import cache, partial

import redis
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from bench.rivals.models import BareLead
from core.clock import now

CHANNEL = "bench:bare"


@csrf_exempt
def insert(request: HttpRequest) -> JsonResponse:
    """Insert one row and answer its id."""
    return JsonResponse({"id": _insert(request).pk}, status=201)


@csrf_exempt
def insert_and_publish(request: HttpRequest) -> JsonResponse:
    """Insert one row; once it is committed, one PUBLISH."""
    with transaction.atomic():
        row = _insert(request)
        transaction.on_commit(partial(_client().publish, CHANNEL, str(row.pk)))
    return JsonResponse({"id": row.pk}, status=201)


def _insert(request: HttpRequest) -> BareLead:
    body = json.loads(request.body)
    row = BareLead(
        name=f"{body['first_name']} {body['last_name']}",
        email=body["email"],
        phone=body["phone"],
        message=body["message"],
        vehicle=f"{body['vehicle']['make']} {body['vehicle']['model']}",
        received_at=now(),
    )
    row.save(force_insert=True)
    return row


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)
