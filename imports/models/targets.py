"""What a domain app's model stands on when imports may write it: where a row came from, and who has touched it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from imports.models.feeds import Feed
from imports.models.runs import Run
from sites.models import GroupOwned, User


class Imported(GroupOwned):
    """A row that a feed may bring, known to it by `feed_key`.

    `feed_digest` is that of the feed's row as it was taken last (with the feed's mapping and values), so that an equal
    row need not be read again. `kept` names the fields that a person has changed since.
    """

    feed = models.ForeignKey(
        Feed,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
    )
    feed_key = models.CharField(max_length=80, blank=True, editable=False)
    feed_digest = models.CharField(max_length=32, blank=True, editable=False)
    kept: models.JSONField[Any, Any] = models.JSONField(default=list, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "feed_key"],
                condition=Q(feed__isnull=False),
                name="%(class)s_once_a_feed",
            )
        ]


class RowChange(GroupOwned):
    """A step in the history of a row: `changes` is field name → [before, after]. By a person or by a run.

    A concrete one adds `of`, the foreign key to the row. The run is not looked up again for each of its 100,000
    lines: the statement that writes them is its own.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False)
    changes: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        abstract = True
