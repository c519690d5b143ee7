"""Who plays in the demo: two groups, their sites and staff. Telephone numbers come from the ranges kept for fiction.

France keeps 06 39 98, 01 99 00 and 04 65 71 for films and books (ARCEP); North America keeps 555-01xx.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from leads.models import IntakeMode, SourceKind
from notifications.choices import Channel
from notifications.defaults import Place
from sites.roles import Role

PASSWORD = "demo"  # noqa: S105 - published on the sign-in page of the demo, and refused in production

Stretch = tuple[time, time]
Week = dict[int, tuple[Stretch, ...]]

_WITH_LUNCH: tuple[Stretch, ...] = ((time(9), time(12)), (time(14), time(19)))
_ALL_DAY: tuple[Stretch, ...] = ((time(9), time(19)),)
_FRENCH_WEEK: Week = {**dict.fromkeys(range(5), _WITH_LUNCH), 5: ((time(9), time(12)), (time(14), time(18)))}
_PARIS_WEEK: Week = {**dict.fromkeys(range(5), _ALL_DAY), 5: ((time(9), time(18)),)}
_QUEBEC_WEEK: Week = {
    **dict.fromkeys(range(4), ((time(9), time(20)),)),
    4: ((time(9), time(18)),),
    5: ((time(10), time(16)),),
}


@dataclass(frozen=True)
class Source:
    """Where a site's leads come from. `key` is the published API key; `share` is its part of the site's leads."""

    name: str
    kind: SourceKind
    share: float
    mode: IntakeMode = IntakeMode.POOL
    key: str = ""


@dataclass(frozen=True)
class SiteCast:
    """A site; `share` is its part of the group's leads, `place` its latitude and longitude."""

    slug: str
    name: str
    phone: str
    week: Week
    sources: tuple[Source, ...]
    share: float
    place: tuple[float, float]
    time_zone: str = "Europe/Paris"
    country: str = "FR"
    region: str = ""


@dataclass(frozen=True)
class Person:
    """A member of staff, who signs in as `name`@domain of the group; without `site` the role counts everywhere.

    `also_by` is the channel that he has switched on for leads, beside those of his role. Who `answers_any_time` has
    no quiet hours, so that a newcomer sees messages leave at whatever hour he tries.
    """

    name: str
    first_name: str
    last_name: str
    role: Role
    phone: str
    site: str = ""
    language: str = "fr"
    is_superuser: bool = False
    also_by: Channel | None = None
    answers_any_time: bool = False


@dataclass(frozen=True)
class Decision:
    """Defaults that the group's administrator set for its roles, together, some time `ago`."""

    by: str
    ago: timedelta
    defaults: tuple[tuple[Place, bool], ...]


@dataclass(frozen=True)
class GroupCast:
    """A group. `listed` names the people whose sign-in stands on the sign-in page of the demo."""

    slug: str
    name: str
    domain: str
    sites: tuple[SiteCast, ...]
    people: tuple[Person, ...]
    listed: tuple[str, ...]
    leads: int
    vehicles: int
    seed: int
    decisions: tuple[Decision, ...] = ()

    def email_of(self, person: Person) -> str:
        return f"{person.name}@{self.domain}"

    @property
    def listed_people(self) -> list[Person]:
        by_name = {person.name: person for person in self.people}
        return [by_name[name] for name in self.listed]


def _sources(city: str, *, mode: IntakeMode = IntakeMode.POOL, key: str = "") -> tuple[Source, ...]:
    return (
        Source(f"Site web {city}", SourceKind.WEBSITE, 0.55, mode, key),
        Source("AutoPortail", SourceKind.PORTAL, 0.3),
        Source("Constructeur", SourceKind.MANUFACTURER, 0.15, IntakeMode.ASSIGNED),
    )


RHONE = GroupCast(
    slug="rhone",
    name="Groupe Rhône Auto",
    domain="demo.test",
    listed=(
        "vendeur.lyon", "vendeuse.lyon", "chef.lyon", "responsable.lyon", "stock.lyon", "vo.lyon", "vendeur.marseille",
        "responsable.marseille", "stock.marseille", "vendeur.quebec", "stock.quebec", "achats", "directeur", "comptable",
        "admin",
    ),
    leads=250,
    vehicles=300,
    seed=69,
    decisions=(
        Decision("admin", timedelta(days=12), (
            (Place("leads.left_alone", Role.SITE_MANAGER, Channel.EMAIL), True),
            (Place("leads.quarantined", Role.MARKETING_MANAGER, Channel.IN_APP), True),
        )),
        Decision("admin", timedelta(days=3, hours=2), (
            (Place("leads.enquired_again", Role.USED_CAR_MANAGER, Channel.PUSH), False),
        )),
    ),
    sites=(
        SiteCast("lyon", "Lyon", "+33465710010", _FRENCH_WEEK, _sources("Lyon", key="demo-lyon-website"), 0.4, (45.764, 4.836)),
        SiteCast(
            "marseille",
            "Marseille",
            "+33465710020",
            _FRENCH_WEEK,
            _sources("Marseille", mode=IntakeMode.ASSIGNED),
            0.25,
            (43.296, 5.370),
        ),
        SiteCast("paris", "Paris", "+33199000030", _PARIS_WEEK, _sources("Paris"), 0.2, (48.857, 2.352)),
        SiteCast(
            "quebec", "Québec", "+14185550140", _QUEBEC_WEEK, _sources("Québec"), 0.15, (46.813, -71.208),
            time_zone="America/Toronto", country="CA", region="QC",
        ),
    ),
    people=(
        Person(
            "vendeur.lyon", "Karim", "Benali", Role.SALESPERSON, "+33639980101", "lyon", answers_any_time=True
        ),
        Person(
            "vendeuse.lyon", "Camille", "Durand", Role.SALESPERSON, "+33639980102", "lyon",
            also_by=Channel.SMS, answers_any_time=True,
        ),
        Person("chef.lyon", "Claire", "Fontaine", Role.SALES_MANAGER, "+33639980103", "lyon"),
        Person("responsable.lyon", "Rémy", "Girard", Role.SITE_MANAGER, "+33639980104", "lyon"),
        Person("vo.lyon", "Sonia", "Marchand", Role.USED_CAR_MANAGER, "+33639980105", "lyon"),
        Person("stock.lyon", "Thierry", "Blanc", Role.STOCK_MANAGER, "+33639980106", "lyon"),
        Person("atelier.lyon", "Patrick", "Vasseur", Role.SERVICE_MANAGER, "+33639980107", "lyon"),
        Person("conseiller.lyon", "Inès", "Caron", Role.SERVICE_ADVISOR, "+33639980108", "lyon"),
        Person("livraison.lyon", "Lucas", "Perrin", Role.DELIVERY_COORDINATOR, "+33639980109", "lyon"),
        Person("responsable.marseille", "Nadia", "Ferrand", Role.SITE_MANAGER, "+33639980201", "marseille"),
        Person("vendeur.marseille", "Marc", "Olivier", Role.SALESPERSON, "+33639980202", "marseille"),
        Person("vendeuse.marseille", "Leïla", "Haddad", Role.SALESPERSON, "+33639980203", "marseille"),
        Person("stock.marseille", "Bruno", "Colombani", Role.STOCK_MANAGER, "+33639980204", "marseille"),
        Person("vendeur.paris", "Antoine", "Mercier", Role.SALESPERSON, "+33639980301", "paris"),
        Person("vendeuse.paris", "Fatou", "Diallo", Role.SALESPERSON, "+33639980302", "paris"),
        Person("stock.paris", "Gaëlle", "Picard", Role.STOCK_MANAGER, "+33639980304", "paris"),
        Person("responsable.paris", "Hélène", "Brunet", Role.SITE_MANAGER, "+33639980303", "paris"),
        Person("vendeur.quebec", "Étienne", "Tremblay", Role.SALESPERSON, "+14185550141", "quebec"),
        Person("vendeuse.quebec", "Emily", "Gagnon", Role.SALESPERSON, "+14185550142", "quebec", "en"),
        Person("stock.quebec", "Martin", "Lachance", Role.STOCK_MANAGER, "+14185550144", "quebec"),
        Person("responsable.quebec", "Luc", "Bouchard", Role.SITE_MANAGER, "+14185550143", "quebec"),
        Person("directeur", "Diane", "Roche", Role.GROUP_DIRECTOR, "+33639980001"),
        Person("comptable", "Alain", "Petit", Role.ACCOUNTANT, "+33639980002", "lyon"),
        Person("daf", "Isabelle", "Noël", Role.CFO, "+33639980003"),
        Person("achats", "Hugo", "Lambert", Role.PURCHASING_MANAGER, "+33639980004"),
        Person("parc", "Yves", "Monnier", Role.FLEET_MANAGER, "+33639980005"),
        Person("marketing", "Chloé", "Renard", Role.MARKETING_MANAGER, "+33639980006"),
        Person("appels", "Sarah", "Cohen", Role.CALL_AGENT, "+33639980007"),
        Person("support", "Maxime", "Leroux", Role.SUPPORT_AGENT, "+33639980008"),
        Person("admin", "Agnès", "Moreau", Role.GROUP_ADMIN, "+33639980009", is_superuser=True),
    ),
)  # fmt: skip

RIVAL = GroupCast(
    slug="rival",
    name="Rival Motors",
    domain="rival.test",
    listed=("vendeur",),
    leads=24,
    vehicles=20,
    seed=13,
    sites=(
        SiteCast(
            "villeurbanne",
            "Villeurbanne",
            "+33465710090",
            _FRENCH_WEEK,
            _sources("Villeurbanne", key="demo-rival-website"),
            1.0,
            (45.772, 4.880),
        ),
    ),
    people=(
        Person("stock", "Ugo", "Marini", Role.STOCK_MANAGER, "+33639980903", "villeurbanne"),
        Person("chef", "Boris", "Keller", Role.SALES_MANAGER, "+33639980902", "villeurbanne"),
        Person("vendeur", "Rita", "Falcone", Role.SALESPERSON, "+33639980901", "villeurbanne"),
    ),
)  # fmt: skip

GROUPS = (RHONE, RIVAL)
