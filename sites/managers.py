"""The manager that refuses to answer outside a tenant scope."""

from typing import TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.manager import DisabledQuerySet

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class GroupManager(models.Manager[M_co]):
    """`django_scopes.ScopedManager(group="group")` with types: rows of the open scope's group, or an error.

    Raises `django_scopes.exceptions.ScopeError` at the first use of a query built without a scope.
    """

    def get_queryset(self) -> models.QuerySet[M_co]:
        scope = get_scope()
        if not scope.get("_enabled", True):
            return super().get_queryset()
        if "group" not in scope:
            refusing: models.QuerySet[M_co] = DisabledQuerySet(
                self.model, using=self._db, missing_scopes={"group"}
            )
            return refusing
        return super().get_queryset().filter(group=scope["group"])

    def all(self) -> models.QuerySet[M_co]:
        """Like `get_queryset`; Django's own `all` would hand out the refusing queryset unevaluated."""
        rows = super().all()
        return rows.all() if isinstance(rows, DisabledQuerySet) else rows
