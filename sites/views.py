"""Pages about the person who is signed in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sites.forms import ProfileForm
from sites.http import MemberRequest, member_required
from sites.selectors import home_country
from sites.services import change_profile

_ONE_YEAR = 365 * 24 * 3600  # seconds


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def profile(request: MemberRequest) -> HttpResponse:
    """Name, phone, language: what a person may change about himself."""
    form = ProfileForm(
        request.POST or None, instance=request.member.user, country=home_country(request.member)
    )
    if request.method == "POST" and form.is_valid():
        person = change_profile(person=request.member.user, **form.cleaned_data)
        with translation.override(person.language):
            messages.success(request, _("Your profile is saved."))
        response = redirect("account_profile")
        _remember_language(response, person.language)
        return response
    status = 422 if form.errors else 200
    return render(request, "account/profile.html", {"form": form}, status=status)


def _remember_language(response: HttpResponse, language: str) -> None:
    """This browser greets the person in his language once he has signed out, too."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_ONE_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
