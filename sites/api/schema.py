"""Describing endpoints in the OpenAPI schema with the very structs that read and write their JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from sites.api.problems import CONTENT_TYPE, Kind

_REF = "#/components/schemas/{name}"
_structs: dict[str, type[msgspec.Struct]] = {}


class FieldErrorOut(msgspec.Struct):
    """What is wrong with one field; `field` is a path like `vehicle.year`, empty for the body as a whole."""

    field: str
    message: str


class ProblemOut(msgspec.Struct, omit_defaults=True):
    """RFC 9457 problem details, in the caller's language (Accept-Language; French by default)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorOut] = []


def ref(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """A reference to the struct's schema, which `components` then contains."""
    _structs[struct.__name__] = struct
    return {"$ref": _REF.format(name=struct.__name__)}


def components() -> dict[str, Any]:
    """The JSON Schema of every struct that some endpoint refers to, and of what those contain."""
    _schemas, found = msgspec.json.schema_components([*_structs.values(), ProblemOut], ref_template=_REF)
    return found


def problems(*kinds: Kind) -> dict[tuple[int, str], Any]:
    """`responses` for these problems and for those that every endpoint may answer."""
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind.slug)
    return {
        (status, CONTENT_TYPE): {**ref(ProblemOut), "description": ", ".join(slugs)}
        for status, slugs in by_status.items()
    }


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library is untyped here
    """How the schema names our keys."""

    target_class = "sites.api.callers.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Api-Key <key>`",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library is untyped here
    """How the schema names a browser session."""

    target_class = "sites.api.callers.StaffSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Signed-in staff; whatever changes something needs the header X-CSRFToken.",
        }
