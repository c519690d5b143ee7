"""Vehicle identification numbers (ISO 3779): strict where the law is, tolerant elsewhere."""

from __future__ import annotations

from operator import mul

LENGTH = 17

# Before 1981 they were shorter, and people copy a part of them; longer ones are something else.
SHORTEST = 5

# 49 CFR 565.15: the value of each letter and the weight of each place; place 9 is the check digit itself.
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_PLACE = 8
# What each byte is worth: digits stand for themselves, 255 is no letter of a VIN.
_WORTH = bytes(
    {**_VALUES, **{str(digit): digit for digit in range(10)}}.get(chr(byte), 255) for byte in range(256)
)


def tidy_vin(typed: str) -> str:
    """Capital letters, without the blanks and dashes that people put in."""
    return "".join(letter for letter in typed.upper() if letter not in " -.\t\u00a0")


def is_acceptable_vin(vin: str) -> bool:
    """Whether a tidy VIN may be kept. Empty is fine: most are missing.

    The check digit is mandatory in North America only (first character 1 to 5); elsewhere a number that
    does not fit may still be right.
    """
    if not vin:
        return True
    if not (vin.isascii() and vin.isalnum() and SHORTEST <= len(vin) <= LENGTH):
        return False
    if vin[0] in "12345" and len(vin) == LENGTH:
        return has_valid_check_digit(vin)
    return True


def has_valid_check_digit(vin: str) -> bool:
    """Whether place 9 is the weighted sum of the others, modulo 11; I, O and Q are no VIN letters."""
    worth = vin.encode("ascii", "replace").translate(_WORTH)
    if 255 in worth or len(worth) != LENGTH:
        return False
    total = sum(map(mul, _WEIGHTS, worth))
    return vin[_CHECK_PLACE] == "0123456789X"[total % 11]
