"""`python -m tests.chaos [quick] [--rounds N] [name …]`: break things, print the table; exit 1 on any violation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from tests.chaos.laboratory import laboratory
from tests.chaos.table import Finding, table

ON_AN_INSTALLATION = ("kill", "flush", "twins", "poison")
IN_THIS_PROCESS = ("providers", "asleep")
NAMES = (*ON_AN_INSTALLATION, *IN_THIS_PROCESS)

# Enough that nobody comes near his limit of messages a day, beyond which they are gathered.
SITES, SITES_QUICK = 600, 300


def main() -> int:
    """Run what was asked for, or all of it."""
    asked = _arguments()
    names = asked.names or list(NAMES)
    findings = []
    with laboratory():
        for finding in _findings(names, quick=asked.quick, rounds=asked.rounds):
            print("\n".join(table([finding])[2:]), flush=True)
            findings.append(finding)
    print("\n" + "\n".join(table(findings)), flush=True)
    violated = sum(bool(finding.breaches) for finding in findings)
    print(f"\n{len(findings) - violated} held, {violated} violated")
    return 1 if violated else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--rounds", type=int, help="kills of each part (20)")
    words = sys.argv[1:]
    asked = parser.parse_args([word for word in words if word != "quick"])
    asked.quick = "quick" in words
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return asked


def _findings(names: list[str], *, quick: bool, rounds: int | None) -> Iterator[Finding]:
    if any(name in names for name in ON_AN_INSTALLATION):
        yield from _on_an_installation(names, quick=quick, rounds=rounds or (2 if quick else 20))
    yield from _in_this_process(names, quick=quick)


def _on_an_installation(names: list[str], *, quick: bool, rounds: int) -> Iterator[Finding]:
    from tests.chaos import dying
    from tests.chaos.installation import installation

    seconds = 8.0 if quick else 30.0
    with installation(SITES_QUICK if quick else SITES) as running:
        if "kill" in names:
            yield from dying.kill_each(running, rounds)
        if "flush" in names:
            yield dying.flush(running, seconds)
        if "twins" in names:
            yield dying.twins(running, seconds)
        if "poison" in names:
            yield dying.poison(running, 200 if quick else dying.POISONED)


def _in_this_process(names: list[str], *, quick: bool) -> Iterator[Finding]:
    from tests.chaos import asleep, refusing

    if "providers" in names:
        yield refusing.providers(100 if quick else 1_000)
    if "asleep" in names:
        yield asleep.two_days(20 if quick else 200)


if __name__ == "__main__":
    sys.exit(main())
