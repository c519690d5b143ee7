"""Retry-After in both of its forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.errors import LONGEST_PAUSE, seconds_to_wait

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("120", 120), (" 7 ", 7), ("999999999", LONGEST_PAUSE),
        ("Mon, 02 Mar 2026 09:31:30 GMT", 90), ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("Mon, 02 Mar 2036 09:00:00 GMT", LONGEST_PAUSE),
        ("", None), ("soon", None), ("-5", None), ("1.5", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds(value: str, seconds: float | None):
    assert seconds_to_wait({"Retry-After": value}, AT) == seconds


def test_header_name_counts_in_any_case_and_may_be_missing():
    assert seconds_to_wait({"retry-after": "3"}, AT) == 3
    assert seconds_to_wait({}, AT) is None


@given(st.text(max_size=40))
def test_any_text_is_a_pause_or_none(value: str):
    wait = seconds_to_wait({"Retry-After": value}, AT)

    assert wait is None or 0 <= wait <= LONGEST_PAUSE
