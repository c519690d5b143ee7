"""lxml, with everything off that lets a file reach the disk, the network or more memory than it has bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

from lxml import etree

from imports.files.refusals import BrokenXml, FileIsCut, ForbiddenXml, LineTooLong

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the class

# libxml2's numbers for « the document ended too early » (XML_ERR_DOCUMENT_END, XML_ERR_TAG_NOT_FINISHED and kin).
_ENDS_EARLY = frozenset((4, 5, 39, 40, 73, 74, 77))


def elements(
    source: IO[bytes], events: Sequence[str], *, encoding: str | None = None, html: bool = False
) -> Iterator[tuple[str, Element]]:
    """The elements of a document as they begin or end, in the `encoding` that it says of itself unless one is given.

    In `html` tags may stay open, and a document type is nothing. Raises `ForbiddenXml`, `BrokenXml`, `FileIsCut`,
    `LineTooLong`.
    """
    checked = html
    options: dict[str, Any] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "encoding": encoding,
        "html": html,
    }
    try:
        found = etree.iterparse(source, events=tuple(events), **options)
        for event, element in found:
            if not checked:
                _refuse_doctype(element)
                checked = True
            yield event, element
        if (
            html and found.error_log.filter_from_fatals()
        ):  # too deep, too long: the rest was passed over in silence
            raise LineTooLong
    except etree.XMLSyntaxError as error:
        raise (FileIsCut if getattr(error, "code", 0) in _ENDS_EARLY else BrokenXml)(
            line=error.lineno or 1
        ) from error


def refuse_doctype_in(head: bytes) -> None:
    """Before any parser sees it. In whatever encoding: the letters are ASCII, with zeros between them in UTF-16."""
    plain = head.replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise ForbiddenXml


def _refuse_doctype(element: Element) -> None:
    info: Any = element.getroottree().docinfo  # the stubs leave « doctype » out
    if info.doctype or info.internalDTD is not None:
        raise ForbiddenXml


def forget(element: Element) -> None:
    """Free an element and its elder siblings, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    tag: Any = element.tag  # a comment's or instruction's is a function
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
