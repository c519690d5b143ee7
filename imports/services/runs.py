"""Runs: looked at before, started, cancelled, let go on, undone."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.db import IntegrityError, transaction

from core.clock import now
from imports import declarations, storage
from imports.access import check_sites, feed_for, run_for
from imports.declarations import Setting
from imports.files import limits
from imports.files.refusals import FileTooBig
from imports.files.unpacking import unpacked
from imports.models import ACTIVE, Feed, Run, RunState, Step
from imports.preview import Preview, preview_of
from imports.running.finishing import told
from imports.running.watch import note
from imports.signals import ImportMovedOn, import_moved_on
from imports.tasks import hint, hint_to_fetch
from sites.access import Member

_FILE_NAME = 200
_CHUNK = 1024 * 1024


class RunIsOpen(Exception):
    """The feed has a run that is not over yet."""

    def __init__(self, run: Run | None) -> None:
        super().__init__("run is open")
        self.run = run


class NotNow(Exception):
    """The run is in another state than the one in which this can be done."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.state)
        self.run = run


def inspect_file(*, file: IO[bytes], file_name: str, feed: Feed) -> Preview:
    """What the file would become for this feed; nothing is kept of it. Raises `Refused`.

    What it is shows in its first bytes: `file_name` only lends its suffix to the copy.
    """
    with tempfile.NamedTemporaryFile(suffix=_suffix_of(file_name)) as copy, unpacked(file) as plain:
        size = 0
        while chunk := plain.read(_CHUNK):
            size += len(chunk)
            if size > limits.MAX_BYTES:
                raise FileTooBig(most=limits.MAX_BYTES // 1024 // 1024)
            copy.write(chunk)
        copy.flush()
        setting = Setting(feed, tuple(feed.sites.order_by("pk")), now())
        return preview_of(Path(copy.name), declarations.get(feed.importer), setting)


def _suffix_of(file_name: str) -> str:
    suffix = Path(file_name).suffix[1:9]
    return f".{suffix}" if suffix.isascii() and suffix.isalnum() else ""


def start_run(*, feed_id: int, file: IO[bytes], file_name: str, by: Member, at: datetime) -> Run:
    """Keep the file and have a worker import it.

    Raises:
        FeedNotFound, NotAllowed: not his feed, or not all of its sites are his.
        RunIsOpen: one at a time.
        Refused: empty, or larger than a file of rows is.
    """
    feed = feed_for(by, feed_id)
    check_sites(by, {site.pk for site in feed.sites.all()})
    return begin(feed=feed, file=file, file_name=file_name, by=by, at=at)


def begin(
    *, feed: Feed, file: IO[bytes], file_name: str, by: Member | None, at: datetime, mail_key: str = ""
) -> Run:
    """Start a run for whoever has the right to: the feed's own schedule has. Of one mail there is one run.

    A file that comes by itself takes the place of one about which nobody has decided. Raises `RunIsOpen`, `Refused`.
    """
    open_run = Run.objects.filter(feed=feed, state__in=ACTIVE).first()
    if open_run is not None and (by is not None or open_run.state != RunState.STOPPED):
        raise RunIsOpen(open_run)
    kept = storage.keep(file, group_id=feed.group_id)
    if open_run is not None and not _overtaken(open_run, at):
        raise RunIsOpen(open_run)
    run = Run(
        group_id=feed.group_id,
        feed=feed,
        file_name=Path(file_name.replace("\\", "/")).name[:_FILE_NAME] or "file",
        size=kept.size,
        digest=kept.digest,
        mail_key=mail_key,
        asked_by=by.user if by else None,
        created_at=at,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            transaction.on_commit(lambda: hint(run.pk, run.group_id), robust=True)
    except IntegrityError:
        raise RunIsOpen(Run.objects.filter(feed=feed, state__in=ACTIVE).first()) from None
    return run


def _overtaken(run: Run, at: datetime) -> bool:
    """End a run that was stopped, because a newer file has come; False for any other."""
    with transaction.atomic():
        stopped = Run.objects.filter(pk=run.pk, state=RunState.STOPPED)
        if not stopped.update(state=RunState.CANCELLED, finished_at=at):
            return False
        note(run, "overtaken", at=at)
        import_moved_on.send(ImportMovedOn(**told(run, at)))
    return True


def fetch_now(*, feed_id: int, by: Member, at: datetime) -> None:  # noqa: ARG001 - every service is told when
    """Have a worker fetch the feed's file at once. Raises `FeedNotFound`, `NotAllowed`, `RunIsOpen`."""
    feed = feed_for(by, feed_id)
    check_sites(by, {site.pk for site in feed.sites.all()})
    if open_run := Run.objects.filter(feed=feed, state__in=ACTIVE).first():
        raise RunIsOpen(open_run)
    transaction.on_commit(lambda: hint_to_fetch(feed.pk, feed.group_id))


def cancel_run(*, run_id: UUID, by: Member, at: datetime) -> Run:
    """End a run between two chunks; what was written stays. Raises `RunNotFound`, `NotAllowed`, `NotNow`."""
    run = _own(run_id, by)
    mine = Run.objects.filter(pk=run.pk)
    running = mine.filter(state=RunState.RUNNING).exclude(step=Step.UNDOING)
    ended = {"state": RunState.CANCELLED, "finished_at": at, "cancel_asked_at": at}
    with transaction.atomic():
        if mine.filter(state=RunState.STOPPED).update(**ended):
            note(run, "cancelled", at=at, written=0)
            import_moved_on.send(ImportMovedOn(**told(run, at), by_name=by.user.full_name))
        elif mine.filter(state=RunState.WAITING).exclude(step=Step.UNDOING).update(**ended):
            note(run, "cancelled", at=at, written=0)
        elif not running.update(cancel_asked_at=at):
            raise NotNow(run)
    run.refresh_from_db()
    return run


def go_on_with_run(*, run_id: UUID, by: Member, at: datetime) -> Run:
    """Somebody has looked at what would vanish and wants it all the same. Raises as `cancel_run`."""
    run = _own(run_id, by)
    with transaction.atomic():
        stopped = Run.objects.filter(pk=run.pk, state=RunState.STOPPED)
        if not stopped.update(state=RunState.WAITING, may_vanish=True, finished_at=None, trouble={}):
            raise NotNow(run)
        note(run, "goes_on", at=at, person=by.user.full_name)
        import_moved_on.send(ImportMovedOn(**told(run, at), by_name=by.user.full_name))
        transaction.on_commit(lambda: hint(run.pk, run.group_id), robust=True)
    run.refresh_from_db()
    return run


def undo_run(*, run_id: UUID, by: Member, at: datetime) -> Run:
    """Have a worker take back what the run did, as far as nobody has touched it since.

    While it does so the feed takes no other file. Raises as `cancel_run`, and `RunIsOpen`.
    """
    run = _own(run_id, by)
    done = Run.objects.filter(pk=run.pk, state__in=(RunState.DONE, RunState.CANCELLED, RunState.FAILED))
    try:
        with transaction.atomic():
            if not done.exclude(created=0, updated=0).update(
                state=RunState.WAITING,
                step=Step.UNDOING,
                position=0,
                trouble={},
                undone_by=by.user,
                cancel_asked_at=None,
                finished_at=None,
            ):
                raise NotNow(run)
            note(run, "undo_asked", at=at, person=by.user.full_name)
            transaction.on_commit(lambda: hint(run.pk, run.group_id), robust=True)
    except IntegrityError:
        raise RunIsOpen(Run.objects.filter(feed_id=run.feed_id, state__in=ACTIVE).first()) from None
    run.refresh_from_db()
    return run


def _own(run_id: UUID, by: Member) -> Run:
    run = run_for(by, run_id)
    check_sites(by, {site.pk for site in run.feed.sites.all()})
    return run
