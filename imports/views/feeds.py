"""The feeds with the state of their last run, and one feed: how it is set up, what it has learnt, its runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now
from gateways import mail_in
from imports import schedules, selectors, sentences
from imports.arrivals import mail
from imports.declarations import RUN_IMPORT
from imports.forms import FeedForm, UploadForm
from imports.forms.feeds import kept_in
from imports.forms.sites import allowed_sites
from imports.models import Feed, Run, Way
from imports.services import BadFeed, NotAllowed, RunIsOpen, change_feed, create_feed, fetch_now
from imports.views import learnt
from imports.views.answers import address_of
from imports.views.guards import feed_or_404, may_act
from imports.views.runs import RunLine, line_of
from sites.chosen import chosen_site_id
from sites.http import MemberRequest, member_required
from sites.models import Site

_RUNS_A_PAGE = 20
_MOST_FEEDS = 200
# Minutes between two fetches, as a new feed proposes them.
_USUAL_RHYTHM = 180
_FETCHED = (Way.HTTPS, Way.SFTP)


@dataclass(frozen=True)
class FeedLine:
    """A feed on the list."""

    feed: Feed
    sites: list[Site]
    last: RunLine | None
    rhythm: str


@require_safe
@member_required(RUN_IMPORT)
def feed_list(request: MemberRequest) -> HttpResponse:
    """Every feed that the person may run, and the place to drop a file."""
    return page(request)


def page(request: MemberRequest, *, form: UploadForm | None = None, status: int = 200) -> HttpResponse:
    """The list; with a form that was refused, its errors."""
    feeds = selectors.feeds_for(request.member)
    chosen = chosen_site_id(request, request.member)
    if chosen:
        feeds = feeds.filter(sites=chosen)
    context = {
        "lines": _lines(list(feeds.prefetch_related("sites")[:_MOST_FEEDS])),
        "form": form or UploadForm(member=request.member, chosen=chosen, initial={"feed": _wanted(request)}),
    }
    return render(request, "imports/list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(RUN_IMPORT)
def new(request: MemberRequest) -> HttpResponse:
    """Set up a feed that comes by itself."""
    allowed = allowed_sites(request.member)
    usual = {"way": Way.HTTPS, "every_minutes": _USUAL_RHYTHM, "sites": [site.pk for site in allowed[:1]]}
    form = FeedForm(request.POST or None, allowed=allowed, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            feed = create_feed(importer=form.importer_key, by=request.member, at=now(), **form.changes())
        except NotAllowed:
            raise PermissionDenied from None
        except BadFeed as bad:
            form.add_errors(sentences_of(bad))
        else:
            messages.success(request, _("The feed is set up."))
            return redirect("imports:feed", feed.pk)
    return render(request, "imports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(RUN_IMPORT)
def feed(request: MemberRequest, feed_id: int) -> HttpResponse:
    """One feed: its set-up, what it has learnt, and its runs; `?before=` continues these."""
    found = feed_or_404(request.member, feed_id)
    allowed, sites = allowed_sites(request.member), list(found.sites.order_by("name"))
    form = FeedForm(request.POST or None, allowed=allowed, feed=found, initial=kept_in(found, sites))
    if request.method == "POST" and form.is_valid():
        try:
            change_feed(feed_id=found.pk, by=request.member, at=now(), **form.changes())
        except NotAllowed:
            raise PermissionDenied from None
        except BadFeed as bad:
            form.add_errors(sentences_of(bad))
        else:
            messages.success(request, _("Saved."))
            return redirect("imports:feed", found.pk)
    context = {"feed": found, "form": form, **_of_feed(request, found, sites)}
    return render(request, "imports/feed.html", context, status=422 if form.errors else 200)


@require_POST
@member_required(RUN_IMPORT)
def forget(request: MemberRequest, feed_id: int) -> HttpResponse:
    """Keep what was changed in what the feed has learnt, and forget what was ticked."""
    found = feed_or_404(request.member, feed_id)
    try:
        change_feed(
            feed_id=found.pk,
            by=request.member,
            at=now(),
            **learnt.changes(request.POST, found, request.member),
        )
    except NotAllowed:
        raise PermissionDenied from None
    except BadFeed as bad:
        messages.error(request, " ".join(sentences_of(bad).values()))
    else:
        messages.success(request, _("Saved. The next file is read by it."))
    return redirect("imports:feed", found.pk)


@require_POST
@member_required(RUN_IMPORT)
def fetch(request: MemberRequest, feed_id: int) -> HttpResponse:
    """Fetch the feed's file now."""
    found = feed_or_404(request.member, feed_id)
    try:
        fetch_now(feed_id=found.pk, by=request.member, at=now())
    except NotAllowed:
        raise PermissionDenied from None
    except RunIsOpen as other:
        messages.info(request, _("A file of this feed is on its way already."))
        return redirect(address_of(other, found))
    messages.success(request, _("The file is being fetched. Its run shows here in a moment."))
    return redirect("imports:feed", found.pk)


def sentences_of(bad: BadFeed) -> dict[str, str]:
    """What is wrong with a feed, by field."""
    return {field: sentences.of(code, {}) for field, code in bad.problems.items()}


def _of_feed(request: MemberRequest, found: Feed, sites: list[Site]) -> dict[str, Any]:
    runs = selectors.runs_of(request.member, found).select_related("asked_by")
    if before := _uuid(request.GET.get("before", "")):
        runs = runs.filter(pk__lt=before)
    rows = list(runs.order_by("-pk")[: _RUNS_A_PAGE + 1])
    return {
        "sites": sites,
        "may_act": may_act(request.member, found),
        "can_fetch": may_act(request.member, found) and found.way in _FETCHED,
        "rhythm": schedules.said(found.every_minutes),
        "runs": [line_of(run) for run in rows[:_RUNS_A_PAGE]],
        "next_before": rows[_RUNS_A_PAGE - 1].pk if len(rows) > _RUNS_A_PAGE else None,
        "learnt": learnt.Learnt(found, request.member, sites),
        **_mail_of(found),
    }


def _mail_of(found: Feed) -> dict[str, Any]:
    """Where a mailed feed's files are sent to, or that no mail comes in here."""
    domain = settings.INBOUND_MAIL_DOMAIN
    if found.way != Way.MAIL or not domain:
        return {"lacks_mail": found.way == Way.MAIL}
    door = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('imports:mail')}"
    by_hand = (
        f"curl --user {settings.EMAIL_WEBHOOK_SECRET} --header 'Content-Type: {mail_in.RAW}' "
        f"--data-binary @mail.eml {door}"
    )
    return {
        "mail_address": mail.address_of(found, domain),
        "mail_by_hand": by_hand if settings.MAIL_BY_HAND else "",
    }


def _lines(feeds: list[Feed]) -> list[FeedLine]:
    """With the last run of each: two queries however many there are."""
    newest = Run.objects.filter(feed=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    ids = Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).annotate(newest=Subquery(newest))
    runs = Run.objects.select_related("asked_by").in_bulk(
        [pk for pk in ids.values_list("newest", flat=True) if pk is not None]
    )
    last = {run.feed_id: line_of(run) for run in runs.values()}
    return [
        FeedLine(feed, list(feed.sites.all()), last.get(feed.pk), schedules.said(feed.every_minutes))
        for feed in feeds
    ]


def _wanted(request: MemberRequest) -> str:
    """The feed that the next file is for, by its page's button; nonsense is ignored."""
    wanted = request.GET.get("feed", "")
    return wanted if wanted.isdecimal() else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
