"""Roles and what each may do, as one table to read. Role identifiers and French names: docs/glossary.md.

A permission is `<app>.<verb>_<noun>`; a domain app names the one it needs, this page says who holds it.
Whether it counts for one site or for all comes from the membership, not from the role.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    SALESPERSON = "salesperson", _("Salesperson")
    SALES_MANAGER = "sales_manager", _("Sales manager")
    USED_CAR_MANAGER = "used_car_manager", _("Used-car manager")
    PURCHASING_MANAGER = "purchasing_manager", _("Purchasing manager")
    STOCK_MANAGER = "stock_manager", _("Stock manager")
    SITE_MANAGER = "site_manager", _("Site manager")
    GROUP_DIRECTOR = "group_director", _("Group director")
    ACCOUNTANT = "accountant", _("Accountant")
    CFO = "cfo", _("Chief financial officer")
    SERVICE_MANAGER = "service_manager", _("Service manager")
    SERVICE_ADVISOR = "service_advisor", _("Service advisor")
    FLEET_MANAGER = "fleet_manager", _("Fleet manager")
    DELIVERY_COORDINATOR = "delivery_coordinator", _("Delivery coordinator")
    MARKETING_MANAGER = "marketing_manager", _("Marketing manager")
    CALL_AGENT = "call_agent", _("Call agent")
    SUPPORT_AGENT = "support_agent", _("Support agent")
    GROUP_ADMIN = "group_admin", _("Group administrator")


# Own leads and the pool; a manager's `view_all` adds the colleagues' leads and their contact details.
_SELLS = {"leads.view_lead", "leads.claim_lead", "approvals.view_request"}
_LEADS_SALES = {"leads.view_lead", "leads.view_all_leads", "leads.claim_lead", "leads.review_quarantine"}

# Own requests; `decide` adds those of the site. Up to which amount, each kind of request says.
_DECIDES = {"approvals.view_request", "approvals.decide_request"}

# Who leads people sees how they are reached: the measures, and who was told of one thing; on his sites or on all.
_STEERS = {"notifications.view_measures", "notifications.view_told"}

# Who deals with customers, cars or their money sees the whole group's stock: a sale may stand on another site.
_SEES_STOCK = {"stock.view_vehicle"}
_ASKS_FOR_STOCK = {*_SEES_STOCK, "stock.ask_for_vehicle", "stock.want_vehicle"}
_KEEPS_STOCK = {
    *_ASKS_FOR_STOCK,
    "stock.edit_vehicle",
    "stock.transfer_vehicle",
    "stock.set_limits",
    "imports.run_import",
}
_PRICES = {"stock.price_vehicle", "stock.see_lowest_price"}
# Purchase price, costs and margin.
_MARGIN = {"stock.see_margin", "stock.see_lowest_price"}

# Held by whoever works here: for what concerns a person as such, like his own digest.
BELONG = "sites.belong"

_HELD: dict[Role, frozenset[str]] = {
    Role.SALESPERSON: frozenset(_SELLS | _ASKS_FOR_STOCK),
    Role.SALES_MANAGER: frozenset(
        _LEADS_SALES | _DECIDES | _STEERS | _ASKS_FOR_STOCK | _PRICES | {"stock.edit_vehicle"}
    ),
    Role.USED_CAR_MANAGER: frozenset(_SELLS | _KEEPS_STOCK | _PRICES | _MARGIN),
    Role.PURCHASING_MANAGER: frozenset(
        _ASKS_FOR_STOCK | _MARGIN | {"stock.edit_vehicle", "stock.set_limits"}
    ),
    Role.STOCK_MANAGER: frozenset(_KEEPS_STOCK | {"approvals.view_request", "stock.price_vehicle"}),
    Role.SITE_MANAGER: frozenset(_LEADS_SALES | _DECIDES | _STEERS | _KEEPS_STOCK | _PRICES | _MARGIN),
    Role.GROUP_DIRECTOR: frozenset(_LEADS_SALES | _DECIDES | _STEERS | _KEEPS_STOCK | _PRICES | _MARGIN),
    Role.ACCOUNTANT: frozenset(_SEES_STOCK | _MARGIN),
    Role.CFO: frozenset(_SEES_STOCK | _MARGIN),
    Role.SERVICE_MANAGER: frozenset(_SEES_STOCK),
    Role.SERVICE_ADVISOR: frozenset(),
    Role.FLEET_MANAGER: frozenset(_SEES_STOCK),
    Role.DELIVERY_COORDINATOR: frozenset(_SEES_STOCK),
    Role.MARKETING_MANAGER: frozenset(
        {"leads.view_lead", "leads.view_all_leads", "leads.review_quarantine"} | _SEES_STOCK
    ),
    Role.CALL_AGENT: frozenset({"leads.view_lead"} | _ASKS_FOR_STOCK),
    Role.SUPPORT_AGENT: frozenset(),
    Role.GROUP_ADMIN: frozenset(
        {
            "leads.view_lead",
            "leads.view_all_leads",
            "sites.manage_group",
            "notifications.view_outbox",
            "notifications.edit_defaults",
            "stock.set_limits",
            "imports.run_import",
            *_STEERS,
            *_SEES_STOCK,
        }
    ),
}

PERMISSIONS: dict[Role, frozenset[str]] = {role: held | {BELONG} for role, held in _HELD.items()}


def roles_holding(permission: str) -> frozenset[Role]:
    """Every role that holds `permission`; empty when nobody does."""
    return frozenset(role for role, held in PERMISSIONS.items() if permission in held)
