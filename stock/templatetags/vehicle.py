"""Small pieces of a vehicle's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from stock.doubts import Doubt

register = template.Library()


@register.filter
def described(field: BoundField) -> SafeString:
    """The field's input, told to screen readers together with what is wrong with it."""
    name = field.id_for_label
    attrs: dict[str, str | bool] = {}
    if field.errors:
        attrs = {"aria-invalid": "true", "aria-describedby": f"{name}-error"}
    return field.as_widget(attrs=attrs)


@register.filter
def of_field(doubts: Mapping[str, Sequence[Doubt]], name: str) -> Sequence[Doubt]:
    """What is odd about this field."""
    return doubts.get(name, ())
