"""Filing lines of the inbox over REST: read, archived, put off, and each of it undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.clock import now
from notifications import services
from notifications.api.inbox import MOST_WORDS, InboxStateSerializer
from notifications.selectors import Folder, Wanted
from notifications.services import Deed, Filed, SnoozeWithoutHour, Undo
from notifications.snoozing import NoSuchHour, checked_hour, presets_for
from sites.api.bodies import Body
from sites.api.problems import INVALID_BODY, FieldError, Problem
from sites.api.schema import ref
from sites.api.views import TenantAPIView

_MOST = 2**63 - 1  # a bigint's largest value

Id = Annotated[int, msgspec.Meta(ge=1, le=_MOST)]
Ids = Annotated[list[Id], msgspec.Meta(max_length=500)]
Short = Annotated[str, msgspec.Meta(max_length=40)]


class MatchingBody(msgspec.Struct, forbid_unknown_fields=True):
    """Everything that the list would show with these filters; `as_of`: only what was there at that moment."""

    folder: Short = Folder.ALL.value
    category: Short = ""
    q: Annotated[str, msgspec.Meta(max_length=MOST_WORDS)] = ""
    as_of: Short = ""


class ReadBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which notifications to mark: `ids`, or what is `matching`, or `all`. `read` false: unread again."""

    ids: Ids = []
    matching: MatchingBody | None = None
    all: bool = False
    read: bool = True


class ArchiveBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which notifications to archive: `ids`, or what is `matching`. `archived` false brings them back."""

    ids: Ids = []
    matching: MatchingBody | None = None
    archived: bool = True


class SnoozeBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which notifications to put off, and for how long: a `preset`, or `until`. With neither they come back now."""

    ids: Ids = []
    matching: MatchingBody | None = None
    preset: Short = ""
    until: Short = ""


class UndoBody(msgspec.Struct, forbid_unknown_fields=True):
    """What an earlier answer gave as its `undo`."""

    deed: Short
    first: Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
    last: Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
    until: Short | None = None


class UndoSerializer(serializers.Serializer[Any]):
    """Send this to `inbox/undo/` to take the deed back."""

    deed = serializers.CharField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()
    until = serializers.DateTimeField(allow_null=True)


class FiledSerializer(InboxStateSerializer):
    """Where the inbox stands now, how many lines changed, and how to undo it (null: nothing to undo)."""

    changed = serializers.IntegerField()
    undo = UndoSerializer(allow_null=True)


class PresetSerializer(serializers.Serializer[Any]):
    """An hour on offer."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field shadows an option of its class
    until = serializers.DateTimeField()


class InboxReadView(TenantAPIView):
    body = Body(ReadBody)

    @extend_schema(
        operation_id="inbox_read",
        summary=_("Mark as read"),
        description=_("Mark notifications as read, or as unread again."),
        request={"application/json": ref(ReadBody)},
        responses=FiledSerializer,
    )
    def post(self, request: Request) -> Response:
        """Mark notifications as read, or as unread again."""
        wanted = self.body.read(request._request)  # noqa: SLF001 - REST framework's name for Django's request
        everything = Wanted(folder=Folder.UNREAD) if wanted.all and wanted.read else None
        which = everything or _which(wanted.ids, wanted.matching)
        deed = Deed.READ if wanted.read else Deed.UNREAD
        return _filed(services.file_lines(user=self.user, deed=deed, which=which, at=now()))


class InboxArchiveView(TenantAPIView):
    body = Body(ArchiveBody)

    @extend_schema(
        operation_id="inbox_archive",
        summary=_("Archive"),
        description=_("Archive notifications, or bring them back from the archive."),
        request={"application/json": ref(ArchiveBody)},
        responses=FiledSerializer,
    )
    def post(self, request: Request) -> Response:
        """Archive notifications, or bring them back from the archive."""
        wanted = self.body.read(request._request)  # noqa: SLF001
        deed = Deed.ARCHIVE if wanted.archived else Deed.UNARCHIVE
        which = _which(wanted.ids, wanted.matching)
        return _filed(services.file_lines(user=self.user, deed=deed, which=which, at=now()))


class InboxSnoozeView(TenantAPIView):
    body = Body(SnoozeBody)

    @extend_schema(
        operation_id="inbox_snooze_presets",
        summary=_("Hours on offer"),
        description=_(
            "Until when a notification can be put off with one tap, on the clock of one's own site."
        ),
        responses=PresetSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Until when a notification can be put off with one tap, on the clock of one's own site."""
        return Response(PresetSerializer(presets_for(self.member, at=now()).offered, many=True).data)

    @extend_schema(
        operation_id="inbox_snooze",
        summary=_("Put off"),
        description=_("Put notifications off until an hour within a year, or bring them back now."),
        request={"application/json": ref(SnoozeBody)},
        responses=FiledSerializer,
    )
    def post(self, request: Request) -> Response:
        """Put notifications off until an hour within a year, or bring them back now."""
        wanted, at = self.body.read(request._request), now()  # noqa: SLF001
        until = self._hour(wanted, at)
        deed = Deed.SNOOZE if until else Deed.WAKE
        which = _which(wanted.ids, wanted.matching)
        return _filed(services.file_lines(user=self.user, deed=deed, which=which, at=at, until=until))

    def _hour(self, wanted: SnoozeBody, at: datetime) -> datetime | None:
        if wanted.preset:
            return _offered("preset", lambda: presets_for(self.member, at=at).until(wanted.preset))
        if wanted.until:
            return _hour("until", wanted.until, at)
        return None


class InboxUndoView(TenantAPIView):
    body = Body(UndoBody)

    @extend_schema(
        operation_id="inbox_undo",
        summary=_("Undo"),
        description=_(
            "Take an earlier deed back, for the notifications that nothing else has happened to since."
        ),
        request={"application/json": ref(UndoBody)},
        responses=FiledSerializer,
    )
    def post(self, request: Request) -> Response:
        """Take an earlier deed back, for the notifications that nothing else has happened to since."""
        wanted, at = self.body.read(request._request), now()  # noqa: SLF001
        if wanted.deed not in set(Deed):
            raise _refused("deed", _("This value is not accepted."))
        until = _hour("until", wanted.until, at) if wanted.until else None
        taken_back = Undo(Deed(wanted.deed), wanted.first, wanted.last, until)
        try:
            return _filed(services.undo(user=self.user, taken_back=taken_back, at=at))
        except SnoozeWithoutHour:
            raise _refused("until", _("This field is required.")) from None


def _which(ids: list[int], matching: MatchingBody | None) -> services.Which:
    if matching is None:
        return ids
    if matching.folder not in Folder.values:
        raise _refused("matching.folder", _("This value is not accepted."))
    as_of = _instant("matching.as_of", matching.as_of) if matching.as_of else None
    return Wanted(folder=Folder(matching.folder), category=matching.category, words=matching.q, as_of=as_of)


def _hour(field: str, text: str, at: datetime) -> datetime:
    return _offered(field, lambda: checked_hour(_instant(field, text), at=at))


def _offered(field: str, find: Callable[[], datetime]) -> datetime:
    try:
        return find()
    except NoSuchHour:
        raise _refused(field, _("Expected an hour that is still to come, within a year.")) from None


def _instant(field: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _refused(field, _("Expected a moment with its offset, such as 2026-03-02T09:00:00+01:00."))


def _refused(field: str, message: Any) -> Problem:
    return Problem(INVALID_BODY, errors=[FieldError(field, message)])


def _filed(filed: Filed) -> Response:
    head, unread = filed.state
    answer = {"head": head, "unread": unread, "changed": filed.changed, "undo": filed.undo}
    return Response(FiledSerializer(answer).data)
