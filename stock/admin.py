"""Public feeds: which vehicles of which sites the dealer's website and portals receive, and with which key."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sites.admin_base import GroupOwnedAdmin, OneGroupForm
from sites.models import Site
from stock.models import PUBLISHABLE, Kind, Outlet
from stock.models.outlets import new_token

_READ = "stock:read"


class OutletForm(OneGroupForm):
    """An outlet with its statuses and kinds as tick boxes, sites of its own group only, and a key that may read."""

    statuses = forms.MultipleChoiceField(
        label=gettext_lazy("Statuses"),
        choices=[(status.value, status.label) for status in PUBLISHABLE],
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        group = typed.get("group")
        group_id = group.pk if group is not None else self.instance.group_id
        if any(site.group_id != group_id for site in typed.get("sites") or ()):
            self.add_error("sites", _("This belongs to another group."))
        key = typed.get("api_key")
        if key is not None and _READ not in key.scopes:
            self.add_error(
                "api_key", _("This key may not read the stock: give it the scope for public feeds.")
            )
        return typed


@admin.register(Outlet)
class OutletAdmin(GroupOwnedAdmin):
    """A secret address is shown for as long as it works; a new one ends the old one."""

    form = OutletForm
    fields = [
        "group", "name", "sites", "statuses", "kinds", "with_priceless", "api_key", "by_address", "addresses",
        "is_active",
    ]  # fmt: skip
    readonly_fields = ["addresses"]
    list_display = ["name", "shown_sites", "api_key", "by_address", "is_active"]
    list_filter = ["is_active", "sites"]
    list_select_related = ["api_key"]
    search_fields = ["name"]
    actions = ["renew"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outlet]:
        rows: QuerySet[Outlet] = super().get_queryset(request).prefetch_related("sites")
        return rows

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Sites as tick boxes: a group has a dozen."""
        if db_field.name == "sites":
            kwargs |= {"queryset": Site.objects.all(), "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("sites"))
    def shown_sites(self, outlet: Outlet) -> str:
        return ", ".join(site.name for site in outlet.sites.all())

    @admin.display(description=gettext_lazy("secret addresses"))
    def addresses(self, outlet: Outlet) -> str | SafeString:
        """For the portal; empty until the feed is saved with the box ticked."""
        if not outlet.pk or not outlet.by_address:
            return "–"
        table, json = (
            settings.PUBLIC_URL + reverse(f"feeds:{form}", args=[outlet.token]) for form in ("csv", "json")
        )
        return format_html("{}<br>{}", table, json)

    @admin.action(description=gettext_lazy("Give the chosen feeds new secret addresses"))
    def renew(self, request: HttpRequest, chosen: QuerySet[Outlet]) -> None:
        for outlet in chosen:
            outlet.token = new_token()
            outlet.save(update_fields=["token"])
        count = len(chosen)
        told = ngettext("%(count)d feed has a new address.", "%(count)d feeds have new addresses.", count)
        messages.success(request, told % {"count": count})
