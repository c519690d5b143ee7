"""Every model with a tenant's data is scoped, and nobody steps around the scope."""

from __future__ import annotations

import ast

import pytest
from django.db.models import Model
from django_scopes import scopes_disabled
from django_scopes.exceptions import ScopeError

from sites.models import GroupOwned, Site
from tests.architecture.sources import name_of, python_files, tree_of
from tests.architecture.test_floors import own_models

# Model -> why it may be read outside a scope.
UNSCOPED = {
    "sites.Group": "is the tenant",
    "notifications.Inbox": "is a bare counter, found only by the id of the person it belongs to",
    "notifications.ProviderReceipt": "arrives before anybody knows whose message it is about; see below",
    "sites.User": "signing in happens before a scope is known; colleagues are listed through Membership",
}
# Name that steps around the scope -> the files that may use it, each for the reason it states.
WAYS_AROUND = {
    "scopes_disabled": {"sites/scope.py"},
    # docs/architecture.md tells why each of these
    "every_group": {
        "approvals/tasks.py",
        "dms/demo/views.py",
        "dms/health.py",
        "imports/arrivals/mail.py",
        "imports/tasks.py",
        "leads/api/sources.py",
        "leads/tasks.py",
        "notifications/channels/outbox.py",
        "notifications/push_devices.py",
        "notifications/receipts.py",
        "notifications/sweep.py",
        "sites/admin_site.py",
        "sites/keys.py",
        "stock/photo_tasks.py",
        "stock/tasks.py",
        "stock/publishing/outlets.py",
    },
    "_base_manager": {"sites/models.py"},
    # Has no group, so no page and no API may read it.
    "ProviderReceipt": {
        "notifications/models/__init__.py",
        "notifications/models/receipts.py",
        "notifications/receipts.py",
    },
}


def scoped_models() -> list[type[Model]]:
    return [model for model in own_models() if model._meta.label not in UNSCOPED]


def detours(tree: ast.Module) -> set[str]:
    """Names from `WAYS_AROUND` that a file mentions."""
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return names & set(WAYS_AROUND)


@pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model._meta.label)
def test_a_tenant_model_has_a_group_and_refuses_to_work_outside_a_scope(model: type[Model]):
    assert issubclass(model, GroupOwned)
    assert not model._meta.get_field("group").null
    with pytest.raises(ScopeError):
        model._default_manager.count()


@pytest.mark.django_db
def test_the_refusal_comes_from_the_scope():
    with scopes_disabled():
        assert Site.objects.count() == 0


def test_every_exception_is_still_a_model():
    labels = {model._meta.label for model in own_models()}

    assert set(UNSCOPED) <= labels


def test_nobody_steps_around_the_scope():
    found = {name_of(path): detours(tree_of(path)) for path in python_files()}

    breaches = {
        f"{path}: {name}" for path, names in found.items() for name in names if path not in WAYS_AROUND[name]
    }

    assert breaches == set()


def test_a_step_around_the_scope_is_noticed():
    assert detours(ast.parse("from django_scopes import scopes_disabled")) == {"scopes_disabled"}
    assert detours(ast.parse("with every_group(): Lead.objects.all()")) == {"every_group"}
    assert detours(ast.parse("Lead._base_manager.all()")) == {"_base_manager"}
    assert detours(ast.parse("ProviderReceipt.objects.all()")) == {"ProviderReceipt"}
