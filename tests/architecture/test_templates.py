"""Templates hold nothing that the Content-Security-Policy refuses, and switch no escaping off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, templates

FORBIDDEN = {
    # A block of data is not a script: json_script writes those.
    "inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*\btype=[\"']application/(?:ld\+)?json)[^>]*>", re.IGNORECASE
    ),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx attribute": re.compile(r"\bhx-on\b|\bhx-vals=[\"']js:|\bhx-vars\b", re.IGNORECASE),
}
UNESCAPED = "unescaped output"
SWITCHES_ESCAPING_OFF = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off")
IN_EMAIL = {"style element", "style attribute"}  # mail programs know nothing else, and have no such policy


def breaches(text: str, *, email: bool = False) -> list[str]:
    """What a template must not contain, by name."""
    source = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", text, flags=re.DOTALL)
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(markup)]
    found += [UNESCAPED] if SWITCHES_ESCAPING_OFF.search(source) else []
    return [name for name in found if not (email and name in IN_EMAIL)]


def is_email(path: Path) -> bool:
    return "email" in path.parts or path.parent.name == "email" or "email" in path.stem


def test_templates_are_within_the_policy():
    found = {name_of(path): breaches(path.read_text("utf-8"), email=is_email(path)) for path in templates()}

    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<script>alert(1)</script>", "inline script"),
        ('<script type="module">go()</script>', "inline script"),
        ("<style>p{}</style>", "style element"),
        ('<p class="a" style="color:red">', "style attribute"),
        ('<a href="#" onclick="go()">', "event handler"),
        ('<a href="javascript:go()">', "script address"),
        ('<div hx-on:click="go()">', "evaluated htmx attribute"),
        ("{{ message|safe }}", "unescaped output"),
        ("{% autoescape off %}", "unescaped output"),
    ],
)
def test_a_breach_is_noticed(text: str, name: str):
    assert breaches(text) == [name]


def test_what_the_policy_allows_is_left_alone():
    allowed = (
        '<script src="a.js" defer></script><script type="application/json" id="x">{}</script><p data-on="1">'
    )

    assert breaches(allowed) == []
    assert breaches("<a {% if one == two %}class{% endif %}>") == []
    assert breaches("{# never |safe here #}") == []
    assert breaches('<td style="padding:0">', email=True) == []
