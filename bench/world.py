"""A dealer to send leads to: one site, four salespeople, one website in pool mode."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from core.ids import new_id
from leads.models import LeadSource
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from sites.services import issue_api_key

SALESPEOPLE = 4


@dataclass(frozen=True)
class Dealer:
    """What a benchmark needs of a group: the website's key, and a salesperson's session."""

    key: str
    session_key: str


def dealer() -> Dealer:
    """A fresh group with a website and four salespeople who are in its pool."""
    slug = f"bench-{new_id()}"
    group = Group.objects.create(name="Bench", slug=slug)
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Bench", slug="bench")
        people = [_salesperson(group, site, number) for number in range(SALESPEOPLE)]
        issued = issue_api_key(group_id=group.pk, name="Website", scopes=["leads:write"])
        LeadSource.objects.create(group=group, site=site, name="Website", api_key=issued.api_key)
    return Dealer(key=issued.text, session_key=_signed_in(people[0]))


def _salesperson(group: Group, site: Site, number: int) -> User:
    person = User.objects.create_user(
        f"{number}@{group.slug}.test", "bench", group=group, first_name="Seller", last_name=str(number)
    )
    Membership.objects.create(group=group, user=person, role=Role.SALESPERSON, site=site)
    return person


def _signed_in(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    key: str = session.session_key or ""
    return key


def crowd_with_sessions(size: int) -> dict[int, str]:
    """`size` signed-in salespeople of one group: user id → session key."""
    slug = f"crowd-{new_id()}"
    group = Group.objects.create(name="Crowd", slug=slug)
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Crowd", slug="crowd")
        people = User.objects.bulk_create(
            [
                User(email=f"{number}@{slug}.test", group=group, first_name="P", password="!")
                for number in range(size)
            ]
        )
        Membership.objects.bulk_create(
            [Membership(group=group, user=person, role=Role.SALESPERSON, site=site) for person in people]
        )
    return {person.pk: _signed_in(person) for person in people}
