"""`python -m bench [name …]`: run the benchmarks and print their table; exit 1 when a promise is missed."""

from __future__ import annotations

import os
import sys
from importlib import import_module

NAMES = (
    "fanout",
    "deliveries",
    "release",
    "inbox",
    "intake",
    "bell",
    "sockets",
    "embedded",
    "matching",
    "imports",
    "stock",
)


def main() -> int:
    """Run the named benchmarks, or all. Each one judges itself; the last lines sum up."""
    _point_at_private_services()
    import django

    django.setup()
    _migrate()
    reports = []
    for name in sys.argv[1:] or NAMES:
        report = import_module(f"bench.{name}").run()
        print("\n".join(report.lines()), flush=True)
        reports.append(report)
    bounds = [bound for report in reports for bound in report.bounds]
    missed = [bound for bound in bounds if not bound.holds]
    print(f"\n{len(bounds) - len(missed)} promises held, {len(missed)} missed")
    return 1 if missed else 0


def _point_at_private_services() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    os.environ["DMS_MODE"] = "development"
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URLS"].split()[0]


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
