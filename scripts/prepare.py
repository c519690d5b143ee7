"""The part of the set-up that needs Django: translations, database, push keys, demo data. Runs inside `.venv`.

What was done is remembered in the data folder (`DMS_DATA`), beside the database that it describes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from scripts import catalogue, stamps
from scripts.console import StepError, step
from scripts.paths import ROOT, data_dir

STAMP = ".setup.json"


def main() -> None:
    """Do what is missing, in order; an interrupted step is done again next time."""
    data_dir().mkdir(parents=True, exist_ok=True)
    catalogue.compile_if_older()
    done = _done()
    for name, state, deed in _steps():
        if done.get(name) == state:
            continue
        with step(name):
            deed()
        done[name] = state
        stamps.write(data_dir() / STAMP, done)


def _done() -> dict[str, str]:
    """A stamp counts for the database that it was written for: gone or another one means starting over."""
    target = os.environ.get("DATABASE_URL", "")
    database = {"target": stamps.fingerprint([], target)}
    known = stamps.read(data_dir() / STAMP)
    lost = not target and not (data_dir() / "dms.sqlite3").exists()
    return known if known.get("target") == database["target"] and not lost else database


def _steps() -> list[tuple[str, str, Callable[[], None]]]:
    migrations = [path for path in ROOT.glob("*/**/migrations/*.py") if ".venv" not in path.parts]
    locks = list((ROOT / "requirements").glob("*.lock"))
    steps = [
        ("database", stamps.fingerprint([*migrations, *locks]), lambda: _manage("migrate", "--no-input")),
        ("push keys", "made", lambda: _manage("make_vapid_keys")),
    ]
    if _demo():
        steps.append(("demo data", "seeded", lambda: _manage("seed_demo")))
    return steps


def _demo() -> bool:
    """The settings' own answer, without starting Django when nothing is left to do."""
    mode = os.environ.get("DMS_MODE", "").strip()
    embedded = not os.environ.get("DATABASE_URL") and not os.environ.get("REDIS_URL")
    return mode == "demo" or (not mode and embedded)


def _manage(command: str, *options: str) -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    try:
        django.setup()
        call_command(command, *options, verbosity=0)
    except (CommandError, ImproperlyConfigured) as error:
        raise StepError(f"manage.py {command}: {error}") from error


if __name__ == "__main__":
    try:
        main()
    except StepError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
