"""A rival's object answers exactly like a missing one: every address, every method.

The addresses come from the URL resolver. A new one without a case here fails the first test, so that nobody
adds a page and forgets to ask what it tells a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from approvals.links import Permit
from approvals.models import ApprovalRequest
from leads.models import IntakeMode, Lead, LeadSource, LeadStatus
from notifications.models import (
    Absence,
    AddressBlock,
    Delivery,
    DutyShift,
    OutboxEntry,
    PushSubscription,
    RoleDefault,
)
from sites.models import Group, User
from sites.roles import Role
from sites.scope import every_group, group_scope
from tests.architecture.rival_rows import (
    SUBJECT,
    address_off,
    device,
    outbox_entry,
    passkey,
    role_default,
    undelivered,
)
from tests.cast import MONDAY, add_role, make_key, make_lead, make_person, make_site, make_source, signed_in

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# Stands in every text of the rival: where it shows up, something leaked.
MARK = "Zebrafalke"

MISSING_UUID = UUID("01930000-0000-7000-8000-00000000dead")
MISSING_NUMBER = 999_999_999

Found = dict[str, Any]


@dataclass(frozen=True)
class Rival:
    """One object of the other group for every kind that an address can name."""

    lead: Lead
    request: ApprovalRequest
    suspect: Lead
    device: PushSubscription
    outbox: OutboxEntry
    block: AddressBlock
    absence: Absence
    shift: DutyShift
    undelivered: Delivery
    authenticator: Authenticator
    role_default: RoleDefault
    key_id: int
    source: LeadSource
    person: User
    chief: User
    group: Group

    def object_of(self, model: str) -> Any:
        """The primary key for an address of the admin site, by `app/model`."""
        return {
            "sites/group": self.group.pk,
            "sites/site": self.source.site_id,
            "sites/user": self.person.pk,
            "sites/apikey": self.key_id,
            "notifications/roledefault": self.role_default.pk,
            "leads/leadsource": self.source.pk,
            "axes/accessattempt": 1,  # of the platform's staff; no group's administrator sees any
        }[model]


# Addresses that name an object -> the rival's one.
OBJECTS: dict[str, Callable[[Rival], Any]] = {
    "api/v1/leads/<uuid:lead_id>/": lambda rival: rival.lead.pk,
    "api/v1/leads/<uuid:lead_id>/claim/": lambda rival: rival.lead.pk,
    "leads/<uuid:lead_id>/discount/": lambda rival: rival.lead.pk,
    "api/v1/approvals/<uuid:request_id>/": lambda rival: rival.request.pk,
    "api/v1/approvals/<uuid:request_id>/approve/": lambda rival: rival.request.pk,
    "api/v1/approvals/<uuid:request_id>/refuse/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/decide/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/delegate/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/withdraw/": lambda rival: rival.request.pk,
    "approvals/link/<str:token>/": lambda rival: _decision_link(rival.request, rival.chief),
    "leads/<uuid:lead_id>/": lambda rival: rival.lead.pk,
    "leads/<uuid:lead_id>/claim/": lambda rival: rival.lead.pk,
    "leads/<uuid:lead_id>/release/": lambda rival: rival.suspect.pk,
    "leads/<uuid:lead_id>/spam/": lambda rival: rival.suspect.pk,
    "preferences/devices/<int:device_id>/remove/": lambda rival: rival.device.pk,
    "preferences/addresses/<int:block_id>/lift/": lambda rival: rival.block.pk,
    "told/<str:subject>/": lambda _rival: SUBJECT,
    "inbox/<int:notification_id>/why/": lambda rival: rival.undelivered.notification_id,
    "preferences/hours/away/<int:absence_id>/remove/": lambda rival: rival.absence.pk,
    "preferences/hours/duty/<int:shift_id>/remove/": lambda rival: rival.shift.pk,
    "preferences/devices/<int:device_id>/test/": lambda rival: rival.device.pk,
    "outbox/<int:entry_id>/": lambda rival: rival.outbox.pk,
    "outbox/undelivered/<int:delivery_id>/replay/": lambda rival: rival.undelivered.pk,
    "outbox/<int:entry_id>/html/": lambda rival: rival.outbox.pk,
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": lambda rival: rival.authenticator.pk,
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": lambda rival: rival.authenticator.pk,
    "admin/sites/user/<id>/password/": lambda rival: rival.person.pk,
}
ADMIN_OBJECT = re.compile(r"admin/(?P<model>\w+/\w+)/<path:object_id>/")

# Addresses with a variable part that names no tenant's object -> why, and an example.
NO_OBJECT = {
    "preferences/<str:topic>/<slug:channel>/<slug:choice>/": "leads/push/on",
    "preferences/hours/follow/<str:topic>/": "leads",
    "inbox/gathered/<str:of>/<slug:stamp>/": "leads.quarantined/20260302-09: a type and an hour, of one's own",
    "outbox/gallery/<str:key>/": "leads.received: a declared type, the same for every group",
    "preferences/quieter/<str:type_key>/<slug:channel>/<slug:verdict>/": "leads.received/push/keep",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "a secret sent by mail",
    "outbox/ledger/<str:day>/": "a day, the group's own",
    "unsubscribe/<str:token>/": "a signed ticket sent by mail",
    "demo/<slug:site_slug>/": "a public page of the demo",
    "demo/<slug:site_slug>/merci/": "a public page of the demo",
    r"admin/^(?P<app_label>": "the list of an app's pages",
    r"admin/(?P<url>.*)$": "whatever the admin site does not know",
    "^api/": "whatever the API does not know",
}

# Requests that name an object in their query or body: address, method, what to send for a key.
BODIES: dict[str, tuple[str, str, Callable[[Any], Found], Callable[[Rival], Any], Any]] = {
    "switch site": ("/me/site/", "POST", lambda pk: {"site": pk}, lambda r: r.source.site_id, MISSING_NUMBER),
    "list by source": ("/leads/", "GET", lambda pk: {"source": pk}, lambda r: r.source.pk, MISSING_NUMBER),
    "list by site": ("/leads/", "GET", lambda slug: {"site": slug}, lambda r: r.source.site.slug, "nowhere"),
    "measures by site": ("/measures/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "measures file": ("/measures/export/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "duty on a site": (
        "/preferences/hours/duty/",
        "POST",
        lambda pk: {"site": pk, "day": "2026-03-03", "starts": "19:00", "ends": "21:00"},
        lambda r: r.source.site_id,
        MISSING_NUMBER,
    ),
    "a stand-in": (
        "/preferences/hours/away/",
        "POST",
        lambda pk: {"first_day": "2099-03-02", "last_day": "2099-03-03", "stand_in": pk},
        lambda r: r.person.pk,
        MISSING_NUMBER,
    ),
    "follow a site": (
        "/preferences/hours/follow/leads/",
        "POST",
        lambda pk: {"leads-width": "sites", "leads-sites": [pk]},
        lambda r: r.source.site_id,
        MISSING_NUMBER,
    ),
    "API by source": (
        "/api/v1/leads/", "GET", lambda pk: {"source": pk}, lambda r: r.source.pk, MISSING_NUMBER,
    ),
    "API by site": ("/api/v1/leads/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
}  # fmt: skip


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
            key_id=key.pk,
            source=source,
            person=rita,
            chief=boss,
            group=rival,
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
            rivals.role_default,
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


def _decision_link(request: ApprovalRequest, reader: User) -> str:
    permit = Permit(
        group_id=request.group_id,
        request_id=request.pk,
        user_id=reader.pk,
        version=request.version,
        expires_at=request.expires_at,
    )
    return permit.sealed()
