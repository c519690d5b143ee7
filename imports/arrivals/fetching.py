"""Feeds that are fetched: from a web address or an SFTP server, on their schedule or because somebody asks."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from typing import IO
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from gateways import downloads, sftp
from gateways.http import RefusedAddress, Unreachable
from imports import storage
from imports.arrivals.sealing import SecretLost, unsealed
from imports.files import Refused, limits
from imports.models import Feed, Run, RunState, Way
from imports.running.finishing import told
from imports.running.watch import note
from imports.services.runs import RunIsOpen, begin
from imports.signals import ImportStopped, import_stopped


class NotFetched(Exception):
    """No file came. `reason` is a code whose sentence says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def due_feeds(at: datetime) -> QuerySet[Feed]:
    """The feeds whose time has come."""
    return Feed.objects.filter(due_at__lte=at, is_active=True, every_minutes__isnull=False)


def put_off(feed: Feed, *, at: datetime) -> bool:
    """Give the feed its next time; False when somebody else has just done so."""
    following = at + timedelta(minutes=feed.every_minutes or 0)
    return bool(Feed.objects.filter(pk=feed.pk, due_at=feed.due_at).update(due_at=following))


def fetch(feed: Feed, *, at: datetime) -> Run | None:
    """Fetch the feed's file and start its run; None when it is the one that was taken last, or a run is open."""
    if Run.objects.filter(feed=feed, state__in=(RunState.WAITING, RunState.RUNNING)).exists():
        return None
    with tempfile.TemporaryFile() as file:
        try:
            name = _download(feed, file)
            file.seek(0)
            kept = storage.keep(file, group_id=feed.group_id)
        except NotFetched as failed:
            return _failed(feed, failed.reason, at=at)
        except Refused as refused:
            return _failed(feed, refused.code, at=at)
        if _is_the_last(feed, kept.digest):
            return None
        file.seek(0)
        try:
            return begin(feed=feed, file=file, file_name=name, by=None, at=at)
        except RunIsOpen:
            return None


def _download(feed: Feed, into: IO[bytes]) -> str:
    """The file's name. Raises `NotFetched`."""
    try:
        secret = unsealed(feed.secret)
        if feed.way == Way.SFTP:
            return sftp.download(
                feed.address,
                into,
                account=feed.account,
                secret=secret,
                host_key=feed.host_key,
                max_bytes=limits.MAX_BYTES,
            )
        downloads.download(
            feed.address, into, max_bytes=limits.MAX_BYTES, account=feed.account, secret=secret
        )
    except _FAILURES as failure:
        raise NotFetched(_reason(failure)) from failure
    return urlsplit(feed.address).path.rpartition("/")[2] or feed.name


_FAILURES = (
    RefusedAddress,
    Unreachable,
    SecretLost,
    downloads.NotGiven,
    downloads.TooLarge,
    sftp.WrongHostKey,
    sftp.SignInRefused,
    sftp.NoSuchFile,
)
_REASONS: dict[type[Exception], str] = {
    RefusedAddress: "address_refused",
    SecretLost: "secret_lost",
    downloads.TooLarge: "fetched_too_big",
    sftp.WrongHostKey: "wrong_host_key",
    sftp.SignInRefused: "sign_in_refused",
    sftp.NoSuchFile: "no_such_file",
}


def _reason(failure: Exception) -> str:
    if isinstance(failure, downloads.NotGiven):
        return {401: "sign_in_refused", 403: "sign_in_refused", 404: "no_such_file"}.get(
            failure.status, "not_given"
        )
    return _REASONS.get(type(failure), "unreachable")


def _is_the_last(feed: Feed, digest: str) -> bool:
    """Taken, or stopped until somebody looks: it need not come again every hour."""
    last = Run.objects.filter(feed=feed).order_by("-pk").first()
    return last is not None and last.state in (RunState.DONE, RunState.STOPPED) and last.digest == digest


def _failed(feed: Feed, code: str, *, at: datetime) -> Run:
    """A run that never began, so that people see it; told once, not at every attempt."""
    last = Run.objects.filter(feed=feed).order_by("-pk").first()
    if (
        last is not None
        and last.state == RunState.FAILED
        and last.trouble.get("code") == code
        and not last.digest
    ):
        Run.objects.filter(pk=last.pk).update(finished_at=at)
        return last
    with transaction.atomic():
        run = Run.objects.create(
            group_id=feed.group_id,
            feed=feed,
            state=RunState.FAILED,
            file_name=feed.name[:200],
            created_at=at,
            finished_at=at,
            trouble={"code": code, "values": {}},
        )
        note(run, code, at=at)
        import_stopped.send(ImportStopped(**told(run, at), code=code, values={}, is_waiting=False))
    return run
