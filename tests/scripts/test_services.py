"""What the tests bring themselves must start wherever the checkout lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services import _runs


@pytest.mark.parametrize(("mode", "runs"), [(0o755, True), (0o600, False)])
def test_a_program_that_may_not_be_entered_is_noticed(tmp_path: Path, mode: int, runs: bool):
    """`mktemp -d` makes folders of root's alone: PostgreSQL is copied out of such a checkout, and not left out."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(mode)

    assert _runs(program) is runs
