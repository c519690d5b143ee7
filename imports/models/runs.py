"""One file of a feed on its way into the product: progress, log, faults, and what is no longer in it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from imports.models.feeds import Feed
from sites.models import GroupOwned, User, group_without_index


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped: somebody has to look")
    DONE = "done", _("Done")
    FAILED = "failed", _("Not readable")
    CANCELLED = "cancelled", _("Cancelled")
    UNDONE = "undone", _("Undone")


# Of these a feed has one at a time.
ACTIVE = (RunState.WAITING, RunState.RUNNING, RunState.STOPPED)


class Step(models.TextChoices):
    READING = "reading", _("Reading the file")
    COMPARING = "comparing", _("Comparing")
    WRITING = "writing", _("Writing")
    FINISHING = "finishing", _("Finishing")
    UNDOING = "undoing", _("Undoing")


class Run(GroupOwned):
    """One file. Every row of it ends in exactly one of the four counts: their sum is `total` when it is done.

    `written` is the number of the last row whose outcome is committed: after a kill the run goes on behind it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = group_without_index()
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs", verbose_name=_("feed"))
    state = models.CharField(_("state"), max_length=10, choices=RunState.choices, default=RunState.WAITING)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.READING)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(default=0)  # bytes
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the file
    mail_key = models.CharField(
        max_length=64, blank=True, editable=False
    )  # what tells its mail from any other
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    # Bytes of the file that were read; while it is undone, the last line of the history that was dealt with.
    position = models.BigIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)
    may_vanish = models.BooleanField(default=False)  # somebody has looked and wants it all the same
    trouble = models.JSONField(
        default=dict
    )  # code and values of the sentence that says why it stopped or failed
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=["feed"], condition=Q(state__in=[*ACTIVE]), name="run_one_at_a_time"
            ),
            # a provider brings a mail again when it did not hear our answer
            models.UniqueConstraint(
                fields=["feed", "mail_key"], condition=~Q(mail_key=""), name="run_of_a_mail_once"
            ),
        ]
        indexes = [
            # a feed's runs, newest first
            models.Index(fields=["feed", "-id"], name="run_of_feed"),
            # a group's runs, newest first
            models.Index(fields=["group", "-id"], name="run_of_group"),
            # sweep: what waits, and what a dead worker left
            models.Index(
                fields=["lease_until"], condition=Q(state__in=["waiting", "running"]), name="run_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.get_state_display()}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class RunStep(GroupOwned):
    """A line of a run's log. `code` names a sentence, `values` fill it."""

    group = group_without_index()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    code = models.CharField(max_length=40)
    values: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.code


class Fault(GroupOwned):
    """A row that could not be taken: as it was read (`cells`, column → text), and what is wrong with it.

    `problems` is a list of {column, field, value, code, values}; `outcome` what the row became once `fixed_by` had
    corrected it.
    """

    group = group_without_index()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="faults")
    number = models.PositiveIntegerField()  # of the row in the file; the header is row 1
    cells: models.JSONField[Any, Any] = models.JSONField(default=dict)
    problems: models.JSONField[Any, Any] = models.JSONField(default=list)
    fixed_at = models.DateTimeField(null=True)
    fixed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=10, blank=True)  # created, updated or unchanged, once fixed

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="fault_once_a_row")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class Gone(GroupOwned):
    """What the feed had before and its file has no longer: proposed for removal, decided by a person."""

    group = group_without_index()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="gone")
    key = models.CharField(max_length=80)
    target = models.UUIDField()  # id of the row in the importer's own table
    label = models.CharField(max_length=200)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    was_removed = models.BooleanField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="gone_once_a_run")]

    def __str__(self) -> str:
        return self.label
