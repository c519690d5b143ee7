"""Calling the API as a website does."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

LEADS = "/api/v1/leads/"
LYON_KEY = "lyon-website-key"
RIVAL_KEY = "rival-website-key"

PAUL: dict[str, Any] = {
    "first_name": "Paul",
    "last_name": "Martin",
    "email": "paul.martin@example.com",
    "phone": "06 12 34 56 78",
    "message": "Est-elle toujours disponible ?",
    "vehicle": {"make": "Peugeot", "model": "208", "year": 2023, "max_price": 18500},
    "consent_marketing": True,
    "page_url": "https://www.rhone-auto.example/208",
    "utm_source": "search",
}


def post(body: object, *, key: str | None = LYON_KEY, **headers: str) -> Any:
    """POST a lead; `body` is bytes as they are or anything that JSON can say."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Authorization": f"Api-Key {key}"} if key else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(raise_request_exception=False)
    # The test client sends no Content-Type with an empty body unless told so here.
    return client.post(
        LEADS, data, content_type="application/json", headers=sent, CONTENT_TYPE="application/json"
    )


def fields_of(response: Any) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in response.json().get("errors", [])]
