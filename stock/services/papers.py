"""Documents of a vehicle: kept as they were given, and known by what they begin with, not by what they are called."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from core.ids import new_id
from sites.access import Member
from stock.access import EDIT, SEE_MARGIN, VIEW
from stock.models import Document
from stock.services.files import erase_on_commit
from stock.services.writing import locked, write

MOST_BYTES = 20 * 1024 * 1024
MOST_DOCUMENTS = 100
NAME_LENGTH = 200

# How a file of a kind begins, the kind, and the ending it is stored under.
_KINDS = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
)


class BadDocument(Exception):
    """The file is not taken; `code` says why: `too_heavy`, `empty`, `unknown_kind`, `too_many`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DocumentNotFound(Exception):
    """There is no such document, or not for this person; the two must look alike."""


def add_document(
    *,
    vehicle_id: UUID,
    data: bytes,
    file_name: str,
    name: str,
    by: Member,
    at: datetime,
    shows_margin: bool = False,
) -> Document:
    """Keep a file. Without a `name` it is called as it was on the person's machine.

    Raises VehicleNotFound, StockNotAllowed, BadDocument.
    """
    media_type, ending = _kind_of(data)
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT, *((SEE_MARGIN,) if shows_margin else ()))
        if Document.objects.filter(vehicle=vehicle).count() >= MOST_DOCUMENTS:
            raise BadDocument("too_many")
        key = new_id()
        stored = default_storage.save(
            f"stock/{vehicle.group_id}/{vehicle.pk}/papers/{key}{ending}", ContentFile(data)
        )
        document = Document.objects.create(
            pk=key,
            group_id=vehicle.group_id,
            vehicle=vehicle,
            name=_named(name, file_name),
            file=stored,
            media_type=media_type,
            size=len(data),
            shows_margin=shows_margin,
            added_at=at,
            added_by=by.user,
        )
        write(vehicle, {}, by=by, at=at, notes={_line(document): [None, document.name]})
    return document


def remove_document(*, document_id: UUID, by: Member, at: datetime) -> Document:
    """Take a document out, with its file. Raises DocumentNotFound, StockNotAllowed."""
    document = document_for(by, document_id)
    if document is None:
        raise DocumentNotFound(document_id)
    with transaction.atomic():
        vehicle = locked(document.vehicle_id, by, EDIT)
        if not Document.objects.filter(pk=document.pk).delete()[0]:
            raise DocumentNotFound(document_id)
        erase_on_commit((document.file,))
        write(vehicle, {}, by=by, at=at, notes={_line(document): [document.name, None]})
    return document


def document_for(member: Member, document_id: UUID) -> Document | None:
    """The document, or None when it is missing or not for this person: some show what a car was bought for."""
    if not member.can(VIEW):
        return None
    document = Document.objects.select_related("vehicle").filter(pk=document_id).first()
    if document and document.shows_margin and not member.can(SEE_MARGIN, document.vehicle.site_id):
        return None
    return document


def _line(document: Document) -> str:
    """Under which the history keeps it: who may not read the document does not read its name either."""
    return "secret_documents" if document.shows_margin else "documents"


def _kind_of(data: bytes) -> tuple[str, str]:
    if not data:
        raise BadDocument("empty")
    if len(data) > MOST_BYTES:
        raise BadDocument("too_heavy")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", ".webp"
    for start, media_type, ending in _KINDS:
        if data.startswith(start):
            return media_type, ending
    raise BadDocument("unknown_kind")


def _named(name: str, file_name: str) -> str:
    typed = " ".join(name.split())
    return (typed or PurePath(file_name.replace("\\", "/")).stem.replace("_", " ").strip() or "document")[
        :NAME_LENGTH
    ]
