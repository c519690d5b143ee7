"""Lead sources: how each website or portal hands out its leads, and which key it posts with."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import LeadSource
from sites.admin_base import GroupOwnedAdmin, OneGroupForm


class OriginsField(forms.CharField):
    """Web addresses, one a line; kept as the browser names them in `Origin`: scheme and host, nothing more."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in (super().to_python(value) or "").splitlines())
        return [_origin(line) for line in lines if line]


class LeadSourceForm(OneGroupForm):
    """A source with its origins as a list to type. The model comes with each request, when the scope is open."""

    allowed_origins = OriginsField(
        label=gettext_lazy("Allowed origins"),
        required=False,
        help_text=gettext_lazy("Web addresses whose forms may post here, one a line: https://www.dealer.fr"),
    )


@admin.register(LeadSource)
class LeadSourceAdmin(GroupOwnedAdmin):
    """Leads of customers are not edited here: they have pages of their own, with the rules of the claim."""

    form = LeadSourceForm
    fields = ["group", "site", "name", "kind", "mode", "api_key", "allowed_origins"]
    list_display = ["name", "site", "kind", "mode", "api_key"]
    list_filter = ["mode", "kind", "site"]
    list_select_related = ["site", "api_key"]
    search_fields = ["name"]


def _origin(line: str) -> str:
    """Scheme and host of an address. Raises ValidationError with a sentence."""
    parts = urlsplit(line)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise forms.ValidationError(
            _("“%(line)s” is no web address. Write it like https://www.dealer.fr.") % {"line": line[:80]}
        )
    return f"{parts.scheme}://{parts.netloc}".lower()
