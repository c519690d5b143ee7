"""Reading a JSON body strictly: typed by a msgspec struct, of limited size, without what a database refuses.

The decoder is compiled and quick; only when it refuses is the body read again, slowly, to say what is wrong
with every field, in the caller's language and with none of the library's own words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from msgspec import inspect

from sites.api.problems import (
    INVALID_BODY,
    INVALID_JSON,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    Problem,
    Text,
)

# Bytes. A long letter has 10,000; what is larger was not written by a customer.
LIMIT = 64 * 1024

# Errors named in one answer: enough to correct a form, too few to be an amplifier.
MOST_ERRORS = 20

S = TypeVar("S", bound=msgspec.Struct)


class Body(Generic[S]):
    """The reader of one struct: `Body(LeadBody).read(request)`. `limit` is in bytes."""

    def __init__(self, struct: type[S], *, limit: int = LIMIT) -> None:
        self.struct = struct
        self.limit = limit
        self._decoder = msgspec.json.Decoder(struct)

    def read(self, request: HttpRequest) -> S:
        """The body as the struct. Raises `Problem` with every field that is wrong."""
        return self.decode(self.bytes_of(request))

    def decode(self, body: bytes) -> S:
        """The same for bytes at hand."""
        try:
            decoded = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._refusal(body) from None
        # JSON can only carry NUL escaped; an escaped backslash before « u0000 » is looked at for nothing.
        if b"\\u0000" in body and any(errors_in(_parsed(body), self.struct)):
            raise self._refusal(body)
        return decoded

    def bytes_of(self, request: HttpRequest) -> bytes:
        """The raw body. Raises `Problem` when it is too large or not said to be JSON."""
        if request.content_type != "application/json":
            raise Problem(UNSUPPORTED_MEDIA_TYPE)
        try:
            if int(request.META.get("CONTENT_LENGTH") or 0) > self.limit:
                raise Problem(TOO_LARGE)
            body = request.body
        except (ValueError, RequestDataTooBig):
            raise Problem(TOO_LARGE) from None
        if len(body) > self.limit:
            raise Problem(TOO_LARGE)
        return body

    def _refusal(self, body: bytes) -> Problem:
        try:
            errors = list(islice(errors_in(_parsed(body), self.struct), MOST_ERRORS))
        except RecursionError:
            errors = [FieldError("", _("The body is nested too deeply."))]
        except ValueError:
            return Problem(INVALID_JSON)
        return Problem(INVALID_BODY, errors=errors) if errors else Problem(INVALID_JSON)


def _parsed(body: bytes) -> object:
    """The body by the tolerant parser of the standard library. Raises ValueError or RecursionError."""
    return json.loads(body.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def errors_in(value: object, struct: type[msgspec.Struct]) -> Iterator[FieldError]:
    """What keeps `value`, as decoded from JSON, from being a `struct`; field by field."""
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    yield from _in_struct(value, shape, "")


def _in_struct(value: object, shape: inspect.StructType, path: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield FieldError(path, _("Expected an object."))
        return
    fields = {field.encode_name: field for field in shape.fields}
    unknown = [name for name in value if name not in fields and shape.forbid_unknown_fields]
    yield from (FieldError(_join(path, _printable(name)), _("Unknown field.")) for name in unknown)
    for name, field in fields.items():
        if name in value:
            yield from _in_value(value[name], field.type, _join(path, name))
        elif field.required:
            yield FieldError(_join(path, name), _("This field is required."))


def _in_value(value: object, shape: inspect.Type, path: str) -> Iterator[FieldError]:
    if isinstance(shape, inspect.Metadata):
        yield from _in_value(value, shape.type, path)
    elif isinstance(shape, inspect.UnionType):
        if value is None and any(isinstance(kind, inspect.NoneType) for kind in shape.types):
            return
        kinds = [kind for kind in shape.types if not isinstance(kind, inspect.NoneType)]
        yield from _in_value(value, kinds[0], path)
    elif isinstance(shape, inspect.StructType):
        yield from _in_struct(value, shape, path)
    elif isinstance(shape, inspect.ListType | inspect.CollectionType):
        yield from _in_list(value, shape, path)
    elif (message := _fault_of(value, shape)) is not None:
        yield FieldError(path, message)


def _in_list(value: object, shape: Any, path: str) -> Iterator[FieldError]:
    if not isinstance(value, list):
        yield FieldError(path, _("Expected a list."))
        return
    if shape.max_length is not None and len(value) > shape.max_length:
        yield FieldError(path, _("At most %(most)d entries.") % {"most": shape.max_length})
        return
    for number, item in enumerate(value):
        yield from _in_value(item, shape.item_type, f"{path}[{number}]")


def _fault_of(value: object, shape: inspect.Type) -> Text | None:
    if isinstance(shape, inspect.StrType):
        return _fault_of_text(value, shape)
    if isinstance(shape, inspect.BoolType):
        return None if isinstance(value, bool) else _("Expected true or false.")
    if isinstance(shape, inspect.IntType):
        return _fault_of_number(value, shape, int, _("Expected a whole number."))
    if isinstance(shape, inspect.FloatType):
        return _fault_of_number(value, shape, (int, float), _("Expected a number."))
    return _fault_of_other(value, shape)


def _fault_of_text(value: object, shape: inspect.StrType) -> Text | None:
    if not isinstance(value, str):
        return _("Expected a text.")
    if "\x00" in value:
        return _("The text has a NUL character in it.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        return _("The text has half a character in it (a lone surrogate).")
    if shape.max_length is not None and len(value) > shape.max_length:
        return _("At most %(most)d characters.") % {"most": shape.max_length}
    if shape.min_length is not None and len(value) < shape.min_length:
        return _("At least %(least)d characters.") % {"least": shape.min_length}
    return None


def _fault_of_number(value: object, shape: Any, accepted: Any, expectation: Text) -> Text | None:
    if isinstance(value, bool) or not isinstance(value, accepted):
        return expectation
    if shape.ge is not None and value < shape.ge:
        return _("At least %(least)s.") % {"least": shape.ge}
    if shape.le is not None and value > shape.le:
        return _("At most %(most)s.") % {"most": shape.le}
    return None


def _fault_of_other(value: object, shape: inspect.Type) -> Text | None:
    """A type that this page has no sentence for: ask the library whether, but not why."""
    origin = getattr(shape, "cls", None)
    try:
        if origin is not None:
            msgspec.convert(value, origin)
    except msgspec.ValidationError:
        return _("This value is not accepted.")
    return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _printable(name: str) -> str:
    """A field's name as the caller sent it, short and without control characters."""
    return "".join(letter if letter.isprintable() else "�" for letter in name[:60])
