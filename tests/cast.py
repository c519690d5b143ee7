"""The one cast of every test: two groups, their sites, their people.

Groupe Rhône Auto has Lyon, Marseille and Québec; Rival Motors must never see any of it.

    camille  salesperson, Lyon          diane   group director, every site
    karim    salesperson, Lyon          alain   accountant, Lyon
    claire   sales manager, Lyon        agnes   group administrator, every site
    remy     site manager, Lyon         marc    salesperson, Marseille
    sophie   stock manager, Lyon        hugo    stock manager, Marseille
    ursule   used-car manager, Lyon     paule   purchasing manager, every site
    rita     salesperson of the rival

Ask for a person or a site as a fixture; ask for `in_rhone` to run inside the group's scope. The `make_`
functions build more of the same and open the scope that they need themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from leads.models import IntakeMode, Lead, LeadSource
from sites.access import Member, member_for
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from sites.services import IssuedKey, issue_api_key
from stock.models import Fuel, Gearbox, Kind, Segment, Vehicle, VehicleStatus
from stock.models.vehicles import SEARCHED, words_of

# A Monday morning in both time zones' working week: 10:30 in Lyon, 4:30 in Québec.
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def make_group(name: str = "Groupe Rhône Auto", slug: str = "rhone") -> Group:
    return Group.objects.create(name=name, slug=slug)


def make_site(group: Group, name: str, **fields: Any) -> Site:
    """A site in France unless `country` and `time_zone` say otherwise; its slug is its name without accents."""
    slug = name.lower().replace("é", "e")
    with group_scope(group.pk):
        return Site.objects.create(group=group, name=name, **{"slug": slug, **fields})


def make_person(group: Group, name: str, role: Role | str, site: Site | None = None, **fields: Any) -> User:
    """A person « First Last » with one role, on one site or (without `site`) on all. `password` makes sign-in work."""
    first_name, _space, last_name = name.partition(" ")
    email = f"{first_name}@{group.slug}.test".lower()
    person = User.objects.create_user(
        **{"email": email, "first_name": first_name, "last_name": last_name, "group": group, **fields}
    )
    add_role(person, role, site)
    return person


def add_role(person: User, role: Role | str, site: Site | None = None) -> Membership:
    assert person.group_id is not None
    with group_scope(person.group_id):
        return Membership.objects.create(group_id=person.group_id, user=person, role=Role(role), site=site)


def make_key(group: Group, text: str, scopes: Sequence[str] = ("leads:write",)) -> IssuedKey:
    with group_scope(group.pk):
        return issue_api_key(group_id=group.pk, name=f"Key {text}", scopes=scopes, text=text)


def make_source(site: Site, name: str = "Site web", **fields: Any) -> LeadSource:
    """A website in pool mode; `mode=IntakeMode.ASSIGNED`, `api_key=…` or `allowed_origins=[…]` change it."""
    with group_scope(site.group_id):
        return LeadSource.objects.create(
            **{"group_id": site.group_id, "site": site, "name": name, "mode": IntakeMode.POOL, **fields}
        )


def make_lead(source: LeadSource, **fields: Any) -> Lead:
    """A lead of Paul Martin for a Peugeot 208 in the source's pool; sends no signal. Fields override."""
    defaults = {
        "first_name": "Paul",
        "last_name": "Martin",
        "email": "paul.martin@example.com",
        "phone": "+33612345678",
        "message": "Est-elle toujours disponible ?",
        "make": "Peugeot",
        "model": "208",
        "year": 2023,
        "received_at": MONDAY,
    }
    with group_scope(source.group_id):
        return Lead.objects.create(
            group_id=source.group_id, site_id=source.site_id, source=source, **{**defaults, **fields}
        )


def make_vehicle(site: Site, **fields: Any) -> Vehicle:
    """A used Peugeot 208 that has stood on the site for ten days; sends no signal. Fields override."""
    defaults: dict[str, Any] = {
        "kind": Kind.USED,
        "status": VehicleStatus.AVAILABLE,
        "stock_number": "L-1001",
        "make": "Peugeot",
        "model": "208",
        "version": "1.2 PureTech 100 Allure",
        "segment": Segment.CITY,
        "fuel": Fuel.PETROL,
        "gearbox": Gearbox.MANUAL,
        "year": 2023,
        "mileage": 24_500,
        "price": 15_990_00,
        "colour": "Bleu Vertigo",
        "arrived_on": (MONDAY - timedelta(days=10)).date(),
        "created_at": MONDAY - timedelta(days=10),
        "updated_at": MONDAY - timedelta(days=10),
    }
    values = {**defaults, **fields}
    words = words_of(**{name: values.get(name) for name in SEARCHED})
    with group_scope(site.group_id):
        return Vehicle.objects.create(group_id=site.group_id, site=site, **{"words": words, **values})


def member_of(person: User) -> Member:
    """The person's access, as views receive it."""
    member = member_for(person)
    assert member is not None
    return member


def signed_in(person: User) -> Client:
    """A browser in which the person has signed in; it checks CSRF tokens unless told not to by Django's default."""
    client = Client()
    client.force_login(person, backend=SIGN_IN_BACKEND)
    return client


@pytest.fixture
def rhone(db: None) -> Group:
    return make_group()


@pytest.fixture
def in_rhone(rhone: Group) -> Iterator[None]:
    """The test runs inside the group's scope, as a view of its staff would."""
    with group_scope(rhone.pk):
        yield


@pytest.fixture
def lyon(rhone: Group) -> Site:
    return make_site(rhone, "Lyon", phone="+33472000001")


@pytest.fixture
def marseille(rhone: Group) -> Site:
    return make_site(rhone, "Marseille", phone="+33491000001")


@pytest.fixture
def quebec(rhone: Group) -> Site:
    return make_site(rhone, "Québec", country="CA", region="QC", time_zone="America/Toronto")


@pytest.fixture
def camille(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Camille Durand", Role.SALESPERSON, lyon, phone="+33611111111")


@pytest.fixture
def karim(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Karim Benali", Role.SALESPERSON, lyon, phone="+33622222222")


@pytest.fixture
def claire(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Claire Fontaine", Role.SALES_MANAGER, lyon)


@pytest.fixture
def remy(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Rémy Girard", Role.SITE_MANAGER, lyon, email="remy@rhone.test")


@pytest.fixture
def marc(rhone: Group, marseille: Site) -> User:
    return make_person(rhone, "Marc Olivier", Role.SALESPERSON, marseille)


@pytest.fixture
def sophie(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Sophie Lambert", Role.STOCK_MANAGER, lyon)


@pytest.fixture
def hugo(rhone: Group, marseille: Site) -> User:
    return make_person(rhone, "Hugo Ferrand", Role.STOCK_MANAGER, marseille)


@pytest.fixture
def ursule(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Ursule Blanc", Role.USED_CAR_MANAGER, lyon)


@pytest.fixture
def paule(rhone: Group) -> User:
    return make_person(rhone, "Paule Mercier", Role.PURCHASING_MANAGER)


@pytest.fixture
def diane(rhone: Group) -> User:
    return make_person(rhone, "Diane Roche", Role.GROUP_DIRECTOR)


@pytest.fixture
def alain(rhone: Group, lyon: Site) -> User:
    return make_person(rhone, "Alain Petit", Role.ACCOUNTANT, lyon)


@pytest.fixture
def agnes(rhone: Group) -> User:
    return make_person(rhone, "Agnès Moreau", Role.GROUP_ADMIN, email="agnes@rhone.test")


@pytest.fixture
def rival(db: None) -> Group:
    return make_group("Rival Motors", "rival")


@pytest.fixture
def rival_site(rival: Group) -> Site:
    return make_site(rival, "Rival Lyon", slug="lyon")


@pytest.fixture
def rita(rival: Group, rival_site: Site) -> User:
    return make_person(rival, "Rita Falcone", Role.SALESPERSON, rival_site, language="en")


@pytest.fixture
def website(rhone: Group, lyon: Site) -> LeadSource:
    """Lyon's website: a pool, its key is « lyon-website-key »."""
    key = make_key(rhone, "lyon-website-key").api_key
    return make_source(lyon, "Site web Lyon", api_key=key, allowed_origins=["https://www.rhone-auto.example"])


@pytest.fixture
def rival_website(rival: Group, rival_site: Site) -> LeadSource:
    """The rival's website: a pool, its key is « rival-website-key »."""
    key = make_key(rival, "rival-website-key").api_key
    return make_source(rival_site, "Rival website", api_key=key)
