"""The inbox over REST: the list, what changed after a number, and marking as seen or read."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.clock import now
from notifications import selectors, services
from notifications.selectors import InboxState
from sites.api.bodies import Body
from sites.api.problems import INVALID_PARAMETERS, FieldError, Problem
from sites.api.schema import ref
from sites.api.views import TenantAPIView

# A bigint's largest value: beyond it a number cannot be a cursor of ours, and the database would refuse it.
_MOST = 2**63 - 1
_DIGITS = len(str(_MOST))
_PAGE = 50

Id = Annotated[int, msgspec.Meta(ge=1, le=_MOST)]


class ReadBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which notifications to mark: `ids`, or `all`. `read` false puts them back among the unread."""

    ids: Annotated[list[Id], msgspec.Meta(max_length=500)] = []
    all: bool = False
    read: bool = True


class SeenBody(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to this sequence number was on screen."""

    up_to: Annotated[int, msgspec.Meta(ge=0, le=_MOST)]


class ActionSerializer(serializers.Serializer[Any]):
    """A button: `post` is the API path that does the deed; empty when it only opens `url`."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field shadows an option of its class
    post = serializers.CharField(allow_blank=True)


class InboxItemSerializer(serializers.Serializer[Any]):
    """One line of the inbox, in the person's language. `seq` is the number of its latest change."""

    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    key = serializers.CharField()
    category = serializers.CharField()
    icon = serializers.CharField()
    urgency = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField()
    actions = ActionSerializer(many=True)
    subject = serializers.CharField()
    created_at = serializers.DateTimeField()
    is_read = serializers.BooleanField()
    is_closed = serializers.BooleanField()
    closed_text = serializers.CharField(allow_blank=True)


class InboxStateSerializer(serializers.Serializer[Any]):
    """Where the inbox stands: the number of its latest change and how many are unread."""

    head = serializers.IntegerField()
    unread = serializers.IntegerField()


class InboxSerializer(InboxStateSerializer):
    """A page of the inbox, newest first. `next` is the `before` of the following page, null on the last."""

    items = InboxItemSerializer(many=True)
    next = serializers.IntegerField(allow_null=True)


class DeltaSerializer(InboxStateSerializer):
    """What changed, in the order of the changes. `more`: ask again after the last item's `seq`."""

    items = InboxItemSerializer(many=True)
    more = serializers.BooleanField()


class InboxView(TenantAPIView):
    @extend_schema(
        operation_id="inbox_list",
        summary=_("List the inbox"),
        description=_("The caller's inbox, newest first."),
        parameters=[
            OpenApiParameter("before", int, description=cast("str", _("Show what is older than this id."))),
            OpenApiParameter("unread", bool, description=cast("str", _("Only what is unread."))),
        ],
        responses=InboxSerializer,
    )
    def get(self, request: Request) -> Response:
        """The caller's inbox, newest first."""
        items = selectors.inbox_items(
            self.user,
            before_id=_number(request, "before"),
            unread_only=request.query_params.get("unread", "") in {"1", "true"},
            limit=_PAGE,
        )
        state = selectors.inbox_state(self.user.pk)
        following = items[-1].id if len(items) == _PAGE else None
        page = {"head": state.head, "unread": state.unread, "items": items, "next": following}
        return Response(InboxSerializer(page).data)


class InboxDeltaView(TenantAPIView):
    @extend_schema(
        operation_id="inbox_delta",
        summary=_("What changed in the inbox"),
        description=_("What changed in the caller's inbox after a sequence number."),
        parameters=[
            OpenApiParameter("after", int, description=cast("str", _("The last number the caller knows.")))
        ],
        responses=DeltaSerializer,
    )
    def get(self, request: Request) -> Response:
        """What changed in the caller's inbox after a sequence number."""
        delta = selectors.changes_after(self.user, _number(request, "after") or 0)
        return Response(DeltaSerializer(delta).data)


class InboxReadView(TenantAPIView):
    body = Body(ReadBody)

    @extend_schema(
        operation_id="inbox_read",
        summary=_("Mark as read"),
        description=_("Mark notifications as read, or as unread again."),
        request={"application/json": ref(ReadBody)},
        responses=InboxStateSerializer,
    )
    def post(self, request: Request) -> Response:
        """Mark notifications as read, or as unread again."""
        wanted = self.body.read(request._request)  # noqa: SLF001 - REST framework's name for Django's request
        return _state(self._mark(wanted))

    def _mark(self, wanted: ReadBody) -> InboxState:
        if not wanted.read:
            return services.mark_unread(user=self.user, notification_ids=wanted.ids, at=now())
        if wanted.all:
            return services.mark_all_read(user=self.user, at=now())
        return services.mark_read(user=self.user, notification_ids=wanted.ids, at=now())


class InboxSeenView(TenantAPIView):
    body = Body(SeenBody)

    @extend_schema(
        operation_id="inbox_seen",
        summary=_("Mark as seen"),
        description=_("Note that the lines up to a sequence number were on screen."),
        request={"application/json": ref(SeenBody)},
        responses=InboxStateSerializer,
    )
    def post(self, request: Request) -> Response:
        """Note that the lines up to a sequence number were on screen."""
        wanted = self.body.read(request._request)  # noqa: SLF001 - REST framework's name for Django's request
        services.mark_seen(user=self.user, up_to_seq=wanted.up_to, at=now())
        return _state(selectors.inbox_state(self.user.pk))


def _state(state: InboxState) -> Response:
    return Response(InboxStateSerializer({"head": state.head, "unread": state.unread}).data)


def _number(request: Request, name: str) -> int | None:
    """A query parameter that must be a number of ours; absent is None."""
    text = request.query_params.get(name)
    if text is None:
        return None
    # Length first: Python refuses to read a number of thousands of digits, zeros in front included.
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= _MOST):
        raise Problem(INVALID_PARAMETERS, errors=[FieldError(name, _("Expected a whole number."))])
    return int(text)
