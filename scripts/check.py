"""`make check`: every quick check runs, whatever the others say; a table at the end, and one exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from scripts.console import say
from scripts.paths import PYTHON, ROOT, VENV

BIN = VENV / "bin"
CHECKS: dict[str, list[str]] = {
    "types (mypy strict)": [str(BIN / "mypy")],
    "lint (ruff)": [str(BIN / "ruff"), "check", "."],
    "format (ruff)": [str(BIN / "ruff"), "format", "--check", "."],
    "templates (djlint)": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
    "floors (import-linter)": [str(BIN / "lint-imports")],
    "dependencies (deptry)": [str(BIN / "deptry"), "."],
    "missing migrations": [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"],
    "translations complete": [str(PYTHON), "-m", "scripts.messages", "--check"],
    "lock in date": [str(PYTHON), "-m", "scripts.locks", "--check"],
}
AT_ONCE = 2


@dataclass(frozen=True)
class Outcome:
    """What one check said."""

    name: str
    passed: bool
    seconds: float
    output: str


def main() -> int:
    """Run all checks, or those whose names contain one of the words given."""
    words = [word.lower() for word in sys.argv[1:]]
    chosen = {
        name: command
        for name, command in CHECKS.items()
        if not words or any(w in name.lower() for w in words)
    }
    with tempfile.TemporaryDirectory(prefix="dms-check-") as data, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda name: _run(name, chosen[name], data), chosen))
    for outcome in outcomes:
        if not outcome.passed:
            say(f"\n── {outcome.name} ──\n{outcome.output.strip()}")
    say("")
    for outcome in outcomes:
        say(f"  {'✓' if outcome.passed else '✗'} {outcome.name:<26}{outcome.seconds:6.1f} s")
    failed = sum(not outcome.passed for outcome in outcomes)
    say(f"{len(outcomes) - failed} checks passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def _run(name: str, command: list[str], data: str) -> Outcome:
    started = time.monotonic()
    # A data folder of its own: a check never reads or touches the one that somebody works with.
    keep = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DATABASE_URL", "REDIS_URL", "DMS_MODE")
    }
    env = {**keep, "DMS_DATA": data, "DJANGO_SETTINGS_MODULE": "dms.settings", "DMS_MODE": "test"}
    done = subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    return Outcome(name, done.returncode == 0, time.monotonic() - started, done.stdout)


if __name__ == "__main__":
    sys.exit(main())
