"""The dealer page's form: what a prospect types, and two traps that only robots fall into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from dms.demo.showroom import WindowCar
from leads.models import Suspicion
from leads.services import FASTEST_PERSON, LeadEnquiry, VehicleWish
from sites.phones import UnreadablePhone, to_e164

_SALT = "demo.dealer.opened"


def opened_mark(at: datetime) -> str:
    """A signed note of when the page was opened, for the time trap."""
    return signing.dumps(at.timestamp(), salt=_SALT)


class EnquiryForm(forms.Form):
    """A request for a call back. `cars` are the choices; `website` must stay empty; `opened` is the time trap."""

    first_name = forms.CharField(
        label=_("First name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    car = forms.ChoiceField(label=_("Vehicle"), required=False)
    message = forms.CharField(
        label=_("Your question"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    consent_marketing = forms.BooleanField(
        label=_("I would like to receive your offers by email or text message."), required=False
    )
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, cars: Sequence[WindowCar], country: str, at: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._cars = {car.reference: car for car in cars}
        self._country = country
        self._at = at
        choices = [(car.reference, f"{car} · {car.price_text}") for car in cars]
        self.fields["car"].choices = [("", _("I do not know yet")), *choices]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"].strip()
        if not typed:
            return ""
        try:
            return to_e164(typed, self._country)
        except UnreadablePhone:
            raise forms.ValidationError(_("We cannot read this phone number.")) from None

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not (typed.get("phone") or typed.get("email") or self.errors):
            self.add_error("phone", _("Leave a phone number or an email address, so that we can answer."))
        return typed

    def enquiry(self, *, page_url: str) -> LeadEnquiry:
        """What was typed, as the leads app takes it."""
        typed = self.cleaned_data
        car = self._cars.get(typed["car"])
        return LeadEnquiry(
            first_name=typed["first_name"],
            last_name=typed["last_name"],
            email=typed["email"],
            phone=typed["phone"],
            message=typed["message"],
            vehicle=car.wish if car else VehicleWish(),
            consent_marketing=typed["consent_marketing"],
            page_url=page_url[:1000],
            suspicion=self._suspicion(),
        )

    def _suspicion(self) -> Suspicion | None:
        if self.cleaned_data["website"]:
            return Suspicion.HONEYPOT
        return Suspicion.TOO_FAST if self._was_too_fast() else None

    def _was_too_fast(self) -> bool:
        """A missing or forged mark counts as too fast: the page always sends its own."""
        try:
            opened = float(signing.loads(self.cleaned_data["opened"], salt=_SALT))
        except (signing.BadSignature, ValueError, TypeError):
            return True
        return self._at.timestamp() - opened < FASTEST_PERSON.total_seconds()
