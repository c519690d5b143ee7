"""Identifiers made before the row exists, so that an event can name its subject in the same transaction."""

import os
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BYTES = 10
_RAND_A = 0xFFF
_RAND_B = (1 << 62) - 1


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): ordered by millisecond, so that index pages fill from one end.

    Public ids must not tell a rival how many leads a dealer receives; a serial number would.
    """
    return UUID(int=_number())


def new_hexes(count: int) -> list[str]:
    """So many of the same as 32 hexadecimal digits, for rows that are written by the hundred thousand."""
    random = os.urandom(_RANDOM_BYTES * count)
    starts = range(0, len(random), _RANDOM_BYTES)
    return [f"{_numbered(random[start : start + _RANDOM_BYTES]):032x}" for start in starts]


def _number() -> int:
    return _numbered(os.urandom(_RANDOM_BYTES))


def _numbered(random: bytes) -> int:
    bits = int.from_bytes(random, "big")
    milliseconds = time.time_ns() // 1_000_000
    return milliseconds << 80 | _VERSION_7 | (bits >> 62 & _RAND_A) << 64 | _VARIANT | bits & _RAND_B
