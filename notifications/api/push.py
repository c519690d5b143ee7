"""Push over REST: the key that a browser subscribes with, and its subscription. The service worker calls it too."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.clock import now
from notifications import push_devices
from notifications.push_devices import BadSubscriptionKeys, UnknownPushService
from sites.api.bodies import Body
from sites.api.problems import INVALID_BODY, NOT_FOUND, FieldError, Kind, Problem
from sites.api.schema import problems, ref
from sites.api.views import TenantAPIView

PUSH_NOT_READY = Kind(
    "push-not-ready",
    503,
    _("Push is not set up here."),
    _("An administrator has to make the push keys first (manage.py make_vapid_keys)."),
)

Endpoint = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Keys(msgspec.Struct, forbid_unknown_fields=True):
    """The browser's public key and secret, base64url."""

    p256dh: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    auth: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class SubscriptionBody(msgspec.Struct, forbid_unknown_fields=True):
    """What `PushSubscription.toJSON()` gives, and the name of the device if the person chose one."""

    endpoint: Endpoint
    keys: Keys
    expirationTime: float | None = None  # noqa: N815 - the browser's spelling
    device_name: Annotated[str, msgspec.Meta(max_length=push_devices.MAX_NAME)] = ""


class EndpointBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which subscription to forget."""

    endpoint: Endpoint


class PushKeySerializer(serializers.Serializer[Any]):
    """`public_key` is the applicationServerKey, base64url."""

    public_key = serializers.CharField()


class DeviceSerializer(serializers.Serializer[Any]):
    """One device of the caller."""

    id = serializers.IntegerField()
    device_name = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class TokenSerializer(serializers.Serializer[Any]):
    """`token` goes into the X-CSRFToken header of what changes something."""

    token = serializers.CharField()


class PushKeyView(TenantAPIView):
    @extend_schema(
        operation_id="push_key",
        summary=_("Read the push key"),
        description=_("The key that browsers subscribe with."),
        responses={(200, "application/json"): PushKeySerializer, **problems(PUSH_NOT_READY)},
    )
    def get(self, request: Request) -> Response:
        """The key that browsers subscribe with."""
        public_key = push_devices.public_key()
        if not public_key:
            raise Problem(PUSH_NOT_READY)
        return Response({"public_key": public_key})


class PushSubscriptionsView(TenantAPIView):
    new = Body(SubscriptionBody)
    old = Body(EndpointBody)

    @extend_schema(
        operation_id="push_subscribe",
        summary=_("Subscribe a device"),
        description=_(
            "Let this browser receive the caller's push messages. A repeated call changes nothing."
        ),
        request={"application/json": ref(SubscriptionBody)},
        responses={201: DeviceSerializer},
    )
    def post(self, request: Request) -> Response:
        """Let this browser receive the caller's push messages. A repeated call changes nothing."""
        wanted = self.new.read(_django(request))
        try:
            device = push_devices.subscribe_push(
                member=self.member,
                endpoint=wanted.endpoint,
                p256dh=wanted.keys.p256dh,
                auth=wanted.keys.auth,
                device_name=wanted.device_name or _browser_of(request),
                at=now(),
            )
        except UnknownPushService:
            raise _refusal("endpoint", _("This is not the address of a push service that we know.")) from None
        except BadSubscriptionKeys:
            raise _refusal("keys", _("These are not the keys of a push subscription.")) from None
        return Response(DeviceSerializer(device).data, status=201)

    @extend_schema(
        operation_id="push_unsubscribe",
        summary=_("Forget a device"),
        description=_("Forget a subscription of the caller."),
        request={"application/json": ref(EndpointBody)},
        responses={204: None, **problems(NOT_FOUND)},
    )
    def delete(self, request: Request) -> Response:
        """Forget a subscription of the caller."""
        wanted = self.old.read(_django(request))
        if not push_devices.unsubscribe_push(user=self.user, endpoint=wanted.endpoint):
            raise Problem(NOT_FOUND)
        return Response(status=204)


class CsrfTokenView(TenantAPIView):
    @extend_schema(
        operation_id="session_csrf",
        summary=_("Read the session's token"),
        description=_(
            "The value of the X-CSRFToken header, for a service worker that has no page to read it from."
        ),
        responses=TokenSerializer,
    )
    def get(self, request: Request) -> JsonResponse:
        """A token for the caller's session: a service worker has no page to read it from.

        Other origins cannot read the answer, because it carries no CORS header.
        """
        return JsonResponse({"token": get_token(_django(request))})


def _django(request: Request) -> HttpRequest:
    return request._request  # noqa: SLF001 - REST framework's name for Django's request


def _browser_of(request: Request) -> str:
    return push_devices.name_of_browser(request.headers.get("User-Agent", ""))


def _refusal(field: str, message: Any) -> Problem:
    return Problem(INVALID_BODY, errors=[FieldError(field, message)])
