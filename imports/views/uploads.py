"""A file comes in by hand: dropped on the list of feeds, looked at, corrected, and only then taken in."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import now
from imports import declarations, sentences
from imports.declarations import RUN_IMPORT
from imports.files.refusals import Refused
from imports.files.table import kept_text
from imports.forms import UploadForm
from imports.forms.sites import allowed_sites
from imports.models import Feed
from imports.preview import Preview
from imports.services import (
    BadFeed,
    NotAllowed,
    RunIsOpen,
    change_feed,
    create_feed,
    inspect_file,
    start_run,
)
from imports.views import feeds
from imports.views.answers import address_of, go_to, is_htmx
from imports.views.guards import feed_or_404, may_act
from imports.views.holding import Held, NothingHeld, held, hold, let_go
from imports.views.sheets import Sheet, drafted_mapping, drafted_priorities, drafted_values, explained_words
from sites.http import MemberRequest, member_required
from sites.models import Site

# As long as a feed's name may be, with room for a number.
_NAME_LENGTH = 100
_MOST_NAMESAKES = 50


@require_POST
@member_required(RUN_IMPORT)
def upload(request: MemberRequest) -> HttpResponse:
    """Keep the file and go to its preview; one that nobody can read is refused here, with the reason."""
    form = UploadForm(request.POST, request.FILES, member=request.member)
    if not form.is_valid():
        return feeds.page(request, form=form, status=422)
    file: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        with transaction.atomic():
            feed = form.cleaned_data["feed"] or _new_feed(request, form, file)
            inspect_file(file=file, file_name=file.name or "", feed=feed)
    except Refused as refused:
        form.add_error("file", sentences.of(refused.code, refused.values))
        return feeds.page(request, form=form, status=422)
    except NotAllowed:
        raise PermissionDenied from None
    file.seek(0)
    hold(request, feed, file)
    return go_to(request, reverse("imports:preview", args=[feed.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(RUN_IMPORT)
def preview(request: MemberRequest, feed_id: int) -> HttpResponse:
    """What the file holds and what becomes of it. A POST keeps what was said; `do=start` then takes the file in."""
    feed = feed_or_404(request.member, feed_id)
    if not may_act(request.member, feed):
        raise PermissionDenied
    try:
        kept = held(request, feed)
        looked = _looked_at(request, feed, kept)
    except NothingHeld:
        messages.info(request, _("The file is no longer here. Please upload it again."))
        return go_to(request, reverse("imports:list"))
    except Refused as refused:
        let_go(request, feed)
        messages.error(request, sentences.of(refused.code, refused.values))
        return go_to(request, reverse("imports:list"))
    if request.method == "POST" and request.POST.get("do") == "start" and looked.sheet.can_start:
        return _start(request, looked)
    return _shown(request, looked)


@require_POST
@member_required(RUN_IMPORT)
def drop(request: MemberRequest, feed_id: int) -> HttpResponse:
    """Forget the file that was uploaded for the feed."""
    let_go(request, feed_or_404(request.member, feed_id))
    return redirect("imports:list")


class Looked:
    """A held file, its feed with the draft of the page, and the sites that the page speaks of."""

    def __init__(
        self, *, feed: Feed, file: Held, sheet: Sheet, sites: list[Site], chosen: list[Site]
    ) -> None:
        self.feed = feed
        self.file = file
        self.sheet = sheet
        self.sites = sites
        self.chosen = chosen
        self.errors: dict[str, str] = {}


def _looked_at(request: MemberRequest, feed: Feed, kept: Held) -> Looked:
    sites = allowed_sites(request.member)
    chosen = list(feed.sites.order_by("name"))
    told = set(feed.mapping)
    with kept.opened() as file:
        found = inspect_file(file=file, file_name=kept.name, feed=feed)
        if request.method == "POST":
            chosen = _chosen(request, sites, chosen)
            told |= _draft(request, feed, found, chosen)
            file.seek(0)
            found = inspect_file(file=file, file_name=kept.name, feed=feed)
    words = explained_words(request.POST, declarations.get(feed.importer))
    sheet = Sheet(found, feed=feed, member=request.member, sites=chosen, told=told, words=words)
    return Looked(feed=feed, file=kept, sheet=sheet, sites=sites, chosen=chosen)


def _draft(request: MemberRequest, feed: Feed, found: Preview, sites: list[Site]) -> set[str]:
    """Let the feed in our hands know what the page says, and which columns it changes; nothing is written yet."""
    importer = declarations.get(feed.importer)
    drafted = drafted_mapping(request.POST, found.columns, importer, request.member, feed.mapping)
    feed.mapping = {**feed.mapping, **drafted}
    feed.values = drafted_values(request.POST, feed, importer, sites)
    feed.priorities = drafted_priorities(request.POST, feed, importer)
    feed.name = kept_text(request.POST.get("name", "")).strip()[:_NAME_LENGTH] or feed.name
    return {column.name for column in found.columns if drafted[column.name] != column.field}


def _chosen(request: MemberRequest, allowed: list[Site], held_sites: list[Site]) -> list[Site]:
    """The ticked sites, if the page showed any to tick."""
    if "sites-shown" not in request.POST:
        return held_sites
    ticked = set(request.POST.getlist("sites"))
    return [site for site in allowed if str(site.pk) in ticked]


def _start(request: MemberRequest, looked: Looked) -> HttpResponse:
    feed, at = looked.feed, now()
    changes: dict[str, Any] = {
        name: getattr(feed, name) for name in ("name", "mapping", "values", "priorities")
    }
    try:
        with transaction.atomic():
            change_feed(feed_id=feed.pk, by=request.member, at=at, sites=looked.chosen, **changes)
        with looked.file.opened() as file:
            run = start_run(feed_id=feed.pk, file=file, file_name=looked.file.name, by=request.member, at=at)
    except NotAllowed:
        raise PermissionDenied from None
    except BadFeed as bad:
        looked.errors = feeds.sentences_of(bad)
        return _shown(request, looked, status=422)
    except Refused as refused:
        looked.errors = {"file": sentences.of(refused.code, refused.values)}
        return _shown(request, looked, status=422)
    except RunIsOpen as other:
        messages.info(request, _("Another file of this feed is on its way. Start yours when it is through."))
        return go_to(request, address_of(other, feed))
    let_go(request, feed)
    return go_to(request, reverse("imports:run", args=[run.pk]))


def _shown(request: MemberRequest, looked: Looked, *, status: int = 200) -> HttpResponse:
    context = {
        "feed": looked.feed,
        "file": looked.file,
        "sheet": looked.sheet,
        "sites": looked.sites,
        "chosen": {site.pk for site in looked.chosen},
        "first_site": looked.chosen[0] if looked.chosen else None,
        "errors": looked.errors,
    }
    template = "imports/_preview.html" if is_htmx(request) else "imports/preview.html"
    return render(request, template, context, status=status)


def _new_feed(request: MemberRequest, form: UploadForm, file: UploadedFile[Any]) -> Feed:
    """A feed of the file's name. Raises `NotAllowed`."""
    wanted = _name_from(file.name or "")
    taken = set(Feed.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, _MOST_NAMESAKES))]
    name = next((name for name in names if name not in taken), f"{wanted} {now():%Y-%m-%d %H:%M:%S}")
    return create_feed(
        importer=form.cleaned_data["importer"],
        name=name,
        sites=form.cleaned_data["sites"],
        by=request.member,
        at=now(),
    )


def _name_from(file_name: str) -> str:
    """« export_stock-2026-03-02.csv » becomes « Export stock »."""
    words = re.sub(r"[\W_]+", " ", PurePath(file_name.replace("\\", "/")).stem)
    words = re.sub(r"(\s+\d+)+$", "", words).strip()[:_NAME_LENGTH]
    return words[:1].upper() + words[1:] if words else _("My file")
