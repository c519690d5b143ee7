"""Single rows of an importer's table, changed by the engine itself: set back, or let go because they left the feed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from imports.declarations import Importer, Setting


def plain(value: Any) -> Any:
    """As the history keeps it: what JSON can hold."""
    return value.isoformat() if isinstance(value, date) else value


def present(importer: type[Importer], row: Any, name: str) -> Any:
    """A field's value as the history keeps it."""
    return plain(getattr(row, importer.column(name).attname))


def change(
    importer: type[Importer],
    row: Any,
    values: Mapping[str, Any],
    *,
    at: datetime,
    by_id: int | None,
    setting: Setting,
) -> None:
    """Give a locked row values as the history keeps them; note it. The next run reads the row again."""
    changes = {name: [present(importer, row, name), value] for name, value in values.items()}
    for name, value in values.items():
        column = importer.column(name)
        setattr(row, column.attname, value if value is None else column.to_python(value))
    everything = {name: getattr(row, importer.column(name).attname) for name in importer.columns()}
    for name, value in importer.derive(everything, setting).items():
        if value is not None and name not in values and name not in importer.follows:
            setattr(row, importer.column(name).attname, value)
    row.feed_digest = ""
    if importer.touched:
        setattr(row, importer.touched, at)
    row.save()
    importer.history.objects.create(group_id=row.group_id, of=row, at=at, by_id=by_id, changes=changes)  # type: ignore[misc]  # `of` is the concrete model's
