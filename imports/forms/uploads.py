"""The file that is dropped on the list of feeds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports import declarations, selectors
from imports.files import limits
from imports.forms.sites import allowed_sites
from imports.models import Feed
from sites.access import Member
from sites.models import Site

# What a file of rows is called; the content decides, this only helps a person find it.
ENDINGS = ".csv,.txt,.tsv,.xlsx,.xml,.json,.zip,.gz"


class UploadForm(forms.Form):
    """A file for a known feed, or for a new one on the ticked sites (the only one when there is no choice)."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ENDINGS, "class": "drop-input"}),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty."),
        },
    )
    feed: forms.ModelChoiceField[Feed] = forms.ModelChoiceField(
        label=gettext_lazy("It comes from"),
        required=False,
        queryset=None,
        empty_label=gettext_lazy("A new feed"),
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": gettext_lazy("Choose one of your feeds.")},
    )
    sites: forms.ModelMultipleChoiceField[Site] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("For these sites"),
        required=False,
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose among your sites.")},
    )
    importer = forms.ChoiceField(
        label=gettext_lazy("It holds"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, member: Member, chosen: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._allowed = allowed_sites(member)
        self._importers = declarations.all_importers()
        field: Any = self.fields
        field["feed"].queryset = selectors.feeds_for(member).filter(is_active=True)
        field["sites"].queryset = Site.objects.filter(pk__in=[site.pk for site in self._allowed])
        field["sites"].choices = [(site.pk, site.name) for site in self._allowed]
        field["sites"].initial = [chosen] if chosen else [site.pk for site in self._allowed[:1]]
        field["importer"].choices = [(one.key, one.name) for one in self._importers]
        if len(self._allowed) == 1:
            del field["sites"]
        if len(self._importers) < 2:
            del field["importer"]

    def clean_file(self) -> Any:
        """Refused before it is looked at when it is larger than any file of rows."""
        file = self.cleaned_data["file"]
        if file.size > limits.MAX_BYTES:
            raise forms.ValidationError(
                _("This file is too big: at most %(size)s.") % {"size": filesizeformat(limits.MAX_BYTES)}
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Sites and importer as a new feed needs them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("importer") and self._importers:
            cleaned["importer"] = self._importers[0].key
        cleaned["sites"] = list(cleaned.get("sites") or self._allowed[:1] * (len(self._allowed) == 1))
        if not cleaned.get("feed") and not cleaned["sites"] and "sites" in self.fields:
            self.add_error("sites", _("Tick at least one site."))
        return cleaned
