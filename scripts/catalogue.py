"""Compile locale/*/LC_MESSAGES/*.po to .mo with Babel: no gettext tools are needed and no .mo is committed."""

from __future__ import annotations

from pathlib import Path

from scripts.paths import LOCALE


def compile_if_older() -> None:
    """Bring every .mo up to date with its .po."""
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            compile_one(source, target)


def compile_one(source: Path, target: Path) -> None:
    """Write `target` in one go, so that a running server never reads half of it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    fresh = target.with_suffix(".mo.new")
    with source.open("rb") as readable, fresh.open("wb") as writable:
        write_mo(writable, read_po(readable, locale=source.parts[-3]))
    fresh.replace(target)
