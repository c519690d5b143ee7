"""The last touches to the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.permissions import AllowAny

from core.clock import now
from sites.api import problems as p
from sites.api.schema import components, problems

_CONTACT_NEEDED = [
    {"required": [name], "properties": {name: {"type": "string", "minLength": 1}}}
    for name in ("email", "phone")
]


class Schema(SpectacularAPIView):
    """GET /api/v1/schema/: OpenAPI as YAML, or as JSON for whoever accepts that. Open to everybody."""

    permission_classes = [AllowAny]
    authentication_classes = []
    content_negotiation_class: type[BaseContentNegotiation] = DefaultContentNegotiation


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: put the structs' schemas beside what REST framework's serializers gave."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_translated(components()))
    if "LeadBody" in schemas:
        schemas["LeadBody"]["anyOf"] = _CONTACT_NEEDED
        schemas["VehicleBody"]["properties"]["year"]["anyOf"][0]["maximum"] = now().year + 2
    for path, operations in result.get("paths", {}).items():
        for operation in operations.values():
            _document_problems(operation, names_an_object="{" in path)
    return result


def _translated(part: Any) -> Any:
    """Descriptions in the language of this request; those that have no translation stay as they are."""
    if isinstance(part, dict):
        return {name: _said(name, inner) for name, inner in part.items()}
    return [_translated(inner) for inner in part] if isinstance(part, list) else part


def _said(name: str, inner: Any) -> Any:
    return gettext(inner) if name == "description" and isinstance(inner, str) else _translated(inner)


def _document_problems(operation: dict[str, Any], *, names_an_object: bool) -> None:
    """What any endpoint may answer, where its own description does not say so already."""
    kinds = [p.INVALID_BODY, p.NOT_AUTHENTICATED, p.NOT_ALLOWED]
    kinds += [p.NOT_FOUND] if names_an_object else []
    kinds += [p.TOO_LARGE, p.UNSUPPORTED_MEDIA_TYPE] if "requestBody" in operation else []
    for (status, media_type), answer in problems(*kinds).items():
        shape = {name: part for name, part in answer.items() if name != "description"}
        documented = {"description": answer["description"], "content": {media_type: {"schema": shape}}}
        operation["responses"].setdefault(str(status), documented)
    for answer in operation["responses"].values():
        told = [content["schema"].get("description", "") for content in answer.get("content", {}).values()]
        answer["description"] = answer.get("description") or "".join(told)
