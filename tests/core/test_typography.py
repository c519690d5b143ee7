"""How words are set: « 1er mars », and quotation marks of each language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from core.typography import day_words, quoted


@pytest.mark.parametrize(
    ("day", "form", "said"),
    [
        (date(2026, 3, 1), "DATE_FORMAT", "1er mars 2026"),
        (date(2026, 3, 1), "l j F", "dimanche 1er mars"),
        (datetime(2026, 12, 1, 1, 1, tzinfo=UTC), "DATETIME_FORMAT", "1er décembre 2026 01:01"),
        (date(2026, 3, 11), "DATE_FORMAT", "11 mars 2026"),
        (date(2026, 3, 21), "l j F", "samedi 21 mars"),
        (date(2026, 3, 1), "SHORT_DATE_FORMAT", "01/03/2026"),
    ],
)
def test_the_first_of_a_month_is_written_as_the_french_write_it(day: date, form: str, said: str):
    with override("fr"):
        assert day_words(day, form) == said


def test_in_english_it_is_a_plain_number():
    with override("en"):
        assert day_words(date(2026, 3, 1), "l j F") == "Sunday 1 March"


def test_words_stand_in_the_marks_of_the_language():
    with override("fr"):
        assert quoted("Merci") == "«\u00a0Merci\u00a0»"
    with override("en"):
        assert quoted("Thanks") == "“Thanks”"
        assert quoted(" ") == ""
