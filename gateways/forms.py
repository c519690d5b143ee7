"""Forms that a machine posts, read from memory: whole fields as bytes, and no limit but the caller's own.

Django refuses more than 2.5 MB outside of files and replaces what is not UTF-8. A mail provider posts a whole mail as
one field, in whatever encoding it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from urllib.parse import parse_qsl

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

# As many as Django takes (DATA_UPLOAD_MAX_NUMBER_FIELDS).
_MOST_FIELDS = 1000


@dataclass
class Form:
    """`fields` are name → the last value's bytes; `post` and `files` are what Django would have made of it."""

    fields: dict[str, bytes] = field(default_factory=dict)
    post: QueryDict = field(default_factory=lambda: QueryDict(mutable=True, encoding="utf-8"))
    files: MultiValueDict[str, SimpleUploadedFile] = field(default_factory=MultiValueDict)

    def add(self, name: str, value: bytes) -> None:
        """One more field."""
        self.fields[name] = value
        self.post.appendlist(name, value.decode("utf-8", errors="replace"))


def read_form(content_type: str, params: Mapping[str, str], body: bytes) -> Form:
    """The form that a body of this type is; an empty one for any other type. Raises `ValueError`."""
    if content_type == "multipart/form-data":
        return _multipart(body, params.get("boundary", "").encode(errors="replace"))
    form = Form()
    if content_type == "application/x-www-form-urlencoded":
        # Latin-1 there and back: every byte stays what it was.
        pairs = parse_qsl(body.decode("latin-1"), encoding="latin-1", max_num_fields=_MOST_FIELDS)
        for name, value in pairs:
            form.add(name, value.encode("latin-1"))
    return form


def _multipart(body: bytes, boundary: bytes) -> Form:
    """RFC 7578. Parts stand between lines that begin with the boundary; the last one is marked by two dashes."""
    if not boundary:
        raise ValueError("no boundary")
    form = Form()
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return form
        head, blank, data = part.partition(b"\r\n\r\n")
        if not blank or len(form.fields) + len(form.files) >= _MOST_FIELDS:
            raise ValueError("a part without an end, or too many")
        _add(form, head.decode("utf-8", errors="replace").lstrip(), data)
    raise ValueError("cut")


def _add(form: Form, head: str, data: bytes) -> None:
    headers = HeaderParser().parsestr(head)
    name, file_name = headers.get_param("name", "", "content-disposition"), headers.get_filename()
    if not name:
        raise ValueError("a part without a name")
    if file_name is None:
        form.add(str(name), data)
    else:
        form.files.appendlist(str(name), SimpleUploadedFile(file_name, data, headers.get_content_type()))
