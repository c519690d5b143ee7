"""Playing the customer: a lead posted to the real API, with the key of the demo's website in Lyon."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

KEY = "demo-lyon-website"
RIVAL_KEY = "demo-rival-website"


def send_lead(url: str, first_name: str, *, key: str = KEY, **fields: Any) -> str:
    """Post a lead of « first_name Prospect » and return its id. Every call is another customer."""
    body = {
        "first_name": first_name,
        "last_name": "Prospect",
        "email": f"{uuid.uuid4().hex}@example.com",
        "message": "Est-elle toujours disponible ?",
        "vehicle": {"make": "Peugeot", "model": "208", "year": 2023},
        **fields,
    }
    request = urllib.request.Request(
        f"{url}/api/v1/leads/",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Api-Key {key}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        lead_id: str = json.load(answer)["id"]
        return lead_id
