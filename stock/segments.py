"""How many of a segment, in words: « 3 citadines »."""

from __future__ import annotations

from django.utils.translation import ngettext

from stock.models import Kind, Segment


def counted(segment: str, count: int) -> str:
    """The number with its noun, in the active language."""
    words = {
        Segment.CITY: ngettext("%(n)d city car", "%(n)d city cars", count),
        Segment.COMPACT: ngettext("%(n)d compact", "%(n)d compacts", count),
        Segment.SALOON: ngettext("%(n)d saloon", "%(n)d saloons", count),
        Segment.ESTATE: ngettext("%(n)d estate", "%(n)d estates", count),
        Segment.SUV: ngettext("%(n)d SUV", "%(n)d SUVs", count),
        Segment.MPV: ngettext("%(n)d people carrier", "%(n)d people carriers", count),
        Segment.COUPE: ngettext("%(n)d coupé", "%(n)d coupés", count),
        Segment.CABRIOLET: ngettext("%(n)d cabriolet", "%(n)d cabriolets", count),
        Segment.PICKUP: ngettext("%(n)d pick-up", "%(n)d pick-ups", count),
        Segment.VAN: ngettext("%(n)d van", "%(n)d vans", count),
        Segment.OTHER: ngettext("%(n)d other vehicle", "%(n)d other vehicles", count),
    }
    return words[Segment(segment)] % {"n": count}


def kind_name(kind: str) -> str:
    """New, used, demonstration; empty for whatever kind."""
    return str(Kind(kind).label) if kind else ""
