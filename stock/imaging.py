"""Pictures from outside, made into ours by a process that may fail without harm (`stock/darkroom.py`)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from stock import darkroom

MOST_BYTES = 20 * 1024 * 1024
# Wall clock: the processor time that the darkroom allows itself, on a machine that has other things to do.
PATIENCE = 40.0  # seconds
_PROGRAM = Path(darkroom.__file__)


class BadPicture(Exception):
    """The picture is not taken; `code` is one of `CODES`."""

    CODES = ("too_heavy", "too_many_pixels", "too_large", "not_an_image", "moves")

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Developed:
    """A picture in our own encoding: two JPEGs. `width` and `height` are the large one's in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int
    digest: str  # SHA-256 of what was given to us


def develop(data: bytes) -> Developed:
    """Make our own pictures of what somebody handed in. Raises `BadPicture`."""
    if len(data) > MOST_BYTES:
        raise BadPicture("too_heavy")
    answer = _ask(data)
    head, _line, prints = answer.partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise BadPicture(told["refused"])
    length = told["lengths"][0]
    return Developed(
        large=prints[:length],
        small=prints[length:],
        width=told["width"],
        height=told["height"],
        digest=hashlib.sha256(data).hexdigest(),
    )


def _ask(data: bytes) -> bytes:
    """What the darkroom says; a process that died of a picture says that it was too large."""
    command = [sys.executable, "-I", str(_PROGRAM)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603 - our own program, and nothing of the picture on its command line
    except subprocess.TimeoutExpired:
        raise BadPicture("too_large") from None
    if done.returncode != 0 or not done.stdout:
        raise BadPicture("too_large")
    return done.stdout
