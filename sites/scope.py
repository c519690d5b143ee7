"""The tenant scope: inside it every query sees one group only; outside it a query raises.

`with group_scope(group_id):` is opened by the middleware, the Celery base task, the socket consumer and
the API key. `every_group()` is for the few cross-tenant chores (sweeps, health) and for nothing else.
"""

from contextlib import AbstractContextManager

from django_scopes import scope, scopes_disabled


def group_scope(group_id: int) -> AbstractContextManager[None]:
    """Restrict every scoped manager to this group's rows until the block ends. Nests; the inner one wins."""
    manager: AbstractContextManager[None] = scope(group=group_id)
    return manager


def every_group() -> AbstractContextManager[None]:
    """Lift the restriction for a chore that looks after all tenants. The only door to unscoped queries."""
    manager: AbstractContextManager[None] = scopes_disabled()
    return manager
