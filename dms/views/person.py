"""The switches of the user menu. Each is a POST that returns to the page it came from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dms.context import THEME_COOKIE, THEMES
from leads.services import set_presence
from sites.chosen import UnknownSite, choose_site
from sites.http import MemberRequest, member_required
from sites.models import User
from sites.services import set_language

A_YEAR = 365 * 24 * 3600  # seconds


@require_POST
@member_required()
def switch_site(request: MemberRequest) -> HttpResponse:
    """Narrow every list to one site, or to none."""
    wanted = request.POST.get("site", "")
    if wanted and not (wanted.isdecimal() and len(wanted) < 19):
        return HttpResponseBadRequest()
    try:
        choose_site(request, request.member, int(wanted) if wanted else None)
    except UnknownSite:
        return HttpResponseBadRequest()
    return _back(request)


@require_POST
@member_required()
def presence(request: MemberRequest) -> HttpResponse:
    """« I am here » or « I am away »: who is away is handed no lead in turn."""
    set_presence(person=request.member.user, is_present=request.POST.get("present") == "1")
    return _back(request)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """French or English: in the account when signed in, and in a cookie for the sign-in page."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if isinstance(request.user, User):
        set_language(user=request.user, language=wanted)
    response = _back(request)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        wanted,
        max_age=A_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device: a matter of the screen in front of one, so it is kept in a cookie."""
    wanted = request.POST.get("theme", "")
    if wanted not in THEMES:
        return HttpResponseBadRequest()
    response = _back(request)
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(THEME_COOKIE, wanted, max_age=A_YEAR, secure=secure, samesite="Lax", httponly=True)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that showed the switch, when that is one of ours."""
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure()):
        target = reverse("home")
    return HttpResponseRedirect(target)
