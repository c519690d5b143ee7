"""Documents and the windscreen sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sites.models import Site, User
from stock.models import Document, Vehicle, VehicleChange
from stock.services.papers import BadDocument, add_document
from stock.sheet import code_of
from tests.cast import MONDAY, make_vehicle, member_of, signed_in
from tests.stock.pictures import picture

PDF = b"%PDF-1.7\n%whatever"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def car(in_rhone: None, lyon: Site) -> Vehicle:
    return make_vehicle(lyon)


def file(vehicle: Vehicle, person: User, data: bytes = PDF, **more: Any) -> Document:
    told = {"file_name": "carte_grise.pdf", "name": "", **more}
    return add_document(vehicle_id=vehicle.pk, data=data, by=member_of(person), at=MONDAY, **told)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "application/pdf"),
        (picture(), "image/jpeg"),
        (picture(kind="PNG"), "image/png"),
        (picture(kind="WEBP"), "image/webp"),
    ],
    ids=["pdf", "jpeg", "png", "webp"],
)
def test_a_document_is_known_by_what_it_begins_with(car: Vehicle, sophie: User, data: bytes, kind: str):
    document = file(car, sophie, data, file_name="x.exe")

    assert document.media_type == kind
    assert not document.file.endswith(".exe")
    assert document.name == "x"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"MZ\x90", "unknown_kind"), (b"<html>", "unknown_kind"), (PDF + b"0" * (20 << 20), "too_heavy")],
    ids=["empty", "program", "page", "heavy"],
)  # fmt: skip
def test_anything_else_is_refused(car: Vehicle, sophie: User, data: bytes, code: str):
    with pytest.raises(BadDocument) as refused:
        file(car, sophie, data, file_name="ok.pdf")

    assert refused.value.code == code
    assert not Document.objects.exists()


def test_it_is_given_to_be_saved_and_never_shown_as_a_page(car: Vehicle, sophie: User, camille: User):
    document = file(car, sophie, name="Carte grise")

    answer: Any = signed_in(camille).get(f"/stock/documents/{document.pk}/")

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="Carte grise.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_what_shows_the_margin_is_not_there_for_others(
    car: Vehicle, ursule: User, sophie: User, camille: User
):
    document = file(car, ursule, name="Facture", shows_margin=True)
    url = f"/stock/documents/{document.pk}/"

    assert signed_in(ursule).get(url).status_code == 200
    for person in (sophie, camille):
        assert signed_in(person).get(url).status_code == 404
    assert signed_in(sophie).post(f"{url}remove/").status_code == 404
    assert VehicleChange.objects.get(of=car).changes == {"secret_documents": [None, "Facture"]}


def test_a_document_is_filed_and_removed_from_the_page(
    car: Vehicle, sophie: User, django_capture_on_commit_callbacks: Any, tmp_path: Path
):
    client = signed_in(sophie)
    upload = SimpleUploadedFile("carte_grise.pdf", PDF, "text/html")

    client.post(f"{car.get_absolute_url()}documents/add/", {"file": upload, "shows_margin": "on"})
    document = Document.objects.get()
    assert (document.name, document.shows_margin) == ("carte grise", False)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/stock/documents/{document.pk}/remove/")

    assert not Document.objects.exists()
    assert list(tmp_path.rglob("*.pdf")) == []


def test_what_is_no_document_is_said_beside_the_field(car: Vehicle, sophie: User):
    upload = SimpleUploadedFile("facture.pdf", b"MZ\x90", "application/pdf")

    answer = signed_in(sophie).post(f"{car.get_absolute_url()}documents/add/", {"file": upload})

    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()


def test_the_sheet_has_what_a_passer_by_asks_and_the_way_to_the_page(car: Vehicle, camille: User):
    answer = signed_in(camille).get(f"{car.get_absolute_url()}sheet/")
    page = answer.content.decode().replace("\u202f", " ").replace("\u00a0", " ")

    for words in ("Peugeot 208", "15 990 €", "24 500 km", "Essence", "L-1001"):
        assert words in page
    assert code_of(f"http://testserver{car.get_absolute_url()}").path in page


def test_a_qr_code_can_be_read_back(tmp_path: Path):
    """Drawn module by module, it is the very matrix that segno makes."""
    import segno

    code = code_of("https://dms.example/stock/0193/")
    dark = set()
    for part in code.path.split("z")[:-1]:
        place, width = part[1:].split("h")[0], int(part.split("h")[1].split("v")[0])
        x, y = map(int, place.split())
        dark |= {(x + step, y) for step in range(width)}

    rows = segno.make_qr("https://dms.example/stock/0193/", error="q").matrix
    expected = {(x + 4, y + 4) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert dark == expected
    assert code.size == len(rows) + 8
