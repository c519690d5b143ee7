"""Where allauth and axes meet this product: sign-up is closed, people are known by email, addresses by proxy."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from sites.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by administrators, and mails speak their reader's language."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        """Without « [host] » in front: the sender already says who writes."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        reader = context.get("user")
        language = reader.language if isinstance(reader, User) else translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, context)


def tried_email(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The address that somebody tries to sign in with, however the form and the backend name it."""
    given = credentials or {}
    tried = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return str(tried).strip().lower()


def client_ip(request: HttpRequest) -> str:
    """The visitor's address: what the outermost trusted proxy saw, or the peer when there is no proxy."""
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR") or "")


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """What somebody sees after too many failed tries (429); says when to come back, not whether the account exists."""
    del original_response, credentials  # axes passes them; the page must not depend on them
    wait = settings.AXES_COOLOFF_TIME
    response = render(request, "account/locked_out.html", {"minutes": wait.seconds // 60}, status=429)
    response.headers["Retry-After"] = str(wait.seconds)
    return response
