from __future__ import annotations

from pathlib import Path

import pytest

from scripts.testing import PASSES, Outcome, _outcome, _summary
from tests.services import Services

SQLITE = PASSES[0]
GREEN = Outcome("sqlite", passed=3)


@pytest.fixture
def junit(tmp_path: Path) -> Path:
    path = tmp_path / "junit.xml"
    path.write_text('<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1"/></testsuites>')
    return path


def test_a_pass_counts_errors_as_failures(junit: Path):
    outcome = _outcome(SQLITE, junit, 1, 2.0)

    assert (outcome.passed, outcome.failed, outcome.skipped, outcome.broken) == (2, 2, 1, True)


def test_a_pass_that_collected_nothing_has_failed(tmp_path: Path):
    path = tmp_path / "junit.xml"
    path.write_text('<testsuites><testsuite tests="0" failures="0" errors="0" skipped="0"/></testsuites>')

    outcome = _outcome(SQLITE, path, 5, 0.1)

    assert outcome.broken
    assert outcome.note == "no test was collected"
    assert _summary([GREEN, outcome], Services(), 1.0, strict=False) == 1


def test_a_pass_that_left_no_report_has_failed(tmp_path: Path):
    assert _outcome(SQLITE, tmp_path / "none.xml", 4, 0.1).broken


def test_a_green_run_ends_with_its_total(capsys: pytest.CaptureFixture[str]):
    code = _summary([GREEN, Outcome("journeys", passed=2)], Services(), 61.2, strict=True)

    assert code == 0
    assert "total: 5 passed, 0 failed in 61 s" in capsys.readouterr().out


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)])
def test_what_is_missing_is_said_and_fails_continuous_integration(
    strict: bool, code: int, capsys: pytest.CaptureFixture[str]
):
    lacking = Services(missing=["chromium"])

    assert _summary([GREEN], lacking, 1.0, strict=strict) == code
    assert "COULD NOT GET chromium" in capsys.readouterr().out
