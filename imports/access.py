"""Who may see and run a feed: whoever may run imports on one of its sites, as far as all of them are his."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from imports.declarations import RUN_IMPORT, Importer
from imports.models import Feed, Run
from sites.access import Member


class NotAllowed(Exception):
    """The person may not do this here."""


class FeedNotFound(LookupError):
    """No such feed that the person may see."""


class RunNotFound(LookupError):
    """No such run that the person may see."""


def feeds_for(member: Member) -> QuerySet[Feed]:
    """The feeds of at least one site where the person runs imports."""
    sites = member.site_ids(RUN_IMPORT)
    feeds = Feed.objects.prefetch_related("sites")
    return feeds if sites is None else feeds.filter(sites__in=sites).distinct()


def feed_for(member: Member, feed_id: int) -> Feed:
    """One of them. Raises `FeedNotFound`."""
    feed = feeds_for(member).filter(pk=feed_id).first()
    if feed is None:
        raise FeedNotFound(feed_id)
    return feed


def runs_of(member: Member, feed: Feed | None = None) -> QuerySet[Run]:
    """The runs of his feeds, or of one of them, newest first."""
    runs = Run.objects.select_related("feed", "asked_by").order_by("-pk")
    if feed is not None:
        return runs.filter(feed=feed)
    return (
        runs if member.site_ids(RUN_IMPORT) is None else runs.filter(feed__in=feeds_for(member).values("pk"))
    )


def run_for(member: Member, run_id: UUID) -> Run:
    """One of them. Raises `RunNotFound`."""
    run = runs_of(member).filter(pk=run_id).first()
    if run is None:
        raise RunNotFound(run_id)
    return run


def may_map(member: Member, importer: type[Importer], field_name: str) -> bool:
    """Whether the person may bring this field: who may not see the margin cannot import it either."""
    field = importer.field(field_name)
    return field is not None and (not field.needs or member.can(field.needs))


def check_sites(member: Member, site_ids: set[int]) -> None:
    """Raises `NotAllowed` unless the person runs imports on every one of these sites."""
    own = member.site_ids(RUN_IMPORT)
    if not site_ids or (own is not None and not site_ids <= own):
        raise NotAllowed
