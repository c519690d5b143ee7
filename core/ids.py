"""Identifiers made before the row exists, so that an event can name its subject in the same transaction."""

import os
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = (1 << 76) - 1
_RAND_A = 0xFFF
_RAND_B = (1 << 62) - 1


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): ordered by millisecond, so that index pages fill from one end.

    Public ids must not tell a rival how many leads a dealer receives; a serial number would.
    """
    return UUID(int=_number())


def new_hex() -> str:
    """The same as 32 hexadecimal digits, for rows that are written by the hundred thousand."""
    return f"{_number():032x}"


def _number() -> int:
    random = int.from_bytes(os.urandom(10), "big") & _RANDOM_BITS
    rand_a, rand_b = (random >> 62) & _RAND_A, random & _RAND_B
    milliseconds = time.time_ns() // 1_000_000
    return milliseconds << 80 | _VERSION_7 | rand_a << 64 | _VARIANT | rand_b
