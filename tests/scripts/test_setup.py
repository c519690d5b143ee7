from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from scripts import __main__ as verbs
from scripts import frontend, prepare, stamps
from scripts.console import StepError, run
from scripts.paths import ROOT, VENV

BELL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 16"/></svg>'


@pytest.fixture
def icons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bootstrap-icons" / "icons"
    folder.mkdir(parents=True)
    (folder / "bell.svg").write_text(BELL)
    monkeypatch.setattr(frontend, "NODE_MODULES", tmp_path)
    return folder


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `prepare` asked Django to do, on an empty data folder."""
    commands: list[str] = []
    monkeypatch.setenv("DMS_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DMS_MODE", "demo")

    def manage(command: str, *options: str) -> None:
        commands.append(command)
        (tmp_path / "dms.sqlite3").touch()

    monkeypatch.setattr(prepare, "_manage", manage)
    monkeypatch.setattr("scripts.catalogue.compile_if_older", lambda: None)
    return commands


def test_a_stamp_survives_and_a_damaged_one_counts_as_none(tmp_path: Path):
    stamp = tmp_path / "stamp.json"

    stamps.write(stamp, {"database": "1"})
    kept = stamps.read(stamp)
    stamp.write_text("{half")

    assert kept == {"database": "1"}
    assert stamps.read(stamp) == {}


def test_a_fingerprint_changes_with_the_content(tmp_path: Path):
    file = tmp_path / "lock"
    file.write_text("one")
    before = stamps.fingerprint([file])

    file.write_text("two")

    assert stamps.fingerprint([file]) != before


def test_a_second_start_has_nothing_to_do(steps: list[str]):
    prepare.main()
    first = list(steps)
    prepare.main()

    assert first == ["migrate", "make_vapid_keys", "seed_demo"]
    assert steps == first


def test_a_deleted_database_is_made_again(steps: list[str], tmp_path: Path):
    prepare.main()
    (tmp_path / "dms.sqlite3").unlink()

    prepare.main()

    assert steps == ["migrate", "make_vapid_keys", "seed_demo"] * 2


def test_an_interrupted_step_is_done_again(steps: list[str], monkeypatch: pytest.MonkeyPatch):
    manage = prepare._manage

    def interrupted(command: str, *options: str) -> None:
        manage(command, *options)
        if command == "seed_demo":
            raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "_manage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare.main()
    monkeypatch.setattr(prepare, "_manage", manage)
    prepare.main()

    assert steps == ["migrate", "make_vapid_keys", "seed_demo", "seed_demo"]


def test_production_gets_no_demo_data(steps: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DMS_MODE", "production")

    prepare.main()

    assert "seed_demo" not in steps


def test_the_sprite_holds_the_icons_of_the_list(icons: Path):
    sprite = ET.fromstring(frontend._sprite(["bell"]))

    assert [symbol.get("id") for symbol in sprite] == ["bell"]


def test_an_unknown_icon_stops_the_set_up(icons: Path):
    with pytest.raises(StepError, match="no icon named 'bel'"):
        frontend._sprite(["bel"])


def test_source_map_comments_are_taken_off():
    script = "go();\n//# sourceMappingURL=go.js.map\n"
    sheet = "p{}\n/*# sourceMappingURL=p.css.map */"

    assert "sourceMappingURL" not in frontend.SOURCE_MAP.sub("", script + sheet)
    assert frontend.SOURCE_MAP.sub("", "go();\n") == "go();\n"


def test_a_failed_command_says_what_it_printed():
    with pytest.raises(StepError, match="out of paper"):
        run([sys.executable, "-c", "import sys; print('out of paper'); sys.exit(3)"])


def find_python(path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    environment: dict[str, Any] = {**os.environ, "PATH": str(path), "PYTHON": "", **changes}
    command = ["/bin/sh", str(ROOT / "scripts" / "find-python.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_stub_that_only_prints_an_error_is_passed_over(tmp_path: Path):
    (tmp_path / "python3.13").write_text("#!/bin/sh\necho not installed >&2\nexit 127\n")
    (tmp_path / "python3.13").chmod(0o755)
    (tmp_path / "python3").symlink_to(sys.executable)

    answer = find_python(tmp_path)

    assert answer.stdout.strip() == str(tmp_path / "python3")


def test_a_machine_without_python_gets_a_clear_sentence(tmp_path: Path):
    answer = find_python(tmp_path)

    assert answer.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in answer.stderr


@pytest.mark.parametrize(
    ("given", "kept_in"),
    [
        ({"PYTHONDONTWRITEBYTECODE": "1"}, str(VENV / "compiled")),
        ({"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/elsewhere"}, "/elsewhere"),
        ({}, None),
    ],
)
def test_what_python_compiles_is_kept_for_the_next_process(
    given: dict[str, str], kept_in: str | None, monkeypatch: pytest.MonkeyPatch
):
    """And beside the sources nothing is left where that is forbidden."""
    became: list[dict[str, str]] = []
    monkeypatch.setattr(os, "environ", dict(given))
    monkeypatch.setattr(os, "chdir", lambda _folder: None)
    monkeypatch.setattr(os, "execv", lambda *_command: became.append(dict(os.environ)))

    verbs._become("manage.py", "serve")

    assert became == [{"PYTHONPYCACHEPREFIX": kept_in} if kept_in else {}]
