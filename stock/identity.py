"""What a vehicle is recognised by, as feeds write it: VIN and plate, brought into one form or refused with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from core.vin import LENGTH, has_valid_check_digit, tidy_vin
from core.words import fold
from imports.problems import Unreadable
from imports.readers import Learnt, Money, Read, Reader, Whole, refuse_sheet_error, says_nothing
from stock.feed_words import makes

# 49 CFR 565: the check digit is law where the first character is 1 to 5, North America; elsewhere it may be anything.
CHECKED = "12345"
PLATE_LENGTH = 12
# Cents.
_ODD_PRICE = 300_00
# France since 2009: AA-123-AA.
_NEW_PLATE = re.compile(r"([A-Z]{2})[ -]?([0-9]{3})[ -]?([A-Z]{2})")
_NOT_IN_VIN = re.compile(r"[IOQ]")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
# What stands for a number that is not known.
NO_VIN = frozenset(("", "0", "X" * LENGTH, "0" * LENGTH))


@dataclass(frozen=True)
class Vin(Reader):
    """A VIN, or none. One that was typed short or with a letter that no VIN has is refused."""

    empty: Any = field(default="", init=False)

    def read(self, text: str) -> str:
        vin = text if _VIN.fullmatch(text) else tidy_vin(text)
        if vin in NO_VIN:
            return ""
        if _VIN.fullmatch(vin):
            if vin[0] in CHECKED and not has_valid_check_digit(vin):
                raise Unreadable("vin_check_digit")
            return vin
        if says_nothing(text):
            return ""
        if len(vin) != LENGTH:
            raise Unreadable("vin_length", length=len(vin))
        raise Unreadable("vin_letters" if _NOT_IN_VIN.search(vin) else "vin_characters")

    def doubt(self, value: Any) -> str:
        """Outside North America the check digit is no law, but most makers keep it."""
        return (
            "vin_doubtful" if value and value[0] not in CHECKED and not has_valid_check_digit(value) else ""
        )


@dataclass(frozen=True)
class Price(Money):
    """An asking price."""

    def doubt(self, value: Any) -> str:
        """So little is most often a slip."""
        return "price_odd" if value is not None and value < _ODD_PRICE else ""


# DIN horsepower of a kilowatt.
HORSEPOWER = 1.359_62
_IN_KILOWATTS = re.compile(r"([0-9]{1,4})(?:[.,][0-9]+)?\s*kw", re.IGNORECASE)
_IN_HORSEPOWER = re.compile(r"([0-9]{1,4})\s*(?:ch|hp|ps|bhp|cv din)\b", re.IGNORECASE)
_FISCAL = re.compile(r"([0-9]{1,2})\s*cv", re.IGNORECASE)
_LEAST_POWER = 30


@dataclass(frozen=True)
class Power(Whole):
    """DIN horsepower: « 110 kW (150 ch) », « 168 kW »; « 7 CV » is what a French car is taxed for, and no power."""

    def read(self, text: str) -> int | None:
        if text.isdecimal():  # most are
            return super().read(text)
        if found := _IN_HORSEPOWER.search(text):
            return super().read(found[1])
        if found := _IN_KILOWATTS.fullmatch(text):
            return super().read(str(round(int(found[1]) * HORSEPOWER)))
        if (found := _FISCAL.fullmatch(text)) and int(found[1]) < _LEAST_POWER:
            return None
        return super().read(text)


# Kilometres.
MILE = 1.609_344
_IN_MILES = re.compile(r"\s*(?:mi|miles?|mls)\.?$", re.IGNORECASE)


@dataclass(frozen=True)
class Mileage(Whole):
    """Kilometres; « 28 000 mi » says that it is miles."""

    def read(self, text: str) -> int | None:
        if text.isdecimal():  # most are
            return super().read(text)
        number, in_miles = _IN_MILES.subn("", text)
        found = super().read(number)
        return round(found * MILE) if in_miles and found is not None else found


_KILOMETRES = frozenset(("km", "kms", "kmt", "kilometre", "kilometres", "kilometer", "kilometers", "k"))


@dataclass(frozen=True)
class InKilometres(Reader):
    """The unit of the row's mileage, « km », « KMT » (UN/CEFACT). It brings no value: another unit is refused."""

    def read(self, text: str) -> None:
        if fold(text) not in _KILOMETRES and not says_nothing(text):
            raise Unreadable("other_unit")


def plate_of(text: str) -> str:
    """« ab123cd » becomes « AB-123-CD »; older and foreign plates stay as they are, in capitals."""
    plain = " ".join(text.upper().split())
    parts = _NEW_PLATE.fullmatch(plain)
    if parts:
        return "-".join(parts.groups())
    return "" if plain in NO_VIN or says_nothing(plain) else plain


def stock_number_of(text: str) -> str:
    """The dealer's own number, or none where it says « - » or « N/C »: several vehicles may have that."""
    return "" if (len(text) < 5 or text.isalpha()) and says_nothing(text) else text


@dataclass(frozen=True)
class Make(Reader):
    """A make as its maker writes it; an unknown one stays as the file has it, unless the feed has learnt better."""

    longest: int = 60
    empty: Any = field(default="", init=False)

    def prepared(self, learnt: Learnt) -> Read:
        known = {**makes(), **learnt}

        def read(text: str) -> str:
            found = known.get(fold(text))
            if found is not None:
                return found
            refuse_sheet_error(text)
            if len(text) > self.longest:
                raise Unreadable("too_long", longest=self.longest)
            return text.title() if text.isupper() and len(text) > 3 else text

        return read
