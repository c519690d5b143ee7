"""Views of the stock list under a name, and the columns that a person has chosen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sites.http import MemberRequest, member_required
from stock import selectors
from stock.access import VIEW
from stock.columns import BY_KEY, columns_for
from stock.services import saved_views
from stock.services.saved_views import NameTaken, TooManyViews, ViewNotFound

# Where the session keeps the view that was deleted last, until somebody wants it back.
DELETED = "stock_deleted_view"

_LONGEST_NAME, _LONGEST_QUERY = 60, 1000  # characters, as the columns


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(VIEW)
def views(request: MemberRequest) -> HttpResponse:
    """The person's views, to rename, share, put in order and delete; POST keeps the list as it is now."""
    if request.method == "POST":
        return _save(request)
    shown = selectors.views_for(request.member)
    context = {
        "own": [view for view in shown if view.user_id == request.member.user.pk],
        "shared": [view for view in shown if view.user_id != request.member.user.pk],
        "deleted_view": request.session.pop(f"{DELETED}_shown", None),
    }
    return render(request, "stock/views.html", context)


@require_POST
@member_required(VIEW)
def change(request: MemberRequest, view_id: int) -> HttpResponse:
    """Rename and share, or take over the filter that the list has now."""
    if "query" in request.POST:
        values: dict[str, Any] = {"query": _query(request), "columns": _columns(request)}
    else:
        values = {"name": _name(request), "is_shared": "is_shared" in request.POST}
    if values.get("name") == "":
        messages.error(request, _("Give the view a name."))
        return redirect("stock:views")
    try:
        view = saved_views.change_view(view_id=view_id, by=request.member, **values)
    except ViewNotFound:
        raise Http404 from None
    except NameTaken:
        messages.error(request, _("You have a view of this name already."))
        return redirect("stock:views")
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return _to_list(view.query, view.pk) if "query" in values else redirect("stock:views")


@require_POST
@member_required(VIEW)
def delete(request: MemberRequest, view_id: int) -> HttpResponse:
    """Delete it; the next page offers to bring it back."""
    try:
        deleted = saved_views.delete_view(view_id=view_id, by=request.member)
    except ViewNotFound:
        raise Http404 from None
    request.session[DELETED] = deleted
    request.session[f"{DELETED}_shown"] = deleted["name"]
    return redirect("stock:views")


@require_POST
@member_required(VIEW)
def undo(request: MemberRequest) -> HttpResponse:
    """Bring back the view that was deleted last."""
    deleted = request.session.pop(DELETED, None)
    if deleted is None:
        messages.info(request, _("There is nothing to bring back."))
        return redirect("stock:views")
    try:
        saved_views.restore_view(deleted=deleted, by=request.member)
    except NameTaken:
        messages.error(request, _("You have a view of this name already."))
    return redirect("stock:views")


@require_POST
@member_required(VIEW)
def move(request: MemberRequest, view_id: int) -> HttpResponse:
    """One place earlier or later among the pills."""
    try:
        saved_views.move_view(view_id=view_id, by=request.member, up=request.POST.get("to") == "earlier")
    except ViewNotFound:
        raise Http404 from None
    return redirect("stock:views")


@require_POST
@member_required(VIEW)
def choose_columns(request: MemberRequest) -> HttpResponse:
    """What the table shows; kept for the person, and with the view when an own one is open."""
    keys = _columns(request)
    saved_views.choose_columns(keys=keys, by=request.member)
    query = QueryDict(_query(request), mutable=True)
    view_id = request.POST.get("view", "")
    if view_id.isascii() and view_id.isdigit() and len(view_id) <= 9:
        try:
            saved_views.change_view(view_id=int(view_id), by=request.member, columns=keys)
        except ViewNotFound:  # a colleague's: it stays as it is, and would hide what was just chosen
            view_id = ""
        if view_id:
            query["view"] = view_id
    return _to_list(query.urlencode())


def _save(request: MemberRequest) -> HttpResponse:
    name, query = _name(request), _query(request)
    if not name:
        messages.error(request, _("Give the view a name."))
        return _to_list(query)
    try:
        view = saved_views.save_view(
            name=name,
            query=query,
            columns=_columns(request),
            is_shared="is_shared" in request.POST,
            by=request.member,
        )
    except NameTaken:
        messages.error(request, _("You have a view of this name already."))
        return _to_list(query)
    except TooManyViews:
        messages.error(request, _("You have too many views. Delete one first."))
        return _to_list(query)
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return _to_list(query, view.pk)


def _name(request: MemberRequest) -> str:
    typed = " ".join(request.POST.get("name", "").replace("\x00", "").split())
    return typed[:_LONGEST_NAME]


def _query(request: MemberRequest) -> str:
    """The filter that the list had, as the page wrote it; whatever else is sent is cut off, never interpreted."""
    given = request.POST.get("query", "").replace("\x00", "")
    return given if len(given) <= _LONGEST_QUERY else ""


def _columns(request: MemberRequest) -> list[str]:
    """Known columns that the person may see."""
    open_to_him = {column.key for column in columns_for(request.member)}
    return [key for key in BY_KEY if key in open_to_him and key in request.POST.getlist("columns")]


def _to_list(query: str, view_id: int | None = None) -> HttpResponse:
    parts = [part for part in (query, f"view={view_id}" if view_id else "") if part]
    return HttpResponseRedirect(reverse("stock:list") + ("?" + "&".join(parts) if parts else ""))
