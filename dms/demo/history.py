"""Sixty days of leads that could have happened: more on Mondays, in the evening on the web, few on Sundays.

Pure: the same group, seed and instant give the same stories. Nothing here touches the database.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from dms.demo.cast import GroupCast, Person, SiteCast, Source
from dms.demo.vocabulary import COUNTRIES, Car, Country
from leads.models import IntakeMode, SourceKind
from sites.hours import SiteHours
from sites.roles import Role

DAYS = 60

# Parts of a week's leads, Monday first, and of a day's by the hour: portals and forms are busiest after dinner.
_BY_WEEKDAY = (17, 15, 14, 14, 15, 15, 10)
_BY_HOUR = (1, 0, 0, 0, 0, 0, 1, 2, 4, 7, 9, 8, 7, 6, 6, 6, 7, 8, 9, 9, 8, 7, 4, 2)

# Minutes until somebody takes a lead: a median of five with a long tail. Of those that come in the evening,
# many are taken from the phone at once; the others wait for the opening.
_LOG_MEDIAN = math.log(5)
_SPREAD = 0.8
_FROM_THE_PHONE = 0.8
_LAST_LOOK_AT_THE_PHONE = 22  # o'clock

# The last hours, for a newcomer's first look: site, minutes ago, and minutes until it was taken.
_LATEST: tuple[tuple[str, int, int | None], ...] = (
    ("lyon", 6, None), ("lyon", 24, None), ("lyon", 58, None), ("lyon", 131, None),
    ("lyon", 152, 3), ("lyon", 175, 8), ("lyon", 203, 5), ("lyon", 248, 14),
    ("marseille", 17, None), ("marseille", 96, 4), ("paris", 41, None), ("paris", 118, 9),
    ("quebec", 33, None), ("quebec", 140, 6), ("villeurbanne", 12, None), ("villeurbanne", 160, 11),
)  # fmt: skip
# How many customers write once more, twice, three times; and after how many hours.
_WRITES_AGAIN = (40, 30, 20, 10)
_WRITES_AGAIN_IN = {"lyon": (80, 15, 5, 0)}
_AGAIN_AFTER = (1, 3, 20, 24, 27, 49)

# So many leads on one robot.
_LEADS_A_ROBOT = 4
_SPAM = "You have been selected! Click http://example.net/win to receive your prize."
_SELLERS = (Role.SALESPERSON, Role.USED_CAR_MANAGER)


@dataclass(frozen=True)
class Customer:
    first_name: str
    last_name: str
    email: str
    phone: str


_ROBOT = Customer("Win", "Big", "prize@example.net", "")


@dataclass(frozen=True)
class Request:
    """Who asks for which car, in which words."""

    customer: Customer
    car: Car
    message: str


@dataclass(frozen=True)
class Story:
    """One lead's life. Without `owner` it waits in the pool; without `taken_at` the owner has not called yet.

    `again` is when the customer wrote once more.
    """

    site: SiteCast
    source: Source
    request: Request
    received_at: datetime
    owner: Person | None = None
    taken_at: datetime | None = None
    campaign: str = ""
    is_suspect: bool = False
    reviewed_by: Person | None = None
    reviewed_after: timedelta = timedelta(hours=2)
    again: tuple[datetime, ...] = ()

    @property
    def is_assigned(self) -> bool:
        """Handed to its owner by rotation, not taken from the pool."""
        return self.source.mode == IntakeMode.ASSIGNED and self.owner is not None


def stories(group: GroupCast, *, at: datetime) -> list[Story]:
    """The group's leads until `at`, oldest first; the last ones are still to take."""
    random = Random(group.seed)  # noqa: S311 - a demo that always tells the same story
    told = [_past_story(group, random, at) for _ in range(group.leads)]
    told.extend(_latest_stories(group, random, at))
    told.extend(_suspects(group, random, at))
    told.extend(_wave_of_robots(group, random, at))
    told = [_followed_up(story, random, at) for story in told]
    return sorted(told, key=lambda story: story.received_at)


def _past_story(group: GroupCast, random: Random, at: datetime) -> Story:
    site = random.choices(group.sites, [site.share for site in group.sites])[0]
    received_at = _moment(site, random, at)
    source = random.choices(site.sources, [source.share for source in site.sources])[0]
    owner = _seller(group, site, random)
    taken_at = _taken_at(site, random, received_at)
    taken = taken_at is not None and taken_at < at
    return Story(
        site=site,
        source=source,
        request=_request(site, random),
        received_at=received_at,
        owner=owner if taken or source.mode == IntakeMode.ASSIGNED else None,
        taken_at=taken_at if taken else None,
        campaign=random.choice(("", "", "reprise-2000", "portes-ouvertes")),
    )


def _latest_stories(group: GroupCast, random: Random, at: datetime) -> Iterator[Story]:
    """Leads of the last hours from the sites' own pages: some taken, some not."""
    sites = {site.slug: site for site in group.sites}
    for slug, minutes_ago, taken_after in _LATEST:
        if slug not in sites:
            continue
        site = sites[slug]
        source = site.sources[0]
        received_at = at - timedelta(minutes=minutes_ago, seconds=random.randrange(60))
        owner = _seller(group, site, random)
        yield Story(
            site=site,
            source=source,
            request=_request(site, random),
            received_at=received_at,
            owner=owner if taken_after or source.mode == IntakeMode.ASSIGNED else None,
            taken_at=received_at + timedelta(minutes=taken_after) if taken_after else None,
        )


def _suspects(group: GroupCast, random: Random, at: datetime) -> Iterator[Story]:
    """What robots sent to the first site: one waits for a manager, the earlier ones were judged."""
    site = group.sites[0]
    reviewer = next(person for person in group.people if person.role == Role.SALES_MANAGER)
    source = next(source for source in site.sources if source.kind == SourceKind.WEBSITE)
    for hours, judged in ((0.6, None), (75, reviewer), (340, reviewer)):
        yield Story(
            site=site,
            source=source,
            request=Request(_ROBOT, random.choice(COUNTRIES[site.country].cars), _SPAM),
            received_at=at - timedelta(hours=hours),
            is_suspect=True,
            reviewed_by=judged,
        )


def _wave_of_robots(group: GroupCast, random: Random, at: datetime) -> Iterator[Story]:
    """More of them, every day; the site's manager clears the quarantine now and then."""
    reviewer = next((person for person in group.people if person.role == Role.SITE_MANAGER), None)
    if reviewer is None:
        return
    site = next(site for site in group.sites if site.slug == reviewer.site)
    source = next(source for source in site.sources if source.kind == SourceKind.WEBSITE)
    for hours in range(5 * 24, DAYS * 24, DAYS * 24 * _LEADS_A_ROBOT // group.leads):
        yield Story(
            site=site,
            source=source,
            request=Request(_ROBOT, random.choice(COUNTRIES[site.country].cars), _SPAM),
            received_at=at - timedelta(hours=hours, minutes=random.randrange(60)),
            is_suspect=True,
            reviewed_by=reviewer,
            reviewed_after=timedelta(days=4),
        )


def _followed_up(story: Story, random: Random, at: datetime) -> Story:
    """Some customers write again before they are called back, or want to know more."""
    if story.taken_at is None:
        return story
    times = random.choices((0, 1, 2, 3), _WRITES_AGAIN_IN.get(story.site.slug, _WRITES_AGAIN))[0]
    moments = (
        story.taken_at + timedelta(hours=random.choice(_AGAIN_AFTER), minutes=random.randrange(60))
        for _ in range(times)
    )
    return replace(
        story, again=tuple(sorted(moment for moment in moments if moment < at - timedelta(hours=3)))
    )


def _moment(site: SiteCast, random: Random, at: datetime) -> datetime:
    """A believable instant of the last sixty days, but not of the last three hours: those are told apart."""
    zone = ZoneInfo(site.time_zone)
    latest = at - timedelta(hours=3)
    days = [(at.astimezone(zone) - timedelta(days=back)).date() for back in range(DAYS)]
    while True:
        day = random.choices(days, [_BY_WEEKDAY[day.weekday()] for day in days])[0]
        hour = random.choices(range(24), _BY_HOUR)[0]
        wall = time(hour, random.randrange(60), random.randrange(60))
        moment = datetime.combine(day, wall, zone)
        if moment < latest:
            return moment


def _taken_at(site: SiteCast, random: Random, received_at: datetime) -> datetime | None:
    delay = timedelta(minutes=random.lognormvariate(_LOG_MEDIAN, _SPREAD))
    hour = received_at.astimezone(ZoneInfo(site.time_zone)).hour
    if 8 <= hour < _LAST_LOOK_AT_THE_PHONE and random.random() < _FROM_THE_PHONE:
        return received_at + delay
    hours = SiteHours(ZoneInfo(site.time_zone), site.week, country=site.country, region=site.region)
    opening = hours.next_opening(received_at)
    return opening + delay if opening else None


def _seller(group: GroupCast, site: SiteCast, random: Random) -> Person:
    """Somebody who sells on the site; those named first in the cast are the quickest."""
    sellers = [person for person in group.people if person.site == site.slug and person.role in _SELLERS]
    return random.choices(sellers, range(len(sellers) + 1, 1, -1))[0]


def _request(site: SiteCast, random: Random) -> Request:
    country = COUNTRIES[site.country]
    return Request(_customer(country, random), random.choice(country.cars), random.choice(country.messages))


def _customer(country: Country, random: Random) -> Customer:
    first_name, last_name = random.choice(country.first_names), random.choice(country.last_names)
    email = f"{_plain(first_name)}.{_plain(last_name)}@example.com"
    phone = country.phone.format(random.randrange(country.phone_room) + _offset(country.phone_room))
    return Customer(first_name, last_name, "" if random.random() < 0.1 else email, phone)


def _offset(room: int) -> int:
    """The fictional North American numbers are 555-0100 to 555-0199."""
    return 100 if room == 100 else 0


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return letters.replace(" ", "").replace("-", "")
