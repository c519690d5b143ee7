"""Feeds: made, changed, taught."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from core.words import fold
from gateways.http import RefusedAddress, check
from imports import declarations
from imports.access import NotAllowed, check_sites, feed_for, may_map
from imports.arrivals.sealing import sealed
from imports.declarations import Importer
from imports.models import Feed, Priority, Way
from sites.access import Member
from sites.models import Site

# Minutes. More often than this is a burden for the other side and tells nobody anything.
_SHORTEST = 5
_TOKEN_BYTES = 12

_PLAIN = frozenset(
    (
        "name",
        "vanish_limit",
        "is_active",
        "way",
        "address",
        "account",
        "host_key",
        "every_minutes",
        "day_order",
    )
)
_LEARNT = frozenset(("mapping", "values", "priorities"))


class BadFeed(Exception):
    """Settings of the feed are not possible: `problems` is field → code of the sentence that says why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.problems = {field: code}


def create_feed(
    *,
    importer: str,
    name: str,
    sites: Sequence[Site],
    by: Member,
    at: datetime,
    way: Way = Way.UPLOAD,
    **settings: Any,
) -> Feed:
    """Make a feed for sites where the person runs imports. `settings` are those of `change_feed`.

    Raises:
        NotAllowed: not on all of these sites, or a column is mapped that the person may not see.
        BadFeed: a name that the group has already, an address that is not called…
    """
    declarations.get(importer)
    check_sites(by, {site.pk for site in sites})
    feed = Feed(group_id=by.group_id, importer=importer, name=name.strip(), way=way)
    return _save(feed, {"way": way, "name": name, **settings}, sites=sites, by=by, at=at)


def change_feed(*, feed_id: int, by: Member, at: datetime, **changes: Any) -> Feed:
    """Change what a feed is and what it has learnt.

    `changes` may name: name, sites, mapping, values, priorities, vanish_limit, is_active, way, address, account,
    secret, host_key, every_minutes, day_order.

    Raises:
        FeedNotFound, NotAllowed, BadFeed: as `create_feed`.
    """
    feed = feed_for(by, feed_id)
    check_sites(by, {site.pk for site in feed.sites.all()})
    sites = changes.pop("sites", None)
    if sites is not None:
        check_sites(by, {site.pk for site in sites})
    return _save(feed, changes, sites=sites, by=by, at=at)


def learn_value(*, feed_id: int, field: str, text: str, meant: str, by: Member, at: datetime) -> Feed:
    """Remember what a text of this feed means for a field from a closed list; empty means « nothing »."""
    feed = feed_for(by, feed_id)
    values = {name: dict(learnt) for name, learnt in feed.values.items()}
    values.setdefault(field, {})[fold(text)] = meant
    return change_feed(feed_id=feed_id, by=by, at=at, values=values)


def _save(
    feed: Feed, changes: Mapping[str, Any], *, sites: Sequence[Site] | None, by: Member, at: datetime
) -> Feed:
    unknown = set(changes) - _PLAIN - _LEARNT - {"secret"}
    if unknown:
        raise TypeError(f"no such setting of a feed: {sorted(unknown)}")
    importer = declarations.get(feed.importer)
    for name in _PLAIN & set(changes):
        setattr(feed, name, changes[name].strip() if isinstance(changes[name], str) else changes[name])
    if changes.get("secret"):
        feed.secret = sealed(changes["secret"])
    _learn(feed, importer, changes, by)
    _check(feed)
    _schedule(feed, at)
    try:
        with transaction.atomic():
            feed.save()
            if sites is not None:
                feed.sites.set(sites)
    except IntegrityError:
        raise BadFeed("name", "name_taken") from None
    return feed


def _learn(feed: Feed, importer: type[Importer], changes: Mapping[str, Any], by: Member) -> None:
    """Mapping, values and priorities, as far as they speak of fields that exist and that the person may bring."""
    for field in set((changes.get("mapping") or {}).values()) - {""} - set(feed.mapping.values()):
        if importer.field(field) is None:
            raise BadFeed("mapping", "unknown_field")
        if not may_map(by, importer, field):
            raise NotAllowed(field)
    if "mapping" in changes:
        feed.mapping = dict(changes["mapping"])
    if "values" in changes:
        feed.values = {
            name: {fold(text): meant for text, meant in learnt.items()}
            for name, learnt in changes["values"].items()
            if importer.field(name) is not None
        }
    if "priorities" in changes:
        known = {name: way for name, way in changes["priorities"].items() if importer.field(name) is not None}
        if not set(known.values()) <= set(Priority.values):
            raise BadFeed("priorities", "unknown_priority")
        feed.priorities = known


def _check(feed: Feed) -> None:
    if not feed.name:
        raise BadFeed("name", "missing")
    if not 1 <= feed.vanish_limit <= 100:
        raise BadFeed("vanish_limit", "out_of_range")
    if feed.every_minutes is not None and feed.every_minutes < _SHORTEST:
        raise BadFeed("every_minutes", "too_often")
    if feed.way == Way.HTTPS:
        try:
            check(feed.address)
        except RefusedAddress:
            raise BadFeed("address", "address_refused") from None
    if feed.way == Way.SFTP and not (feed.address.startswith("sftp://") and feed.account and feed.host_key):
        raise BadFeed("address", "sftp_incomplete")
    if feed.way == Way.MAIL and not feed.mail_token:
        feed.mail_token = secrets.token_hex(_TOKEN_BYTES)


def _schedule(feed: Feed, at: datetime) -> None:
    fetched = feed.is_active and feed.way in (Way.HTTPS, Way.SFTP) and feed.every_minutes
    if not fetched:
        feed.due_at = None
    elif feed.due_at is None or feed.due_at > at + timedelta(minutes=feed.every_minutes or 0):
        feed.due_at = at
