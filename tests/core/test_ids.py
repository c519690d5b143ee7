"""Version 7 identifiers: well-formed, in the order of time, never the same twice."""

from __future__ import annotations

import pytest

from core import ids


def test_shape_is_that_of_version_7():
    made = ids.new_id()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_later_ids_sort_later(monkeypatch: pytest.MonkeyPatch):
    clock = iter([1_700_000_000_000_000_000, 1_700_000_000_001_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(clock))

    earlier, later = ids.new_id(), ids.new_id()

    assert earlier < later
    assert earlier.int >> 80 == 1_700_000_000_000


def test_ten_thousand_are_all_different():
    assert len({ids.new_id() for _ in range(10_000)}) == 10_000
