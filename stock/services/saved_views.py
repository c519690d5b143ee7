"""Views of the stock list under a name: kept, changed and put in order by the person whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from sites.access import Member
from stock.models import ChosenColumns, SavedView

# More pills than anybody finds again.
MOST_VIEWS = 40


class ViewNotFound(Exception):
    """There is no such view, or it is a colleague's: the two must look alike."""


class NameTaken(Exception):
    """The person has a view of this name already."""


class TooManyViews(Exception):
    """The person has as many views as anybody may have."""


def save_view(*, name: str, query: str, columns: Sequence[str], is_shared: bool, by: Member) -> SavedView:
    """Keep a filter under a name, at the end. Raises NameTaken, TooManyViews."""
    with transaction.atomic():
        mine = SavedView.objects.select_for_update().filter(user=by.user)
        if len(mine) >= MOST_VIEWS:
            raise TooManyViews(by.user.pk)
        if any(view.name == name for view in mine):
            raise NameTaken(name)
        return SavedView.objects.create(
            group_id=by.group_id,
            user=by.user,
            name=name,
            query=query,
            columns=list(columns),
            is_shared=is_shared,
            position=max((view.position for view in mine), default=-1) + 1,
        )


def change_view(*, view_id: int, by: Member, **values: Any) -> SavedView:
    """Change name, sharing, filter or columns of one's own view. Raises ViewNotFound, NameTaken."""
    with transaction.atomic():
        view = _own(view_id, by)
        name = values.get("name", view.name)
        if SavedView.objects.filter(user=by.user, name=name).exclude(pk=view.pk).exists():
            raise NameTaken(name)
        for field, value in values.items():
            setattr(view, field, value)
        view.save(update_fields=list(values))
    return view


def move_view(*, view_id: int, by: Member, up: bool) -> None:
    """One place towards the beginning or the end. Raises ViewNotFound."""
    with transaction.atomic():
        mine = list(SavedView.objects.select_for_update().filter(user=by.user).order_by("position", "name"))
        place = next((at for at, view in enumerate(mine) if view.pk == view_id), None)
        if place is None:
            raise ViewNotFound(view_id)
        view = mine.pop(place)
        mine.insert(max(0, place - 1) if up else place + 1, view)
        for position, other in enumerate(mine):
            other.position = position
        SavedView.objects.bulk_update(mine, ["position"])


def delete_view(*, view_id: int, by: Member) -> dict[str, Any]:
    """Remove one's own view; what `restore_view` needs to bring it back. Raises ViewNotFound."""
    with transaction.atomic():
        view = _own(view_id, by)
        view.delete()
    return {
        "name": view.name,
        "query": view.query,
        "columns": view.columns,
        "is_shared": view.is_shared,
        "position": view.position,
    }


def restore_view(*, deleted: Mapping[str, Any], by: Member) -> SavedView:
    """Bring back what `delete_view` took away, in its place. Raises NameTaken."""
    with transaction.atomic():
        if SavedView.objects.select_for_update().filter(user=by.user, name=deleted["name"]).exists():
            raise NameTaken(deleted["name"])
        return SavedView.objects.create(group_id=by.group_id, user=by.user, **deleted)


def choose_columns(*, keys: Sequence[str], by: Member) -> None:
    """Keep what the person's table shows."""
    ChosenColumns.objects.update_or_create(
        user=by.user,
        defaults={"keys": list(keys)},
        create_defaults={"keys": list(keys), "group_id": by.group_id},
    )


def _own(view_id: int, by: Member) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, user=by.user).first()
    if view is None:
        raise ViewNotFound(view_id)
    return view
