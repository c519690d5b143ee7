"""Panels that apps add to a vehicle's page: the leads on it, who looks for such a car.

A panel is one declaration in an app's `panels.py`, found when Django starts like notices are: the stock app knows
nothing of the apps above it. One that has nothing to say for this vehicle and reader is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from sites.access import Member
from stock.models import Vehicle

Fill = Callable[[Vehicle, Member, datetime], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Panel:
    """What stands on the page: `template` is rendered with what `fill` returns; `order` rises from top to bottom."""

    key: str
    title: str | Promise
    icon: str
    template: str
    order: int
    fill: Fill


@dataclass(frozen=True)
class FilledPanel:
    """A panel for one vehicle and one reader."""

    panel: Panel
    content: dict[str, Any]


_panels: dict[str, Panel] = {}


def panel(
    key: str, *, title: str | Promise, icon: str, template: str, order: int = 50
) -> Callable[[Fill], Fill]:
    """Declare a panel: decorates the function that fills it, or returns None. A key is taken once."""

    def declare(fill: Fill) -> Fill:
        if key in _panels:
            raise ImproperlyConfigured(f"Panel {key!r} is declared twice")
        _panels[key] = Panel(key, title, icon, template, order, fill)
        return fill

    return declare


def forget(key: str) -> None:
    """Take a panel out again: for tests that declare one."""
    _panels.pop(key, None)


def discover() -> None:
    """Import every app's `panels` module, and the stock's own `wanted_panels`."""
    autodiscover_modules("panels", "wanted_panels")


def filled_for(vehicle: Vehicle, member: Member, at: datetime) -> list[FilledPanel]:
    """The panels that have something to say, in their order."""
    filled = [(panel, panel.fill(vehicle, member, at)) for panel in sorted(_panels.values(), key=_place)]
    return [FilledPanel(panel, content) for panel, content in filled if content is not None]


def _place(panel: Panel) -> tuple[int, str]:
    return panel.order, panel.key
