"""`python3 -m scripts <verb>`: what each Makefile target runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from scripts import environment, frontend
from scripts.console import StepError, say
from scripts.paths import PYTHON, ROOT, VENV


def setup(arguments: list[str]) -> int:
    """Everything short of serving: environment, dependencies, front-end, database, keys, demo data."""
    del arguments
    environment.ensure()
    frontend.ensure()
    _keep_what_is_compiled()
    return subprocess.run([PYTHON, "-m", "scripts.prepare"], cwd=ROOT, check=False).returncode


def run(arguments: list[str]) -> int:
    """Set up what is missing, then become the server."""
    failed = setup([])
    if not failed:
        _become("manage.py", "serve", *arguments)
    return failed


def dev(arguments: list[str]) -> int:
    """Environment with test and check tools, front-end files; then `python -m scripts.<module> ...` inside it."""
    environment.ensure(dev=True)
    frontend.ensure()
    if arguments:
        _become("-m", *arguments)
    return 0


def _become(*arguments: str) -> None:
    """Continue as the environment's Python, so that Ctrl-C and exit codes need no middleman."""
    _keep_what_is_compiled()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])  # noqa: S606 - our own program, no shell


def _keep_what_is_compiled() -> None:
    """Where Python may leave nothing beside the sources, as in many containers, it leaves it in `.venv`.

    Each of the many processes of a test run would compile all of Django for itself.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VENV / "compiled"))


VERBS: dict[str, Callable[[list[str]], int]] = {"setup": setup, "run": run, "dev": dev}


def main() -> int:
    """Run one verb; a failed step ends with its message, not with a traceback."""
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        say(f"usage: python3 -m scripts {'|'.join(VERBS)} [arguments]")
        return 2
    try:
        return VERBS[sys.argv[1]](sys.argv[2:])
    except StepError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
