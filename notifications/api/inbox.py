"""The inbox over REST: the list, what changed after a number, what is still open, and what was on screen."""

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
from notifications.selectors import Folder, InboxState, Wanted
from sites.api.bodies import Body
from sites.api.problems import INVALID_PARAMETERS, FieldError, Problem
from sites.api.schema import ref
from sites.api.views import TenantAPIView

# A bigint's largest value: beyond it a number cannot be a cursor of ours, and the database would refuse it.
_MOST = 2**63 - 1
_DIGITS = len(str(_MOST))
_PAGE = 50
_MOST_OPEN = 100  # more notifications than any system shows at once
MOST_WORDS = 100  # characters of a search, as in the page's field


class SeenBody(msgspec.Struct, forbid_unknown_fields=True):
    """Everything up to this sequence number was on screen."""

    up_to: Annotated[int, msgspec.Meta(ge=0, le=_MOST)]


class ActionSerializer(serializers.Serializer[Any]):
    """A button: `post` is the API path that does the deed; empty when it only opens `url`. `quiet`: not the main."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field shadows an option of its class
    post = serializers.CharField(allow_blank=True)
    quiet = serializers.BooleanField()


class InboxItemSerializer(serializers.Serializer[Any]):
    """One line of the inbox, in the person's language. `seq` is the number of its latest change.

    `shown_at` is when it came to the top: on arrival, or when it came back from being put off (`is_woken`).
    """

    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    key = serializers.CharField()
    category = serializers.CharField()
    icon = serializers.CharField()
    urgency = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField(allow_blank=True, help_text="Empty when what it is about was erased.")
    actions = ActionSerializer(many=True)
    subject = serializers.CharField()
    times = serializers.IntegerField(help_text="Alerts of its subject that the line stands for.")
    created_at = serializers.DateTimeField()
    shown_at = serializers.DateTimeField()
    is_read = serializers.BooleanField()
    is_closed = serializers.BooleanField()
    is_acted = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    is_woken = serializers.BooleanField()
    snoozed_until = serializers.DateTimeField(allow_null=True)
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


class OpenSerializer(InboxStateSerializer):
    """Where the inbox stands, and which of the alerts that were asked about are unread."""

    open = serializers.ListField(child=serializers.IntegerField())


class InboxView(TenantAPIView):
    @extend_schema(
        operation_id="inbox_list",
        summary=_("List the inbox"),
        description=_("The caller's inbox, newest first."),
        parameters=[
            OpenApiParameter("before", int, description=cast("str", _("Show what is older than this id."))),
            OpenApiParameter("unread", bool, description=cast("str", _("Only what is unread."))),
            OpenApiParameter("folder", enum=Folder.values, description=cast("str", _("Where it lies."))),
            OpenApiParameter("category", str, description=cast("str", _("Only this category."))),
            OpenApiParameter("q", str, description=cast("str", _("Only what mentions these words."))),
        ],
        responses=InboxSerializer,
    )
    def get(self, request: Request) -> Response:
        """The caller's inbox, newest first."""
        items = selectors.inbox_items(
            self.user, before_id=_number(request, "before"), wanted=_wanted(request), limit=_PAGE
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


class InboxOpenView(TenantAPIView):
    @extend_schema(
        operation_id="inbox_open",
        summary=_("What is still open"),
        description=_(
            "Which of these alerts a device should still show: a push that was dealt with elsewhere goes."
        ),
        parameters=[
            OpenApiParameter("ids", str, description=cast("str", _("Their ids, with commas; at most 100.")))
        ],
        responses=OpenSerializer,
    )
    def get(self, request: Request) -> Response:
        """Which of these alerts a device should still show: a push that was dealt with elsewhere goes."""
        head, unread = selectors.inbox_state(self.user.pk)
        open_ids = selectors.still_open(self.user, _numbers(request, "ids"))
        return Response(OpenSerializer({"head": head, "unread": unread, "open": open_ids}).data)


def _state(state: InboxState) -> Response:
    return Response(InboxStateSerializer({"head": state.head, "unread": state.unread}).data)


def _number(request: Request, name: str) -> int | None:
    """A query parameter that must be a number of ours; absent is None."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not _is_number(text):
        raise Problem(INVALID_PARAMETERS, errors=[FieldError(name, _("Expected a whole number."))])
    return int(text)


def _is_number(text: str) -> bool:
    # Length first: Python refuses to read a number of thousands of digits, zeros in front included.
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= _MOST


def _numbers(request: Request, name: str) -> list[int]:
    texts = [text for text in request.query_params.get(name, "").split(",") if text][: _MOST_OPEN + 1]
    if len(texts) > _MOST_OPEN or not all(map(_is_number, texts)):
        raise Problem(
            INVALID_PARAMETERS, errors=[FieldError(name, _("Expected whole numbers, with commas."))]
        )
    return [int(text) for text in texts]


def _wanted(request: Request) -> Wanted:
    """What the list is narrowed to."""
    asked = request.query_params
    unread = asked.get("unread", "") in {"1", "true"}
    folder = asked.get("folder", "") or (Folder.UNREAD if unread else Folder.ALL)
    if folder not in Folder.values:
        raise Problem(INVALID_PARAMETERS, errors=[FieldError("folder", _("This value is not accepted."))])
    words = asked.get("q", "").replace("\x00", "")[:MOST_WORDS]
    return Wanted(
        folder=Folder(folder), category=asked.get("category", "").replace("\x00", "")[:40], words=words
    )
