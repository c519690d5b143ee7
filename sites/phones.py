"""Telephone numbers: typed as people type them, kept as E.164, shown as the reader dials them."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


class UnreadablePhone(ValueError):
    """The text is no telephone number that could be dialled."""


def to_e164(text: str, country: str = "FR") -> str:
    """« 06 12 34 56 78 » in France becomes « +33612345678 ». A leading + or 00 names the country itself.

    `country` is an ISO 3166-1 code. Raises `UnreadablePhone`.
    """
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        raise UnreadablePhone(text) from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise UnreadablePhone(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def as_dialled(phone: str, country: str = "FR") -> str:
    """An E.164 number in national form at home and international form abroad; other text comes back as it is."""
    try:
        number = phonenumbers.parse(phone, None)
    except NumberParseException:
        return phone
    home = phonenumbers.country_code_for_region(country) == number.country_code
    shape = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, shape)


@lru_cache(
    maxsize=4096
)  # a list of alerts says the same few numbers again and again, and reading one is slow
def in_full(phone: str) -> str:
    """An E.164 number in international form, for a reader who may be anywhere; its groups stay on one line.

    Other text comes back as it is.
    """
    return as_dialled(phone, country="").replace(" ", "\u00a0")
