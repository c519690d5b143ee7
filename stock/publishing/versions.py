"""Since when an outlet shows what it shows: a portal that comes every quarter of an hour mostly hears « unchanged »."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, FloatField, Func, Sum

from stock.models import Outlet
from stock.publishing.cars import published, sites_of

# Raise it when a feed's columns or words change: whoever kept a copy then fetches it anew.
FORMAT = 1


class _Stamp(Func):
    """A moment as a number. The sum over all rows changes with each of them, however late a writer commits.

    The latest moment would not do: an import that began earlier commits rows older than the last one seen.
    """

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Milliseconds from a near day, so that a sum of many stays exact.
        return self.as_sql(
            compiler, connection, template="(JULIANDAY(%(expressions)s) - 2460000.5) * 86400000", **context
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="EXTRACT(EPOCH FROM %(expressions)s)", **context)


@dataclass(frozen=True)
class Version:
    """The content of an outlet: a word for it, and since when it is so."""

    tag: str
    changed_at: datetime

    def tag_of(self, *forms: str) -> str:
        """The HTTP entity tag of one representation."""
        return f'"{hashlib.sha256("|".join((self.tag, *forms)).encode()).hexdigest()[:32]}"'


def version_of(outlet: Outlet, *, at: datetime) -> Version:
    """The outlet's content as it is now, inside its group's scope. Notes on the outlet when it has changed.

    HTTP dates know whole seconds, so a second change within one counts for the next.
    """
    tag = _tag(outlet)
    if tag != outlet.version or outlet.changed_at is None:
        before = outlet.changed_at
        outlet.version = tag
        outlet.changed_at = at if before is None else max(at, before + timedelta(seconds=1))
        Outlet.objects.filter(pk=outlet.pk).update(version=tag, changed_at=outlet.changed_at)
    return Version(tag, outlet.changed_at)


def _tag(outlet: Outlet) -> str:
    cars = published(outlet).order_by().aggregate(count=Count("pk"), stamps=Sum(_Stamp("updated_at")))
    sites = sites_of(outlet).order_by("pk").values_list("pk", "name", "phone", "country", "group__name")
    choice = (outlet.kinds, outlet.published_statuses, outlet.with_priceless)
    parts = (FORMAT, settings.PUBLIC_URL, list(sites), choice, cars["count"], cars["stamps"])
    return hashlib.sha256(repr(parts).encode()).hexdigest()
