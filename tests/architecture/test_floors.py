"""Every app stands on one floor and looks only downwards; import-linter reads imports, this reads the rest."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model

from tests.architecture.sources import ROOT, packages, pyproject


def floors() -> dict[str, int]:
    """Height of each package in the contract; neighbours (`a | b`) share a floor."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    rows = enumerate(reversed(layers))
    return {package.strip(): height for height, row in rows for package in row.split("|")}


def looks_up(source: str, target: str, heights: dict[str, int]) -> bool:
    """Whether `source` reaches a floor above its own, or a neighbour on it."""
    if source == target or target not in heights:
        return False
    return heights[target] >= heights[source]


def upward_keys(models: Iterable[type[Model]], heights: dict[str, int]) -> list[str]:
    """Foreign keys, written as strings or not, that reach a floor above their own model's."""
    found = []
    for model in models:
        for field in model._meta.get_fields():
            related = field.related_model if field.concrete else None
            if isinstance(related, type) and looks_up(package_of(model), package_of(related), heights):
                found.append(f"{model._meta.label}.{field.name} -> {related._meta.label}")
    return found


def package_of(model: type[Model]) -> str:
    return model.__module__.partition(".")[0]


def own_models() -> list[type[Model]]:
    own = set(packages())
    return [model for model in apps.get_models() if package_of(model) in own]


def test_every_own_app_has_a_floor():
    linted = pyproject()["tool"]["importlinter"]["root_packages"]

    assert sorted(floors()) == packages() == sorted(linted)


def test_every_folder_that_is_an_app_is_installed():
    configs = [path for package in packages() for path in (ROOT / package).rglob("apps.py")]
    ours = [path.parent for path in configs if "AppConfig)" in path.read_text(encoding="utf-8")]

    names = {".".join(path.relative_to(ROOT).parts) for path in ours}

    assert names == set(settings.OWN_APPS)


def test_foreign_keys_point_downwards():
    assert upward_keys(own_models(), floors()) == []


def test_a_foreign_key_upwards_is_noticed():
    upside_down = {package: -height for package, height in floors().items()}

    assert upward_keys(own_models(), upside_down)


def test_migrations_depend_downwards():
    labels = {config.label: config.name.partition(".")[0] for config in apps.get_app_configs()}
    heights = floors()

    upward = [
        f"{app}.{name} -> {dependency}"
        for (app, name), migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()
        for dependency, _ in migration.dependencies
        if labels[app] in heights and looks_up(labels[app], labels.get(dependency, ""), heights)
    ]

    assert upward == []
