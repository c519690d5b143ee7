"""What the tests bring themselves must start wherever the checkout lies."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.services import _runs


@pytest.mark.parametrize(("mode", "runs"), [(0o755, True), (0o600, False)])
def test_a_program_that_its_account_may_not_start_is_noticed(mode: int, runs: bool):
    """In a folder of root's alone it is the same: PostgreSQL is then copied out of the checkout, and not left out."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / "postgres"
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(mode)

        assert _runs(program) is runs
