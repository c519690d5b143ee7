"""What people fill in: an answer, and to whom a request is passed on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.models import COMMENT_LENGTH, Status
from sites.models import User

_WORDS = forms.Textarea(attrs={"rows": 2, "class": "form-control"})
_TOO_LONG = {"max_length": _("Keep it under %(limit_value)d characters; now there are %(show_value)d.")}


class DecisionForm(forms.Form):
    """The answer. `version` is the request's as it was on the page."""

    verdict = forms.ChoiceField(
        choices=[(status.value, status.label) for status in (Status.APPROVED, Status.REFUSED)]
    )
    comment = forms.CharField(
        label=_("Comment (optional)"),
        required=False,
        max_length=COMMENT_LENGTH,
        widget=_WORDS,
        error_messages=_TOO_LONG,
    )
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class DelegationForm(forms.Form):
    """A colleague, and a word to him."""

    to = forms.TypedChoiceField(
        label=_("Colleague"), coerce=int, widget=forms.Select(attrs={"class": "form-select"})
    )
    comment = forms.CharField(
        label=_("A word to your colleague (optional)"),
        required=False,
        max_length=COMMENT_LENGTH,
        widget=_WORDS,
        error_messages=_TOO_LONG,
    )

    def __init__(self, *args: Any, colleagues: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "on", **kwargs})
        field: Any = self.fields["to"]
        field.choices = [(user.pk, user.full_name) for user in colleagues]
