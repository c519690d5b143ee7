"""Brings the demo's groups to life: once. What a newcomer has changed since is never put back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from dms.demo import playing
from dms.demo.cast import GROUPS, PASSWORD, GroupCast, Person, SiteCast, Source
from dms.demo.decisions import play_decisions
from dms.demo.reactions import look_back
from dms.demo.stock.happenings import play_stock
from dms.demo.stock.outlets import open_feeds
from dms.demo.stock.parking import Yard, park, set_limits
from dms.demo.stock.plan import cars_of
from leads.models import LeadSource
from leads.notices import LEADS, LeadQuarantinedNotice
from notifications.choices import Channel, Quiet
from notifications.defaults import Change
from notifications.measuring import measure
from notifications.roledefaults import save_defaults
from notifications.services import set_preference, set_rhythm
from sites.access import member_for
from sites.models import ApiKey, Group, Membership, OpeningHours, Site, User
from sites.scope import group_scope
from sites.services import issue_api_key

_CLAIRE = "chef.lyon"


class NotInProduction(Exception):
    """The demo's passwords and keys are published: a production database must never hold them."""


def seed(*, at: datetime) -> list[str]:
    """Seed each group that does not exist yet; returns the names of those that were made.

    Raises `NotInProduction`. One transaction a group: an interrupted run leaves nothing behind.
    """
    if settings.PRODUCTION:
        raise NotInProduction
    return [cast.name for cast in GROUPS if _seed_group(cast, at)]


def _seed_group(cast: GroupCast, at: datetime) -> bool:
    with transaction.atomic():
        group, is_new = Group.objects.get_or_create(slug=cast.slug, defaults={"name": cast.name})
        if not is_new:
            return False
        with group_scope(group.pk):
            sites = {site.slug: _make_site(group, site) for site in cast.sites}
            people = _make_people(group, cast, sites)
            _make_earlier_choices(people)
            set_limits(sites.values())
            cars = cars_of(cast, day=at.date())
            open_feeds(cast, sites)
            park(cars, Yard.of(cast, sites, people), at=at)
            playing.play(cast, sites=sites, people=people, cars=cars, at=at)
            play_decisions(cast.slug, people, at=at)
            play_stock(sites=sites, people=people, at=at)
            look_back(seed=cast.seed, at=at)
            _make_choices(cast, people)
            measure(group.pk, since=None, at=at)
            _make_defaults(cast, people, at)
    return True


def _make_site(group: Group, cast: SiteCast) -> Site:
    site = Site.objects.create(
        group=group,
        name=cast.name,
        slug=cast.slug,
        phone=cast.phone,
        time_zone=cast.time_zone,
        country=cast.country,
        region=cast.region,
        latitude=cast.place[0],
        longitude=cast.place[1],
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(group=group, site=site, weekday=weekday, opens=opens, closes=closes)
        for weekday, stretches in cast.week.items()
        for opens, closes in stretches
    )
    for source in cast.sources:
        _make_source(site, source)
    return site


def _make_source(site: Site, cast: Source) -> None:
    LeadSource.objects.create(
        group_id=site.group_id,
        site=site,
        name=cast.name,
        kind=cast.kind,
        mode=cast.mode,
        allowed_origins=[settings.PUBLIC_URL],
        api_key=_issue_key(site, cast) if cast.key else None,
    )


def _issue_key(site: Site, cast: Source) -> ApiKey:
    scopes = ["leads:write", "leads:read"]
    return issue_api_key(group_id=site.group_id, name=cast.name, scopes=scopes, text=cast.key).api_key


def _make_people(group: Group, cast: GroupCast, sites: dict[str, Site]) -> dict[str, User]:
    """Everybody has the same password, so it is hashed once: hashing is slow on purpose."""
    hashed = make_password(PASSWORD)
    people = {}
    for person in cast.people:
        user = _make_person(group, cast, person, hashed)
        site = sites.get(person.site)
        Membership.objects.create(group=group, user=user, role=person.role, site=site)
        people[person.name] = user
    return people


def _make_person(group: Group, cast: GroupCast, person: Person, hashed: str) -> User:
    return User.objects.create(
        email=cast.email_of(person),
        password=hashed,
        group=group,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        language=person.language,
        is_staff=person.is_superuser,
        is_superuser=person.is_superuser,
    )


def _make_earlier_choices(people: dict[str, User]) -> None:
    """Claire once wanted every request in quarantine by email as well: most of those, nobody opens."""
    member = member_for(people[_CLAIRE]) if _CLAIRE in people else None
    if member is not None:
        set_preference(member=member, topic=LeadQuarantinedNotice.key, channel=Channel.EMAIL, enabled=True)


def _make_choices(cast: GroupCast, people: dict[str, User]) -> None:
    """The channels that people switched on themselves: after the stories, so that nothing of the past is sent."""
    for person in cast.people:
        member = member_for(people[person.name])
        if person.also_by is not None and member is not None:
            set_preference(member=member, topic=LEADS.key, channel=person.also_by, enabled=True)
        if person.answers_any_time and member is not None:
            set_rhythm(member=member, quiet=Quiet.NEVER)


def _make_defaults(cast: GroupCast, people: dict[str, User], at: datetime) -> None:
    """What the group decided for its roles, after the stories as well."""
    for decision in cast.decisions:
        changes = [Change(place, shown=None, wanted=enabled) for place, enabled in decision.defaults]
        save_defaults(
            group_id=people[decision.by].group_id or 0,
            by=people[decision.by],
            changes=changes,
            at=at - decision.ago,
        )
