"""The list of people that the sign-in page offers in demo mode."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template.context import RequestContext
from django.utils.functional import Promise

from dms.demo.cast import GROUPS, PASSWORD, GroupCast, Person

register = template.Library()


@dataclass(frozen=True)
class SignIn:
    email: str
    initials: str
    role: str | Promise
    site: str


@dataclass(frozen=True)
class GroupOfSignIns:
    name: str
    people: list[SignIn]


@register.simple_tag(takes_context=True)
def demo_sign_ins(context: RequestContext) -> list[GroupOfSignIns]:
    """The people to play with, by group; puts `demo_password` into the context."""
    context["demo_password"] = PASSWORD
    return [
        GroupOfSignIns(group.name, [_sign_in(group, person) for person in group.listed_people])
        for group in GROUPS
    ]


def _sign_in(group: GroupCast, person: Person) -> SignIn:
    site = next((site.name for site in group.sites if site.slug == person.site), "")
    initials = person.first_name[0] + person.last_name[0]
    return SignIn(group.email_of(person), initials, person.role.label, site)
