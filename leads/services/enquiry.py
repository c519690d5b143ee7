"""What a customer asks for, whichever way it came, and how his details are brought into one form."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import msgspec

from leads.models import Suspicion
from sites.phones import UnreadablePhone, to_e164

# Nobody reads a form and fills in a name and a number in less; robots send it within milliseconds.
FASTEST_PERSON = timedelta(seconds=2)


class VehicleWish(msgspec.Struct, frozen=True, kw_only=True):
    """The vehicle in question; every part may be missing. `max_price` is in the site's currency."""

    make: str = ""
    model: str = ""
    year: int | None = None
    vin: str = ""
    stock_number: str = ""
    max_price: Decimal | None = None


class LeadEnquiry(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it arrived, within the lengths of the `Lead` columns. At least `email` or `phone` is filled."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    message: str = ""
    vehicle: VehicleWish = VehicleWish()
    consent_marketing: bool = False
    page_url: str = ""
    campaign: dict[str, str] = {}
    suspicion: Suspicion | None = None

    def in_one_form(self, country: str) -> LeadEnquiry:
        """The same with the address in small letters and the number in E.164 where it can be read."""
        return msgspec.structs.replace(
            self, email=self.email.lower(), phone=normalised_phone(self.phone, country)
        )


def normalised_phone(typed: str, country: str) -> str:
    """The number in E.164, read as people of `country` (ISO 3166-1) write it; as typed when it cannot be read.

    Kept even then: a salesperson may see at once what a rule does not.
    """
    if not typed:
        return ""
    try:
        return to_e164(typed, country)
    except UnreadablePhone:
        return typed
