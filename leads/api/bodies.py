"""The JSON of a website's form: strict about types and names, kind about what people type."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta

from core.vin import is_acceptable_vin, tidy_vin
from leads.models import Suspicion
from leads.services import FASTEST_PERSON, LeadEnquiry, VehicleWish
from sites.api.bodies import Body
from sites.api.problems import INVALID_BODY, FieldError, Problem

FIRST_YEAR = 1900
# A model year runs ahead of the calendar by one, and dealers order another one ahead.
YEARS_AHEAD = 2

MOST_CAMPAIGN_FIELDS = 20

EMAIL_LENGTH = 254  # characters, as the column

# What remains of a text: control characters other than line ends and tabs show nothing and break things.
_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\r\t"}

Short = Annotated[str, Meta(max_length=100)]
Utm = Annotated[str, Meta(max_length=200)]


class VehicleBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The vehicle that the customer asks about. Every field may be missing or null."""

    make: Annotated[str, Meta(max_length=60, examples=["Peugeot"])] | None = None
    model: Annotated[str, Meta(max_length=80, examples=["208"])] | None = None
    year: Annotated[int, Meta(ge=FIRST_YEAR, le=2200, description=gettext_noop("Model year"))] | None = None
    vin: (
        Annotated[str, Meta(max_length=40, description=gettext_noop("Vehicle identification number"))] | None
    ) = None
    stock_number: Annotated[str, Meta(max_length=40)] | None = None
    max_price: (
        Annotated[
            float, Meta(ge=0, le=99_999_999, description=gettext_noop("In the site's currency, tax included"))
        ]
        | None
    ) = None


class LeadBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request from a website's form. At least one of email and phone; no other field is required.

    Further `utm_…` parameters are accepted as they come.
    """

    first_name: Short | None = None
    last_name: Short | None = None
    email: Annotated[str, Meta(max_length=EMAIL_LENGTH, examples=["paul.martin@example.com"])] | None = None
    phone: (
        Annotated[
            str, Meta(max_length=32, description=gettext_noop("As typed; kept in E.164 where it can be read"))
        ]
        | None
    ) = None
    message: Annotated[str, Meta(max_length=10_000)] | None = None
    vehicle: VehicleBody | None = None
    consent_marketing: bool | None = None
    page_url: (
        Annotated[str, Meta(max_length=1000, description=gettext_noop("The page that the form stood on"))]
        | None
    ) = None
    utm_source: Utm | None = None
    utm_medium: Utm | None = None
    utm_campaign: Utm | None = None
    utm_term: Utm | None = None
    utm_content: Utm | None = None
    utm_id: Utm | None = None
    website: (
        Annotated[
            str,
            Meta(
                max_length=1000,
                description=gettext_noop("Honeypot: hide this field from people, leave it empty"),
            ),
        ]
        | None
    ) = None
    form_seconds: (
        Annotated[
            float,
            Meta(
                ge=0,
                le=31_536_000,
                description=gettext_noop("Time trap: seconds between showing the form and sending it"),
            ),
        ]
        | None
    ) = None


_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
_reader = Body(LeadBody)


def read_enquiry(request: HttpRequest, *, at: datetime) -> LeadEnquiry:
    """The request's body as an enquiry. Raises `Problem` with every field that is wrong."""
    body = _reader.bytes_of(request)
    campaign: dict[str, str] = {}
    try:
        lead = _reader.decode(body)
    except Problem:
        rest, campaign = _without_rare_campaign_fields(body)
        if not campaign:
            raise
        lead = _reader.decode(rest)
    return _enquiry(lead, campaign, at)


def _without_rare_campaign_fields(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body without the `utm_…` fields that `LeadBody` does not list, and those."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body, {}
    if not isinstance(value, dict):
        return body, {}
    known = LeadBody.__struct_fields__
    rare = {name: text for name, text in value.items() if name.startswith("utm_") and name not in known}
    if len(rare) > MOST_CAMPAIGN_FIELDS or not all(_is_campaign_field(*item) for item in rare.items()):
        return body, {}
    rest = {name: part for name, part in value.items() if name not in rare}
    return json.dumps(rest).encode(), {name: _line(text) for name, text in rare.items()}


def _is_campaign_field(name: str, text: Any) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= 200
        and len(name) <= 60
        and name.isascii()
        and name.isprintable()
        and text.isprintable()
    )


def _enquiry(lead: LeadBody, campaign: dict[str, str], at: datetime) -> LeadEnquiry:
    email, phone = _line(lead.email), _line(lead.phone)
    wish = lead.vehicle or VehicleBody()
    errors = [*_contact_faults(email, phone), *_vehicle_faults(wish, at)]
    if errors:
        raise Problem(INVALID_BODY, errors=errors)
    for name in _UTM:
        if text := getattr(lead, name):
            campaign[name] = _line(text)
    return LeadEnquiry(
        first_name=_line(lead.first_name),
        last_name=_line(lead.last_name),
        email=email,
        phone=phone,
        message=(lead.message or "").translate(_CONTROLS).strip(),
        vehicle=_vehicle(wish),
        consent_marketing=bool(lead.consent_marketing),
        page_url=_line(lead.page_url),
        campaign=campaign,
        suspicion=_suspicion(lead),
    )


def _vehicle(wish: VehicleBody) -> VehicleWish:
    price = None if wish.max_price is None else Decimal(str(wish.max_price)).quantize(Decimal("0.01"))
    return VehicleWish(
        make=_line(wish.make),
        model=_line(wish.model),
        year=wish.year,
        vin=tidy_vin(wish.vin or ""),
        stock_number=_line(wish.stock_number),
        max_price=price,
    )


def _contact_faults(email: str, phone: str) -> list[FieldError]:
    if not email and not phone:
        sentence = _("Give an email address or a phone number.")
        return [FieldError("email", sentence), FieldError("phone", sentence)]
    if len(email.lower()) > EMAIL_LENGTH:  # « İ » is two characters in small letters
        return [FieldError("email", _("At most %(most)d characters.") % {"most": EMAIL_LENGTH})]
    try:
        if email:
            validate_email(email)
    except ValidationError:
        return [FieldError("email", _("This is not an email address."))]
    return []


def _vehicle_faults(wish: VehicleBody, at: datetime) -> list[FieldError]:
    errors = []
    last_year = at.year + YEARS_AHEAD
    if wish.year is not None and wish.year > last_year:
        errors.append(FieldError("vehicle.year", _("At most %(most)s.") % {"most": last_year}))
    if wish.vin and not is_acceptable_vin(tidy_vin(wish.vin)):
        errors.append(FieldError("vehicle.vin", _("This is not a vehicle identification number.")))
    return errors


def _suspicion(lead: LeadBody) -> Suspicion | None:
    if lead.website and lead.website.strip():
        return Suspicion.HONEYPOT
    if lead.form_seconds is not None and lead.form_seconds < FASTEST_PERSON.total_seconds():
        return Suspicion.TOO_FAST
    return None


def _line(text: str | None) -> str:
    """One line of text: blanks become single spaces, control characters go."""
    if not text:
        return ""
    if not text.isprintable():
        text = " ".join(text.split()).translate(_CONTROLS)
    return text.strip()
