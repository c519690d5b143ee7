"""A list that its sender has packed is unpacked; whatever else is packed is refused with a sentence."""

from __future__ import annotations

import gzip
import zipfile
from io import BytesIO

import pytest

from imports import sentences
from imports.files import Refused, limits
from imports.models import Run
from imports.services.runs import inspect_file
from sites.models import Site, User
from tests.imports.files import CLIO, GOLF, counts, csv_of, imported, make_feed

pytestmark = pytest.mark.usefixtures("in_rhone")
PLAIN = csv_of(CLIO, GOLF)


def squeezed() -> bytes:
    """By a way of packing of which the bytes are damaged."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("stock.csv", PLAIN * 50)
    packed = bytearray(kept.getvalue())
    packed[60:90] = b"\xff" * 30
    return bytes(packed)


def crowded(name: str) -> bytes:
    """A small archive with so many empty members that only to list them takes memory."""
    return zipped(name, extra=tuple(f"{number}{'x' * 180}" for number in range(5_000)), inside=b"")


def zipped(
    *names: str, data: bytes = PLAIN, extra: tuple[str, ...] = (), inside: bytes | None = None
) -> bytes:
    """An archive of these, and of some `extra` with the same `inside` unless told otherwise."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
        for name in extra:
            archive.writestr(name, data if inside is None else inside)
    return kept.getvalue()


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(PLAIN),
        zipped("stock.csv"),
        zipped("export/stock.csv", extra=("__MACOSX/export/._stock.csv", ".DS_Store")),
    ],
    ids=["gz", "zip", "zip of a Mac"],
)
def test_a_packed_list_is_the_list(sophie: User, lyon: Site, packed: bytes):
    feed = make_feed(sophie, lyon)
    preview = inspect_file(file=BytesIO(packed), file_name="stock.zip", feed=feed)
    first = imported(feed, packed, name="stock.zip")
    again = imported(feed, PLAIN)

    assert preview.rows_in_order == 2
    assert (counts(first), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    assert (first.digest, first.size) == (again.digest, len(PLAIN))


@pytest.mark.parametrize(
    ("packed", "code"),
    [
        (zipped("a.csv", "b.csv"), "holds_several_files"),
        (zipped(), "file_empty"),
        (zipped("empty.csv", data=b""), "file_empty"),
        (gzip.compress(b""), "file_empty"),
        (gzip.compress(PLAIN * 50)[:-40], "file_cut"),
        (gzip.compress(PLAIN)[:30] + b"\0\1\2\3" * 9, "file_cut"),
        (squeezed(), "file_cut"),
        (crowded("stock.csv"), "packed_too_tight"),
        (crowded("[Content_Types].xml"), "packed_too_tight"),
    ],
    ids=[
        *("two files", "none", "an empty one", "empty gz", "cut gz", "damaged gz", "damaged lzma"),
        *("a crowd", "a crowded sheet"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(sophie: User, lyon: Site, packed: bytes, code: str):
    feed = make_feed(sophie, lyon)

    with pytest.raises(Refused) as refused:
        imported(feed, packed)

    assert refused.value.code == code
    assert sentences.of(code, refused.value.values)
    assert not Run.objects.exists()


def test_an_archive_with_a_password_is_refused(sophie: User, lyon: Site):
    packed = bytearray(zipped("stock.csv"))
    packed[6] |= 1  # of the member
    packed[packed.index(b"PK\x01\x02") + 8] |= 1  # and of its entry

    with pytest.raises(Refused, match="is_locked"):
        imported(make_feed(sophie, lyon), bytes(packed))


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda data: zipped("big.csv", data=data)], ids=["gz", "zip"]
)
def test_a_bomb_stops_at_what_a_file_may_be(sophie: User, lyon: Site, monkeypatch: pytest.MonkeyPatch, pack):
    monkeypatch.setattr(limits, "MAX_BYTES", 1024 * 1024)

    with pytest.raises(Refused, match="file_too_big"):
        imported(make_feed(sophie, lyon), pack(b"a;b\n" * 3_000_000))
