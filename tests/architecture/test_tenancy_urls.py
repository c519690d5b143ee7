"""A rival's object answers exactly like a missing one: every address, every method.

The addresses come from the URL resolver. A new one without a case here fails the first test, so that nobody
adds a page and forgets to ask what it tells a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from approvals.models import ApprovalRequest
from leads.models import IntakeMode, LeadSource, LeadStatus
from notifications.models import (
    Absence,
    DutyShift,
)
from sites.models import Group, User
from sites.roles import Role
from sites.scope import every_group, group_scope
from tests.architecture.rival_addresses import (
    ADMIN_OBJECT,
    BODIES,
    MISSING_NUMBER,
    MISSING_UUID,
    NO_OBJECT,
    OBJECTS,
    Found,
    Rival,
)
from tests.architecture.rival_flows import flows
from tests.architecture.rival_imports import import_run
from tests.architecture.rival_rows import (
    address_off,
    defaults_batch,
    device,
    outbox_entry,
    outlet,
    papers,
    passkey,
    photo,
    role_default,
    undelivered,
)
from tests.cast import MONDAY, add_role, make_key, make_lead, make_person, make_site, make_source, signed_in

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# Stands in every text of the rival: where it shows up, something leaked.
MARK = "Zebrafalke"


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Every address below `patterns`, as it is declared."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route


def routes() -> list[str]:
    return list(walk(get_resolver().url_patterns))


def names_something(route: str) -> bool:
    """Whether the address has a variable part."""
    return any(sign in route for sign in "<(^")


def has_case(route: str) -> bool:
    is_known = route in OBJECTS or any(route.startswith(known) for known in NO_OBJECT)
    return is_known or ADMIN_OBJECT.match(route) is not None or not names_something(route)


def test_every_address_has_a_case():
    assert [route for route in routes() if not has_case(route)] == []


def test_a_new_address_without_a_case_is_noticed():
    new: list[Any] = [path("invoices/<int:invoice_id>/", lambda _request: HttpResponse())]

    assert [route for route in walk(new) if not has_case(route)] == ["invoices/<int:invoice_id>/"]


def test_every_case_is_still_an_address():
    known = routes()

    assert [route for route in OBJECTS if route not in known] == []


@pytest.fixture(autouse=True)
def _clock_stands_still(time_machine: Any) -> None:
    """Pages tell the time; two answers must not differ by it."""
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def rivals(rita: User, rival: Group) -> Rival:
    """The rival's rows, each text of theirs with the mark in it."""
    Group.objects.filter(pk=rival.pk).update(name=MARK)
    User.objects.filter(pk=rita.pk).update(last_name=MARK)
    site = make_site(rival, f"{MARK} Nord", slug="zebra")
    key = make_key(rival, "zebra").api_key
    source = make_source(site, MARK, api_key=key, mode=IntakeMode.POOL)
    add_role(rita, Role.SITE_MANAGER, site)
    boss = make_person(rival, f"Boss {MARK}", Role.GROUP_DIRECTOR)
    with group_scope(rival.pk):
        shown = photo(site, MARK)
        return Rival(
            lead=make_lead(source, last_name=MARK),
            request=_approval_request(source, rita),
            suspect=make_lead(source, last_name=MARK, status=LeadStatus.QUARANTINED),
            device=device(rita, MARK),
            outbox=outbox_entry(rival, MARK),
            block=address_off(rita, MARK),
            absence=Absence.objects.create(
                group=rival, user=rita, first_day=MONDAY.date(), last_day=MONDAY.date()
            ),
            shift=DutyShift.objects.create(
                group=rival, user=rita, site=site, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=2)
            ),
            undelivered=undelivered(rita, MARK),
            authenticator=passkey(rita, MARK),
            role_default=role_default(rival),
            defaults_batch=defaults_batch(rival),
            key_id=key.pk,
            flows=flows(site, rita, MARK),
            import_run=import_run(site, MARK),
            source=source,
            person=rita,
            chief=boss,
            group=rival,
            outlet=outlet(site, MARK),
            photo=shown,
            papers=papers(shown.vehicle, MARK),
        )


@pytest.fixture
def chief(diane: User, agnes: User, rhone: Group) -> User:
    """Somebody who may do everything in Groupe Rhône Auto."""
    person = make_person(rhone, "Chef Tout", Role.GROUP_DIRECTOR, email="chef@rhone.test")
    add_role(person, Role.GROUP_ADMIN)
    return person


def object_routes() -> list[str]:
    return [route for route in routes() if route in OBJECTS or ADMIN_OBJECT.match(route)]


@pytest.mark.parametrize("route", object_routes())
def test_a_rivals_object_answers_like_a_missing_one(route: str, rivals: Rival, chief: User):
    foreign = _foreign_key_of(route, rivals)
    missing = MISSING_UUID if isinstance(foreign, UUID) else MISSING_NUMBER
    before = _rows_of(rivals)

    for method in METHODS:
        answers = [_ask(chief, method, _address(route, key)) for key in (foreign, missing)]
        assert answers[0] == answers[1], method
        assert answers[0]["status"] != 500, method
        assert MARK not in answers[0]["body"], method
    assert _rows_of(rivals) == before


@pytest.mark.parametrize("name", BODIES)
def test_a_rivals_object_in_a_body_answers_like_a_missing_one(name: str, rivals: Rival, chief: User):
    address, method, body, foreign_of, missing = BODIES[name]
    foreign = foreign_of(rivals)

    answers = [_ask(chief, method, address, body(key)) for key in (foreign, missing)]

    assert answers[0] == answers[1]


@pytest.mark.parametrize("route", [route for route in routes() if not names_something(route)])
def test_no_page_shows_anything_of_a_rival(route: str, rivals: Rival, chief: User):
    answer = _ask(chief, "GET", f"/{route}")

    assert answer["status"] != 500
    assert MARK not in answer["body"]


def test_the_mark_would_be_seen(rivals: Rival):
    """The rival's own site manager does see what the others must not: the test above is able to fail."""
    answer = _ask(rivals.person, "GET", f"/leads/{rivals.lead.pk}/")

    assert answer["status"] == 200
    assert MARK in answer["body"]


def test_an_inbox_refuses_to_mark_what_is_not_its_own(rivals: Rival, chief: User):
    """Ids in a body: nothing tells whether they exist."""
    client = signed_in(chief)

    answers = [
        client.post("/api/v1/inbox/read/", {"ids": [number]}, content_type="application/json")
        for number in (1, MISSING_NUMBER)
    ]

    assert answers[0].content == answers[1].content


def _ask(person: User, method: str, address: str, body: Found | None = None) -> Found:
    """The answer without what differs from one request to the next: tokens, and the address that was asked."""
    client = signed_in(person)
    client.raise_request_exception = False
    send: Any = getattr(client, method.lower())
    response = send(address, body) if body is not None else send(address)
    whole = b"".join(response) if response.streaming else response.content
    asked = [address, quote(address, safe="")]
    if body is not None:
        asked.append(urlencode(body))
    return {
        "status": response.status_code,
        "body": _without(asked, whole.decode(errors="replace")),
        "location": _without(asked, response.headers.get("Location", "")),
        "type": response.headers.get("Content-Type"),
        "headers": sorted(response.headers),
    }


_TOKENS = (
    re.compile(r'(name="csrf(?:-token|middlewaretoken)" (?:content|value)=")[^"]*'),
    re.compile(r'("csrf_token":\s*")[^"]*'),
)


def _without(asked: list[str], text: str) -> str:
    for token in _TOKENS:
        text = token.sub(r"\1", text)
    for part in asked:
        text = text.replace(part, "ASKED")
    return text


def _foreign_key_of(route: str, rivals: Rival) -> Any:
    if route in OBJECTS:
        return OBJECTS[route](rivals)
    match = ADMIN_OBJECT.match(route)
    assert match is not None
    return rivals.object_of(match["model"])


def _address(route: str, key: Any) -> str:
    return "/" + re.sub(r"<[^>]+>", str(key), route)


def _rows_of(rivals: Rival) -> list[dict[str, Any]]:
    """The rival's rows as they are now."""
    with every_group():
        rows: list[Any] = [
            rivals.lead,
            rivals.request,
            rivals.suspect,
            rivals.device,
            rivals.outbox,
            rivals.block,
            rivals.absence,
            rivals.shift,
            rivals.undelivered,
            rivals.flows.view,
            rivals.import_run,
            rivals.import_run.feed,
            rivals.flows.transfer,
            rivals.flows.threshold,
            rivals.flows.wanted,
            rivals.flows.match,
            rivals.role_default,
            rivals.photo,
            rivals.photo.vehicle,
            *rivals.papers,
            rivals.outlet,
        ]
        found = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]
        return [*found, *Authenticator.objects.filter(pk=rivals.authenticator.pk).values()]


def _approval_request(source: LeadSource, asker: User) -> ApprovalRequest:
    return ApprovalRequest.objects.create(
        group_id=source.group_id,
        kind="leads.discount",
        subject=f"lead:{MISSING_UUID}",
        about=MARK,
        site=source.site,
        amount=1,
        currency="EUR",
        reason=MARK,
        asked_by=asker,
        asked_at=MONDAY,
        expires_at=MONDAY + timedelta(days=3),
    )
