"""The REST API for people: the same schema that machines read, as a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from sites.api.problems import all_kinds


@dataclass(frozen=True)
class FieldRow:
    """One parameter or field; `rule` says what its schema demands, in the schema's words."""

    name: str
    rule: str
    description: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One method on one address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[FieldRow]
    body: list[FieldRow]
    answers: list[Answer]


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/docs/: open to everybody, like the schema."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    context = {"operations": list(_operations(schema)), "problems": all_kinds()}
    return render(request, "api/docs.html", context)


def _operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                anchor=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=operation.get("summary", ""),
                description=_with_code(operation.get("description", "")),
                parameters=[_parameter(part) for part in operation.get("parameters", [])],
                body=list(_body(operation, schema)),
                answers=_answers(operation),
            )


def _parameter(parameter: dict[str, Any]) -> FieldRow:
    told = _with_code(parameter.get("description", ""))
    return FieldRow(parameter["name"], _rule(parameter.get("schema", {})), told)


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[FieldRow]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    yield from _fields(content.get("schema", {}), schema, "")


def _fields(shape: dict[str, Any], schema: dict[str, Any], prefix: str) -> Iterator[FieldRow]:
    """The fields of an object, those of objects inside it under their path."""
    for name, part in _resolved(shape, schema).get("properties", {}).items():
        kind = _without_null(part)
        inner = _resolved(kind, schema)
        if "properties" in inner:
            yield from _fields(inner, schema, f"{prefix}{name}.")
        else:
            told = _with_code(kind.get("description", part.get("description", "")))
            yield FieldRow(prefix + name, _rule(kind), told)


def _without_null(part: dict[str, Any]) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [kind for kind in part.get("anyOf", []) if kind.get("type") != "null"]
    return kinds[0] if kinds else part


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else shape
    return found


_LIMITS = {"minimum": "≥", "maximum": "≤", "minLength": "≥", "maxLength": "≤"}


def _rule(shape: dict[str, Any]) -> str:
    limits = [f"{sign} {shape[name]}" for name, sign in _LIMITS.items() if name in shape]
    choices = [" | ".join(str(choice) for choice in shape["enum"] if choice)] if "enum" in shape else []
    return ", ".join([str(shape.get("format", shape.get("type", ""))), *limits, *choices])


def _answers(operation: dict[str, Any]) -> list[Answer]:
    return [
        Answer(status, "" if status.startswith("2") else answer.get("description", ""))
        for status, answer in operation.get("responses", {}).items()
    ]


def _with_code(text: str) -> SafeString:
    """The text with what stands between backticks as code; everything is escaped."""
    parts = text.split("`")
    marked = (("<code>{}</code>" if number % 2 else "{}", part) for number, part in enumerate(parts))
    return format_html_join("", "{}", ((format_html(form, part),) for form, part in marked))
