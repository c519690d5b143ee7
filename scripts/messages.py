"""Extract what people read into locale/<language>/LC_MESSAGES/django.po, and check that nothing lacks a translation.

Babel reads Python; templates go through Django's own `templatize` first, which turns them into something that
Babel's Python reader understands. The file carries no line numbers and no dates: it only changes with the words.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from scripts.catalogue import compile_if_older
from scripts.console import say
from scripts.paths import LOCALE, ROOT

LANGUAGES = ("fr",)  # msgids are English: English needs no file
NOT_OURS = {
    ".venv",
    "node_modules",
    "var",
    "static_src",
    "static_built",
    "tests",
    "bench",
    "scripts",
    "docs",
    "deploy",
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext_lazy": ((1, "c"), 2),
}
PLACEHOLDERS = re.compile(r"\{[^{}]*\}|%\(\w+\)[a-z]|%[sd]")

Found = tuple[str | tuple[str, ...], str | None]


def main() -> int:
    """Update the files (default), or only say what is wrong with them (`--check`)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when a translation is missing"
    )
    check_only: bool = parser.parse_args().check
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    wanted = sorted(set(messages_in_use()), key=str)
    complaints: list[str] = []
    for language in LANGUAGES:
        catalogue = _read(language)
        if not check_only:
            catalogue = _updated(catalogue, wanted, language)
            _write(language, catalogue)
        complaints += [f"{language}: {complaint}" for complaint in complaints_about(catalogue, wanted)]
    if not check_only:
        compile_if_older()
    for complaint in complaints:
        say(complaint)
    say(f"{len(wanted)} messages, {len(complaints)} to correct.")
    return 1 if complaints and check_only else 0


def messages_in_use() -> Iterator[Found]:
    """Every message of the product's Python files and templates, with its context."""
    for path in _sources("*.py"):
        yield from _extract(path.read_text(encoding="utf-8"), path)
    for pattern in ("*.html", "*.txt"):
        for path in _sources(pattern):
            if "templates" in path.relative_to(ROOT).parts:
                yield from messages_in_template(path.read_text(encoding="utf-8"), path)


def messages_in_template(text: str, path: Path) -> Iterator[Found]:
    """`templatize` keeps the template's indentation, which is none that Python accepts: it is taken off."""
    from django.utils.translation.template import templatize

    lines = templatize(text, origin=str(path)).splitlines()
    yield from _extract("\n".join(line.strip() for line in lines) + "\n", path)


def _sources(pattern: str) -> list[Path]:
    found = (path for path in ROOT.rglob(pattern) if not NOT_OURS & set(path.relative_to(ROOT).parts))
    return sorted(found)


def _extract(text: str, path: Path) -> Iterator[Found]:
    try:
        for _line, message, _comments, context in extract("python", BytesIO(text.encode()), KEYWORDS):
            if message and message != ("",):
                yield tuple(message) if isinstance(message, list | tuple) else message, context
    except SyntaxError as error:
        raise SystemExit(f"{path.relative_to(ROOT)}: {error}") from error


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def _updated(old: Catalog, wanted: Iterable[Found], language: str) -> Catalog:
    fresh = Catalog(locale=language, fuzzy=False)
    for identity, context in wanted:
        known = old.get(identity, context)
        translation = known.string if known and not known.fuzzy else None
        if isinstance(translation, str) != isinstance(identity, str):
            translation = None  # it became a plural, or is none any more
        fresh.add(identity, translation, context=context)
    return fresh


def _write(language: str, catalogue: Catalog) -> None:
    output = BytesIO()
    write_po(output, catalogue, width=110, no_location=True, sort_output=True, omit_header=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    header += f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    path = _path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + output.getvalue().decode().strip() + "\n", encoding="utf-8")


def complaints_about(catalogue: Catalog, wanted: Iterable[Found]) -> list[str]:
    """What is missing, doubtful, left over or breaks its placeholders."""
    complaints = []
    used = set()
    for identity, context in wanted:
        used.add((_singular(identity), context))
        message = catalogue.get(identity, context)
        if message is None:
            complaints.append(f"not extracted yet (make messages): {identity!r}")
        else:
            complaints += _complaints_about_one(message)
    left_over = [m for m in catalogue if m.id and (_singular(m.id), m.context) not in used]
    return complaints + [f"no longer used (make messages): {m.id!r}" for m in left_over]


def _complaints_about_one(message: Message) -> list[str]:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(strings):
        return [f"not translated: {message.id!r}"]
    if message.fuzzy:
        return [f"marked fuzzy: {message.id!r}"]
    allowed = [message.id] if isinstance(message.id, str) else list(message.id)
    # A plural may leave its number out ("one lead"), so each form must match one of the source's forms.
    sets = [set(PLACEHOLDERS.findall(text)) for text in allowed]
    wrong = [text for text in strings if set(PLACEHOLDERS.findall(text)) not in sets]
    return [f"placeholders differ: {message.id!r} -> {text!r}" for text in wrong]


def _singular(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


if __name__ == "__main__":
    sys.exit(main())
