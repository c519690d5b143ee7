"""A file between its upload and the click that takes it in: one for each person and feed, forgotten after a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from core.clock import now
from imports.models import Feed
from sites.http import MemberRequest

_SESSION_KEY = "imports_held"
_KEPT = timedelta(days=1)
# As long as `Run.file_name` is.
_NAME_LENGTH = 200


class NothingHeld(LookupError):
    """The person has uploaded nothing for this feed, or long ago."""


@dataclass(frozen=True)
class Held:
    """An uploaded file: where it is stored, and what its owner calls it."""

    stored: str
    name: str

    @contextmanager
    def opened(self) -> Iterator[IO[Any]]:
        """The file from its beginning. Raises `NothingHeld`."""
        try:
            file = default_storage.open(self.stored)
        except FileNotFoundError:
            raise NothingHeld(self.name) from None
        with file:
            yield file


def hold(request: MemberRequest, feed: Feed, upload: UploadedFile[Any]) -> Held:
    """Keep the file in the place of one that the person uploaded before for the same feed."""
    let_go(request, feed)
    _forget_old(_folder(request))
    stored = default_storage.save(f"{_folder(request)}/{feed.pk}-{request.member.user.pk}", upload)
    name = (upload.name or "").replace("\0", "")[-_NAME_LENGTH:]
    request.session[_SESSION_KEY] = {**_all(request), str(feed.pk): [stored, name]}
    return Held(stored, name)


def held(request: MemberRequest, feed: Feed) -> Held:
    """What the person has uploaded for the feed. Raises `NothingHeld`."""
    try:
        stored, name = _all(request)[str(feed.pk)]
    except KeyError:
        raise NothingHeld(feed.pk) from None
    return Held(stored, name)


def let_go(request: MemberRequest, feed: Feed) -> None:
    """Erase it: it was taken in, or another came in its place."""
    kept = _all(request)
    stored, _name = kept.pop(str(feed.pk), ("", ""))
    if stored:
        default_storage.delete(stored)
        request.session[_SESSION_KEY] = kept


def _all(request: MemberRequest) -> dict[str, list[str]]:
    """By feed; the session is the person's own, and its server's alone to write."""
    return dict(request.session.get(_SESSION_KEY, {}))


def _folder(request: MemberRequest) -> str:
    return f"imports/held/{request.member.group_id}"


def _forget_old(folder: str) -> None:
    """Files of people who uploaded and never came back."""
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if now() - default_storage.get_modified_time(path) > _KEPT:
            default_storage.delete(path)
