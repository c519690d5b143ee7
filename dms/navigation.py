"""The modules of the product, in the order in which the rail and the tab bar show them.

A new module adds one line here; who sees it follows from the permission it names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.kinds import DECIDE
from approvals.selectors import waiting_for
from core.clock import now
from sites.access import Member


@dataclass(frozen=True)
class Waiting:
    """What waits behind a link for a person: `count` is None where nothing ever waits for him.

    An open page reads the number again from `page` when something moves whose subject begins with `subjects`
    (static_src/js/counts.js).
    """

    count: Callable[[Member], int | None]
    page: str
    subjects: str


@dataclass(frozen=True)
class Module:
    """A place to go. `needs` empty means everybody; `counts` shows the inbox's unread number beside it."""

    label: str | Promise
    icon: str
    page: str
    needs: str = ""
    on_phone: bool = True
    counts: bool = False
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Link:
    """A module as one person sees it on one page."""

    module: Module
    url: str
    is_current: bool
    waiting: int | None = None

    @property
    def count_url(self) -> str:
        """Where the number is read again."""
        return reverse(self.module.waiting.page) if self.module.waiting else ""


def _decisions_waiting(member: Member) -> int | None:
    return len(waiting_for(member, now())) if member.can(DECIDE) else None


MODULES = (
    Module(_("Home"), "house-door", "home"),
    Module(_("Leads"), "person-raised-hand", "leads:list", needs="leads.view_lead"),
    Module(_("Stock"), "car-front", "stock:list", needs="stock.view_vehicle"),
    Module(_("Imports"), "file-earmark-arrow-up", "imports:list", needs="imports.run_import", on_phone=False),
    Module(
        _("Approvals"),
        "clipboard-check",
        "approvals:list",
        needs="approvals.view_request",
        waiting=Waiting(_decisions_waiting, "approvals:count", "approval:"),
    ),
    Module(_("Alerts"), "bell", "notifications:inbox", counts=True),
    Module(_("Measures"), "speedometer2", "notifications:measures", needs="notifications.view_measures"),
)

# What a group sets up once and rarely looks at again: at the foot of the rail.
SETTINGS = (
    Module(
        _("Alerts by role"),
        "people",
        "notifications:roles",
        needs="notifications.edit_defaults",
        on_phone=False,
    ),
    Module(_("Outbox"), "send", "notifications:outbox", needs="notifications.view_outbox", on_phone=False),
    Module(_("Administration"), "sliders", "admin:index", needs="sites.manage_group", on_phone=False),
    Module(_("Gallery"), "palette", "gallery", needs="notifications.edit_defaults", on_phone=False),
)


def links(modules: tuple[Module, ...], member: Member, path: str) -> list[Link]:
    """The modules that the person may open; the one whose address begins the longest like `path` is current."""
    mine = [module for module in modules if not module.needs or member.can(module.needs)]
    urls = [reverse(module.page) for module in mine]
    return [
        Link(module, url, _leads_to(path, url), module.waiting.count(member) if module.waiting else None)
        for module, url in zip(mine, urls, strict=True)
    ]


def _leads_to(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
