"""The locks fit pyproject.toml and name no package index: whoever installs chooses theirs."""

from __future__ import annotations

import json
import re

from scripts import locks
from tests.architecture.sources import ROOT, TOOLING, name_of, packages

INDEXES = re.compile(
    "|".join(map(re.escape, ("registry." + "npmjs", "pypi" + ".org", "files.python" + "hosted")))
)
TEXT = {".py", ".toml", ".lock", ".json", ".md", ".yml", ".yaml", ".sh", ".html", ".js", ".css", ".cfg", ""}


def test_the_locks_are_in_date():
    assert locks.complaints() == []


def test_a_stale_lock_is_noticed(monkeypatch):
    monkeypatch.setattr(locks, "_inputs", lambda name: "other")

    assert any("older than pyproject.toml" in line for line in locks.complaints())


def test_the_npm_lock_has_hashes_and_no_addresses():
    entries = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    fetched = {name: entry for name, entry in entries.items() if name}

    assert fetched
    assert all(entry.get("integrity") for entry in fetched.values())
    assert not any("resolved" in entry for entry in fetched.values())


def test_no_file_names_a_package_index():
    folders = [*packages(), *TOOLING, "requirements", "deploy", "docs", ".ci", "templates"]
    below = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    files = [path for path in [*ROOT.iterdir(), *below] if path.is_file() and path.suffix in TEXT]

    named = [name_of(path) for path in files if INDEXES.search(path.read_text("utf-8", errors="replace"))]

    assert named == []
