"""Plates and VINs that could be: in the right form, and of no particular car."""

from __future__ import annotations

from random import Random

from core.vin import has_valid_check_digit

# No I, O and U: they look like 1, 0 and V.
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # place 10, from 2010 on
_NORTH_AMERICA = "12345"

# The first letters that France handed out about the middle of each year.
_SERIES = {
    2015: "DS", 2016: "EB", 2017: "EM", 2018: "EY", 2019: "FG", 2020: "FQ", 2021: "FX", 2022: "GG", 2023: "GN", 2024: "GX",
    2025: "HC",
}  # fmt: skip
_LATEST = "HJ"


def french_plate(year: int, random: Random) -> str:
    """« GN-482-KT » for a car first registered in this year; « SS » and « WW » are not handed out."""
    while True:
        end = random.choice(_PLATE_LETTERS) + random.choice(_PLATE_LETTERS)
        if end not in {"SS", "WW"}:
            return f"{_SERIES.get(year, _LATEST)}-{random.randrange(1, 1000):03d}-{end}"


def vin(maker: str, year: int, random: Random) -> str:
    """Seventeen characters; with the check digit that North America asks for where the maker sits there."""
    signs = _VIN_LETTERS + "0123456789"
    described = "".join(random.choice(signs) for _ in range(5))
    plant, serial = random.choice(_VIN_LETTERS), f"{random.randrange(1, 60_000):06d}"
    mark = _YEARS[(year - 2010) % len(_YEARS)]
    candidates = (f"{maker}{described}{check}{mark}{plant}{serial}" for check in "0123456789X")
    if maker[0] not in _NORTH_AMERICA:
        return f"{maker}{described}Z{mark}{plant}{serial}"
    return next(candidate for candidate in candidates if has_valid_check_digit(candidate))
