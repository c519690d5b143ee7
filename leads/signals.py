"""Facts that the leads app states."""

from dataclasses import dataclass
from uuid import UUID

from core.signals import DomainSignal, Fact
from leads.places import unsaid_site


@dataclass(frozen=True, kw_only=True, slots=True)
class FromSource(Fact):
    """What came in by a source of a site. `unsaid_site` is never given: it is worked out of the two names."""

    source_name: str
    site_name: str
    unsaid_site: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unsaid_site", unsaid_site(self.source_name, self.site_name))


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadReceived(FromSource):
    """A customer asked for something. `phone` and `email` are empty while the lead is in the pool."""

    lead_id: UUID
    customer_name: str
    vehicle: str
    message: str
    assignee_id: int | None = None
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadClaimed(Fact):
    """A salesperson took the lead in charge; `actor_id` and `owner_id` are that person."""

    lead_id: UUID
    customer_name: str
    owner_id: int
    owner_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadEnquiredAgain(Fact):
    """A customer wrote again about a lead that somebody already owns."""

    lead_id: UUID
    enquiry_id: int
    customer_name: str
    vehicle: str
    message: str
    owner_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadQuarantined(FromSource):
    """A suspect request waits for somebody to look at it; nothing is ever dropped."""

    lead_id: UUID
    customer_name: str
    suspicion: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadReleased(Fact):
    """Somebody looked at a quarantined request and decided."""

    lead_id: UUID


lead_received = DomainSignal("lead_received", LeadReceived)
lead_claimed = DomainSignal("lead_claimed", LeadClaimed)
lead_enquired_again = DomainSignal("lead_enquired_again", LeadEnquiredAgain)
lead_quarantined = DomainSignal("lead_quarantined", LeadQuarantined)
lead_released = DomainSignal("lead_released", LeadReleased)
