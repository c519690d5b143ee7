"""What every page of imports asks first: may this person see this feed, this run?"""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from imports import selectors
from imports.declarations import RUN_IMPORT
from imports.models import Feed, Run
from sites.access import Member


def feed_or_404(member: Member, feed_id: int) -> Feed:
    """The feed, for who may import on one of its sites; for others there is none."""
    try:
        return selectors.feed_for(member, feed_id)
    except selectors.FeedNotFound:
        raise Http404 from None


def run_or_404(member: Member, run_id: UUID) -> Run:
    """The run, by the rule of its feed."""
    try:
        return selectors.run_for(member, run_id)
    except selectors.RunNotFound:
        raise Http404 from None


def may_act(member: Member, feed: Feed) -> bool:
    """Whether all of the feed's sites are his; else he looks only. The services ask again."""
    own = member.site_ids(RUN_IMPORT)
    return own is None or {site.pk for site in feed.sites.all()} <= own
