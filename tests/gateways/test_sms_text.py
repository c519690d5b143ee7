"""Segments and the cheap alphabet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.sms_text import Encoding, segments, transliterated


@pytest.mark.parametrize(
    ("text", "encoding", "count", "characters"),
    [
        ("", "GSM-7", 1, 0),
        ("a" * 160, "GSM-7", 1, 160),
        ("a" * 161, "GSM-7", 2, 161),
        ("a" * 306, "GSM-7", 2, 306),
        ("a" * 307, "GSM-7", 3, 307),
        ("€" * 80, "GSM-7", 1, 160),
        ("€" * 81, "GSM-7", 2, 162),
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 2, 306),
        ("é à ù ß Ç", "GSM-7", 1, 9),
        ("ê" * 70, "UCS-2", 1, 70),
        ("ê" * 71, "UCS-2", 2, 71),
        ("ê" * 134, "UCS-2", 2, 134),
        ("ê" * 135, "UCS-2", 3, 135),
        ("🚗" * 35, "UCS-2", 1, 70),
        ("🚗" * 36, "UCS-2", 2, 72),
    ],
)
def test_text_is_counted_as_it_is_billed(text: str, encoding: str, count: int, characters: int):
    found = segments(text)

    assert (found.encoding, found.segments, found.characters) == (encoding, count, characters)


def test_no_character_stands_across_two_parts():
    """An escaped sign at the edge moves whole into the next part, so 306 units can need three parts."""
    assert segments("a" * 152 + "€" + "a" * 152).segments == 3
    assert segments("ê" * 66 + "🚗" + "ê" * 66).segments == 3


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Hélène s’est décidée", "Hélène s'est décidée"),
        ("être, ça, cœur, Œuvre", "etre, ca, coeur, OEuvre"),
        ("12 500 € – à voir…", "12 500 € - à voir..."),
        ("12 500\u00a0€ et 3\u202f000\u00a0km", "12 500 € et 3 000 km"),
        ("« Bonjour »", '"Bonjour"'),
        ("Peugeot 208 · Lyon", "Peugeot 208 - Lyon"),
        ("Łukasz Žižek, Đorđe", "Lukasz Zizek, Dorde"),
        ("ΔΦΓ Ñandú", "ΔΦΓ Ñandu"),
    ],
)
def test_signs_that_a_reader_does_not_miss_become_cheap_ones(written: str, sent: str):
    assert transliterated(written) == sent
    assert segments(sent).encoding == Encoding.GSM_7


@pytest.mark.parametrize("text", ["Γιώργος Παπαδόπουλος", "Отличная машина", "Merci 🚗 être", "日本"])
def test_what_has_no_equal_stays_as_it_was_written(text: str):
    assert transliterated(text) == text


@given(st.text(max_size=400))
def test_transliteration_never_makes_a_text_dearer(text: str):
    assert segments(transliterated(text)).segments <= max(segments(text).segments, 1)


@given(st.text(max_size=400))
def test_transliteration_settles_at_once(text: str):
    once = transliterated(text)

    assert transliterated(once) == once


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ABC0123456789éèàùÇ@£$", max_size=400))
def test_cheap_text_is_not_touched(text: str):
    assert transliterated(text) == text
