"""The no-loss ledger: one row a night and group."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sites.models import GroupOwned, group_without_index


class LedgerDay(GroupOwned):
    """The equation of one local day: `figures` and `differences` as `ledger.equation` writes them.

    Worked out of the rows and replaced as a whole, so that counting a day twice comes to the same. `unfinished` is
    how much of the day still had its end to come.
    """

    group = group_without_index()
    day = models.DateField()
    figures = models.JSONField()
    differences = models.JSONField(default=list)
    missing = models.PositiveIntegerField(default=0)
    unfinished = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            # also the page: a group's days
            models.UniqueConstraint(fields=["group", "day"], name="ledger_once_a_day")
        ]
        indexes = [
            # /healthz: what is missing anywhere
            models.Index(fields=["missing"], condition=Q(missing__gt=0), name="ledger_differences")
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.missing} missing"
