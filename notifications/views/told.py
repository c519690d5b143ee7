"""« Qui a été prévenu ? », and for one person « Pourquoi pas ? »."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.told import Told, colleagues, told_about, why_not
from sites.http import MemberRequest, member_required
from sites.models import User


@require_safe
@member_required()
def told(request: MemberRequest, subject: str) -> HttpResponse:
    """Everybody considered; `?person=` asks about one more. Who leads nobody sees himself alone."""
    answer = told_about(request.member, subject)
    if answer is None:
        raise Http404
    people = colleagues(request.member, answer) if answer.everybody else []
    person = _wanted(request, answer, people)
    context = {
        "told": answer,
        "people": people,
        "person": person,
        "passed_over": why_not(answer, person) if person else [],
    }
    return render(request, "notifications/told.html", context)


def _wanted(request: MemberRequest, answer: Told, people: list[User]) -> User | None:
    """The chosen colleague; oneself where only that may be asked. Nonsense is ignored."""
    if not answer.everybody:
        return request.member.user
    wanted = request.GET.get("person", "")
    return next((one for one in people if str(one.pk) == wanted), None)
