"""The filter of the list, for the page and the API alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from approvals.models import REASON_LENGTH
from core.money import NotAnAmount, cents_of
from leads import selectors
from leads.models import LeadSource, LeadStatus
from leads.selectors import LeadFilter
from sites.access import Member
from sites.models import Site

# Days outside have no day before or after them in some time zone, and no lead.
_DAYS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


# An exceptional discount beyond this is a slip of the finger.
_MOST_CENTS = 100_000_00


class DiscountForm(forms.Form):
    """How much and why. The amount is typed as people write it: « 800 », « 1 250,50 », « 1,250.50 $ »."""

    amount = forms.CharField(
        label=_("Discount asked for"),
        max_length=30,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control"}
        ),
        error_messages={"required": _("Say how much.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        min_length=3,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        error_messages={
            "required": _("Say why: your manager decides by it."),
            "min_length": _("Say why in a few words."),
            "max_length": _("Keep it under %(limit_value)d characters; now there are %(show_value)d."),
        },
    )

    def clean_amount(self) -> int:
        """The amount in cents."""
        try:
            cents = cents_of(self.cleaned_data["amount"])
        except NotAnAmount:
            raise forms.ValidationError(_("Write an amount, for example 800 or 1250.50.")) from None
        if cents <= 0:
            raise forms.ValidationError(_("The discount must be more than zero."))
        if cents > _MOST_CENTS:
            raise forms.ValidationError(_("This is more than a discount. Check the amount."))
        return cents


class LeadFilterForm(forms.Form):
    """What to list. `until` is the last day that counts; whose days they are, `wanted` is told."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    status = forms.ChoiceField(label=_("Status"), required=False)
    site: forms.ModelChoiceField[Site] = forms.ModelChoiceField(
        label=_("Site"), required=False, queryset=None, to_field_name="slug", empty_label=_("All sites")
    )
    source: forms.ModelChoiceField[LeadSource] = forms.ModelChoiceField(
        label=_("Source"), required=False, queryset=None, empty_label=_("All sources")
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False, choices=[("", _("Anyone")), ("me", _("Me"))])
    since = forms.DateField(
        label=_("From"),
        required=False,
        validators=_DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        validators=_DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, member: Member | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reviews = member is None or member.can(selectors.REVIEW)
        hidden = () if reviews else (LeadStatus.QUARANTINED.value, LeadStatus.SPAM.value)
        shown = [choice for choice in LeadStatus.choices if choice[0] not in hidden]
        self._field("status").choices = [("", _("All leads")), *shown]
        self._field("site").queryset = (
            Site.objects.all() if member is None else selectors.sites_to_filter_by(member)
        )
        self._field("source").queryset = (
            LeadSource.objects.all() if member is None else selectors.sources_to_filter_by(member)
        )

    def wanted(self, *, zone: tzinfo = UTC) -> LeadFilter:
        """The filter that a valid form describes, its days by the clock of `zone`."""
        chosen = self.cleaned_data
        since, until = chosen["since"], chosen["until"]
        return LeadFilter(
            status=chosen["status"],
            site_id=chosen["site"].pk if chosen["site"] else None,
            source_id=chosen["source"].pk if chosen["source"] else None,
            mine=chosen["owner"] == "me",
            text=chosen["q"],
            since=_start_of(since, zone) if since else None,
            until=_start_of(until + timedelta(days=1), zone) if until else None,
        )

    def _field(self, name: str) -> Any:
        return self.fields[name]


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)
