"""`make test`: the suite on SQLite, the suite on PostgreSQL and Redis, then journeys against the real server process.

The run brings its own services (tests/services.py) and says what it could not get; under `CI=true` that is a failure.
Words on the command line go to pytest, after the name of one pass if wanted: `make test ARGS="sqlite -k claim"`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts import catalogue
from scripts.console import say
from scripts.paths import PYTHON, ROOT
from tests.processes import die_with_parent
from tests.services import Services, services

WORKERS = "2"
PASS_SECONDS = 900  # a pass that hangs is stopped: the machine that runs it has other things to do
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DMS_MODE",
    "DMS_DATA",
    "SECRET_KEY",
    "PORT",
    "PUBLIC_URL",
    "DJANGO_SETTINGS_MODULE",
)


@dataclass(frozen=True)
class Pass:
    """One run of pytest over a part of the tests."""

    name: str
    needs: tuple[str, ...]
    options: tuple[str, ...]
    folder: str = "tests"


@dataclass(frozen=True)
class Outcome:
    """How a pass ended; `note` says why it did not run to its end."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""
    broken: bool = False


SUITE = ("-m", "not journey")
PASSES = (
    Pass("sqlite", (), SUITE),
    Pass("postgres", ("postgres", "redis"), SUITE),
    Pass("journeys", (), ("-m", "journey"), "tests/journeys"),
)


def main() -> int:
    """Run the passes one after the other; non-zero when anything failed, or nothing was tested."""
    words = sys.argv[1:]
    names = [word for word in words if word in {p.name for p in PASSES}]
    extra = [word for word in words if word not in names]
    strict = os.environ.get("CI", "").lower() in {"1", "true"}
    catalogue.compile_if_older()
    started = time.monotonic()
    with services(redis_servers=int(WORKERS)) as found:
        for line in found.report:
            say(f"  · {line}")
        outcomes = [_run(each, found, extra) for each in PASSES if not names or each.name in names]
    return _summary(outcomes, found, time.monotonic() - started, strict=strict)


def _run(each: Pass, found: Services, extra: list[str]) -> Outcome:
    lacking = [need for need in each.needs if need in found.missing]
    if lacking:
        return Outcome(each.name, note=f"NOT RUN: no {', '.join(lacking)}")
    say(f"\n━━ {each.name} ━━")
    with tempfile.TemporaryDirectory(prefix="dms-run-") as folder:
        report = Path(folder) / "junit.xml"
        command: list[str | Path] = [
            PYTHON,
            "-m",
            "pytest",
            "-q",
            "-n",
            WORKERS,
            f"--junitxml={report}",
            *each.options,
            *extra,
            *([] if any(word.startswith("tests/") for word in extra) else [each.folder]),
        ]
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(each, found),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGINT),  # noqa: PLW1509 - no threads here
        )
        code = _wait(process)
        return _outcome(each, report, code, time.monotonic() - started)


def _environment(each: Pass, found: Services) -> dict[str, str]:
    """Nothing of the caller's own set-up reaches a test; the second pass gets the databases of production."""
    env = {key: value for key, value in os.environ.items() if key not in OURS}
    env |= {**found.environment(), "DMS_MODE": "test"}
    if each.name == "postgres" and found.postgres_url:
        env |= {"DATABASE_URL": found.postgres_url, "REDIS_URL": found.redis_urls[0]}
    return env


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(PASS_SECONDS)
    except subprocess.TimeoutExpired:
        say(f"stopped after {PASS_SECONDS} s")
        return _kill(process)
    except KeyboardInterrupt:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[bytes]) -> int:
    """Pytest first gets the chance to stop its servers; then its whole session ends."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return 124


def _outcome(each: Pass, report: Path, code: int, seconds: float) -> Outcome:
    try:
        suite = next(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - written by our own pytest
    except (OSError, ET.ParseError, StopIteration):
        return Outcome(each.name, seconds=seconds, note=f"pytest ended with {code}", broken=True)
    count = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    passed = max(count["tests"] - failed - count["skipped"], 0)
    # 5 is pytest's word for « nothing collected »: a run that tested nothing has not passed.
    note = "" if code in (0, 1) else "no test was collected" if code == 5 else f"pytest ended with {code}"
    return Outcome(each.name, passed, failed, count["skipped"], seconds, note, broken=code != 0)


def _summary(outcomes: list[Outcome], found: Services, seconds: float, *, strict: bool) -> int:
    say("\n━━ summary ━━")
    for each in outcomes:
        say(
            f"  {each.name:<10}{each.passed} passed, {each.failed} failed, {each.skipped} skipped"
            f"  ({each.seconds:.0f} s) {each.note}"
        )
    for name in found.missing:
        say(
            f"  COULD NOT GET {name}: what needs it was not tested{' (a failure under CI=true)' if strict else ''}"
        )
    passed, failed = sum(each.passed for each in outcomes), sum(each.failed for each in outcomes)
    say(f"  total: {passed} passed, {failed} failed in {seconds:.0f} s")
    broken = any(each.broken for each in outcomes) or not passed
    return 1 if broken or (strict and found.missing) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as on Ctrl-C: services are stopped
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
