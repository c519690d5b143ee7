"""Messages of before keep their words when these move into a table of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BEFORE, AFTER = "0016_collapse_and_storms", "0019_words_only_once"


def migrated(name: str) -> Any:
    """The models as they are after that migration."""
    executor = MigrationExecutor(connection)
    executor.migrate([("notifications", name)])
    return executor.loader.project_state([("notifications", name)]).apps


@pytest.fixture
def old_models(transactional_db: None) -> Iterator[Any]:
    yield migrated(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.slow
def test_words_move_once_and_of_two_copies_the_later_stays(old_models: Any):
    group = old_models.get_model("sites", "Group")._base_manager.create(name="Old", slug="old")
    entry = old_models.get_model("notifications", "OutboxEntry")._base_manager
    same = {
        "group": group,
        "channel": "email",
        "detail": {},
        "sent_at": AT,
        "text": "Bonjour",
        "html": "<p>Bonjour</p>",
    }
    for number in range(3):
        entry.create(recipient=f"{number}@old.test", subject="Nouveau lead", **same)
    entry.create(recipient="3@old.test", subject="Autre", **same)

    models = migrated(AFTER)

    rows = (
        models.get_model("notifications", "OutboxEntry")._base_manager.select_related("words").order_by("pk")
    )
    assert [(row.words.subject, row.words.text, row.words.html) for row in rows] == [
        *[("Nouveau lead", "Bonjour", "<p>Bonjour</p>")] * 3,
        ("Autre", "Bonjour", "<p>Bonjour</p>"),
    ]
    assert models.get_model("notifications", "OutboxWords")._base_manager.count() == 2
