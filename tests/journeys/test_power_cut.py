from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.journeys.serving import copy_of, serving

KEY = "demo-lyon-website"
LEADS = 5
RECOVERY_SECONDS = 30.0


def post_lead(url: str, number: int) -> int:
    """Post as the Lyon website does; returns the status once the server has accepted."""
    body = {
        "first_name": "Paul",
        "last_name": f"Bernard {number}",
        "email": f"paul{number}@example.com",
        "message": "Clio",
    }
    headers = {"Authorization": f"Api-Key {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/leads/", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def rows(data: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{data / 'dms.sqlite3'}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def last_event(data: Path) -> int:
    return int(rows(data, "SELECT coalesce(max(id), 0) FROM notifications_event")[0][0])


def notified_people(data: Path, after_event: int) -> list[int]:
    """For each fact « a lead came in » after `after_event`, how many people have it in their inbox."""
    query = """
        SELECT count(told.id) FROM notifications_event fact
        LEFT JOIN notifications_notification told ON told.event_id = fact.id AND told.in_inbox
        WHERE fact.type_key = 'leads.received' AND fact.kind = 'notice' AND fact.id > ? GROUP BY fact.id
    """
    return [people for (people,) in rows(data, query, after_event)]


def unfinished(data: Path) -> int:
    """Messages that should have left by now. One that was leaving at the cut keeps its lease of two minutes."""
    query = """
        SELECT count(*) FROM notifications_delivery
        WHERE state IN ('planned', 'failed_temporary') AND due_at < datetime('now')
    """
    return int(rows(data, query)[0][0])


def test_a_power_cut_loses_no_accepted_lead_and_no_notification(prepared: Path, tmp_path: Path):
    data = copy_of(prepared, tmp_path)
    before = last_event(data)

    with serving(data) as first:
        statuses = [post_lead(first.url, number) for number in range(LEADS)]
        first.kill()
    with serving(data):
        deadline = time.monotonic() + RECOVERY_SECONDS
        while unfinished(data) or 0 in notified_people(data, before):
            assert time.monotonic() < deadline, notified_people(data, before)
            time.sleep(0.2)

    assert statuses == [201] * LEADS
    assert len(rows(data, "SELECT id FROM leads_lead WHERE email LIKE 'paul_@example.com'")) == LEADS
    assert len(notified_people(data, before)) == LEADS
    assert all(people > 0 for people in notified_people(data, before))
