"""The tenant scope: inside it every query sees one group only; outside it a query raises.

`with group_scope(group_id):` is opened by the middleware, the Celery base task, the socket consumer and
the API key. `every_group()` is for what has no group yet or looks after all of them, and nothing else:
docs/architecture.md lists who calls it, and tests/architecture/test_tenancy.py holds the list.
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
