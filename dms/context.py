"""What every page's shell needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the application shell: who is here, and whether this is the demo."""
    return {"member": getattr(request, "member", None), "is_demo": settings.DEMO}
