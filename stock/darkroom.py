"""The program that opens pictures which strangers have made. It runs as a process of its own and knows no Django.

A hostile picture may take minutes and all memory, or break the decoder: here it takes this process with it, and
nothing else. Reads one picture from its input; writes a line of JSON and then the JPEGs that it names the lengths of.

Guards: three formats and no other, warnings of the decoder are refusals, the number of pixels is read from the header
before anything is decoded, and the process may take only so much memory and time.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
# The best cameras of phones have 50 megapixels; a JPEG of theirs is shrunk while it is decoded, the others cannot be.
MOST_PIXELS = {"JPEG": 52_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
LONGEST_SIDE = 20_000
SIDES = (1280, 320)  # pixels: the gallery's, the list's
QUALITY = 82

MEMORY = 512 * 1024 * 1024  # bytes of address space, interpreter and libraries included
SECONDS = 10  # of processor time


class Refused(Exception):
    """The picture is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def limit() -> None:
    """Let this process take no more than it may, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def develop(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The picture in our own encoding, upright, without anything that came with it. Raises `Refused`."""
    warnings.simplefilter("error")
    try:
        picture = _opened(data)
        prints = _prints(picture)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels") from None
    except MemoryError:
        raise Refused("too_large") from None
    except Exception:  # noqa: BLE001 - decoders raise whatever occurs to them, and warnings are errors here
        raise Refused("not_an_image") from None
    width, height = prints[0].size
    return {"width": width, "height": height}, [_encoded(one) for one in prints]


def _opened(data: bytes) -> Image.Image:
    """The header is read, nothing is decoded yet."""
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = picture.size
    kind = (
        "JPEG" if picture.format == "MPO" else str(picture.format)
    )  # with a second picture, as phones make them
    if width < 1 or height < 1 or width * height > MOST_PIXELS[kind] or max(width, height) > LONGEST_SIDE:
        raise Refused("too_many_pixels")
    if kind != "JPEG" and getattr(picture, "n_frames", 1) != 1:
        raise Refused("moves")
    picture.draft("RGB", (SIDES[0] * 2, SIDES[0] * 2))
    return picture


def _prints(picture: Image.Image) -> list[Image.Image]:
    """Upright, on white where it was see-through, in both sizes."""
    picture.thumbnail((SIDES[0], SIDES[0]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        seen = upright.convert("RGBA")
        upright = Image.new("RGB", seen.size, "white")
        upright.paste(seen, mask=seen.getchannel("A"))
    large = upright.convert("RGB")
    small = large.copy()
    small.thumbnail((SIDES[1], SIDES[1]), Image.Resampling.LANCZOS)
    return [large, small]


def _encoded(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # Pixels only: no EXIF (a phone writes where it stood), no profile, no comment.
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    bare.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return buffer.getvalue()


def main() -> int:
    """Standard input to standard output."""
    limit()
    try:
        told, prints = develop(sys.stdin.buffer.read())
    except Refused as refusal:
        told, prints = {"refused": refusal.code}, []
    told["lengths"] = [len(one) for one in prints]
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + b"".join(prints))
    return 0


if __name__ == "__main__":
    sys.exit(main())
