"""How a feed is set up: its name and sites, how its file arrives, how often, and when a run stops."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports import declarations
from imports.models import DayOrder, Feed, Way
from imports.models.feeds import VANISH_LIMIT
from imports.schedules import rhythms
from sites.models import Site

# What a field's form shows in place of the kept secret, which never leaves the server.
KEPT = "••••••••"

_TEXT = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}


class FeedForm(forms.Form):
    """A new feed, or a feed as it is kept. An empty secret leaves the kept one alone."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    importer = forms.ChoiceField(
        label=gettext_lazy("It holds"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    sites: forms.ModelMultipleChoiceField[Site] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sites"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick at least one site."),
            "invalid_choice": gettext_lazy("Choose among your sites."),
        },
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How its file arrives"), choices=Way.choices, widget=forms.RadioSelect
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={**_TEXT, "inputmode": "url", "placeholder": "https://…"}),
        help_text=gettext_lazy("https://export.example.com/stock.csv or sftp://server.example.com/stock.csv"),
    )
    account = forms.CharField(
        label=gettext_lazy("User name"), required=False, max_length=120, widget=forms.TextInput(attrs=_TEXT)
    )
    secret = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={**_TEXT, "autocomplete": "new-password"}),
    )
    host_key = forms.CharField(
        label=gettext_lazy("Key of the SFTP server"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_TEXT),
        help_text=gettext_lazy(
            "As its administrator gives it. Without it nothing is fetched: it proves that the server is the right one."
        ),
    )
    every_minutes = forms.TypedChoiceField(
        label=gettext_lazy("How often"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    vanish_limit = forms.IntegerField(
        label=gettext_lazy("Stop when more vehicles than this are missing (%)"),
        initial=VANISH_LIMIT,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        widget=forms.NumberInput(
            attrs={"class": "form-control", "min": 1, "max": 100, "inputmode": "numeric"}
        ),
        help_text=gettext_lazy("A truncated file must not empty the stock: the run waits, and you decide."),
    )
    day_order = forms.ChoiceField(
        label=gettext_lazy("Dates such as 03/04/2026"),
        required=False,
        choices=DayOrder.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=gettext_lazy("Where no date of the file tells, the day comes first."),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Active"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, allowed: list[Site], feed: Feed | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        importers = declarations.all_importers()
        fields: Any = self.fields
        fields["sites"].queryset = Site.objects.filter(pk__in=[site.pk for site in allowed])
        fields["sites"].choices = [(site.pk, site.name) for site in allowed]
        fields["every_minutes"].choices = rhythms(feed.every_minutes if feed else None)
        fields["way"].choices = ways(feed)
        fields["importer"].choices = [(one.key, one.name) for one in importers]
        self._only_importer = importers[0].key if importers else ""
        if feed is not None or len(importers) < 2:
            del fields["importer"]
        if feed is None:
            del fields["is_active"]
        if feed is not None and feed.secret:
            fields["secret"].widget.attrs["placeholder"] = KEPT
            fields["secret"].help_text = _("Empty: the kept one stays. Nobody can read it here.")

    @property
    def importer_key(self) -> str:
        """What a new feed holds."""
        return self.cleaned_data.get("importer") or self._only_importer

    def changes(self) -> dict[str, Any]:
        """What the services are told."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "importer"}
        if not told["secret"]:
            del told["secret"]
        return {**told, "sites": list(told["sites"])}

    def add_errors(self, sentences: dict[str, str]) -> None:
        """What the service refused, beside the fields that it names."""
        for name, sentence in sentences.items():
            self.add_error(name if name in self.fields else None, sentence)


def kept_in(feed: Feed, sites: list[Site]) -> dict[str, Any]:
    """The form's initial values."""
    names = (
        "name",
        "way",
        "address",
        "account",
        "host_key",
        "every_minutes",
        "vanish_limit",
        "day_order",
        "is_active",
    )
    return {**{name: getattr(feed, name) for name in names}, "sites": [site.pk for site in sites]}


def ways(feed: Feed | None) -> list[tuple[str, Any]]:
    """How a file may arrive. By email only where mail comes in; a feed that is set up so keeps it."""
    has_mail = bool(settings.INBOUND_MAIL_DOMAIN) or (feed is not None and feed.way == Way.MAIL)
    return [(value, label) for value, label in Way.choices if value != Way.MAIL or has_mail]
