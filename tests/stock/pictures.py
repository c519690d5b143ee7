"""Pictures for tests, harmless and hostile."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(size: tuple[int, int] = (64, 48), kind: str = "JPEG", colour: str = "navy", **more: Any) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    mode = more.pop("mode", "RGB")
    Image.new(mode, size, colour).save(buffer, kind, **more)
    return buffer.getvalue()


def with_exif(size: tuple[int, int], *, orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: turned, and telling where it stood."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "TelefoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(size, exif=exif)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb(side: int = 4900) -> bytes:
    """A PNG of some kilobytes that unfolds to a picture of `side` times `side` pixels."""
    return picture((side, side), "PNG", optimize=True)


def animation() -> bytes:
    """A WebP that moves."""
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def two_in_one(size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG with a second picture behind it (MPO), as phones with two lenses make them."""
    buffer = io.BytesIO()
    frames = [Image.new("RGB", size, colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:])
    return buffer.getvalue()
