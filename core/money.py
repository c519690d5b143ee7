"""Amounts as people read them. An amount is a whole number of cents and an ISO 4217 currency; never a float."""

from __future__ import annotations

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from django.utils.translation import get_language

# By ISO 3166-1 country; euro elsewhere.
CURRENCIES = {"CA": "CAD"}


def currency_of(country: str) -> str:
    """The ISO 4217 code of the currency that a site in this country sells in."""
    return CURRENCIES.get(country, "EUR")


def spoken(amount: Decimal, currency: str) -> str:
    """The amount in the active language, without cents when there are none: « 18 500 € »."""
    language = get_language() or "fr"
    whole = amount == amount.to_integral_value()
    pattern = Locale(language).currency_formats["standard"].pattern
    shape = pattern.replace(".00", "") if whole else pattern
    return format_currency(amount, currency, format=shape, locale=language, currency_digits=not whole)


def spoken_cents(cents: int, currency: str) -> str:
    """The same for a whole number of cents."""
    return spoken(Decimal(cents) / 100, currency)


class NotAnAmount(ValueError):
    """The text cannot be read as an amount of money."""


# Of « 15 990 $ CA » and of a column that says « USD »; a bare dollar is that of whoever says it.
_CURRENCY = re.compile(
    r"(?P<EUR>€|\beur(?:os?)?\b)|(?P<CAD>\bcad?\b ?\$?|\$ ?cad?\b|\bc\$)|(?P<USD>\busd?\b ?\$?|\$ ?usd?\b)"
    r"|(?P<GBP>£|\bgbp\b)|(?P<CHF>\bchf\b)|(?P<dollar>\$|\bdollars?\b)",
    re.IGNORECASE,
)


def currency_in(text: str) -> str:
    """The ISO 4217 code of the currency that a text names, « dollar » for one of any country; empty for none."""
    found = _CURRENCY.search(text)
    return str(found.lastgroup) if found else ""


_NOISE = re.compile(r"\bCAD?(?= ?\$)|\$ ?CAD?\b|[\s\u00a0\u202f'’]|EUR|CAD|[€$]", re.IGNORECASE)
_TYPED = re.compile(r"(?P<whole>[0-9]{1,3}(?:[.,][0-9]{3}){1,2}|[0-9]{1,9})(?:[.,](?P<cents>[0-9]{1,2}))?")


def cents_of(text: str) -> int:
    """What a person typed, in cents: « 800 », « 1 250,50 € », « 1,250.50 $ ». Raises `NotAnAmount`.

    The last comma or point divides cents when one or two digits follow it; any other one groups thousands.
    """
    parts = _TYPED.fullmatch(_NOISE.sub("", text))
    if parts is None:
        raise NotAnAmount(text)
    euros, cents = re.sub(r"[.,]", "", parts["whole"]), (parts["cents"] or "").ljust(2, "0")
    return int(euros) * 100 + int(cents)
