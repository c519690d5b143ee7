"""The search finds a lead by what its reader may see of it, and tells nothing else."""

import random
import re

import pytest

from leads.masking import MAY_HIDE, hide_contacts
from leads.models import Lead, LeadSource, LeadStatus
from leads.selectors import LeadFilter, matching, visible_leads
from sites.models import User
from sites.scope import group_scope
from tests.cast import make_lead, member_of, signed_in

RENAULT = "VF1RFB00X12345678"

# What customers type where it does not belong, and what somebody who knows or guesses it would search for.
MISPLACED: list[tuple[dict[str, str], list[str]]] = [
    ({"first_name": "Paul 06 12 34 56 78"}, ["06 12 34 56 78", "12 34", "56", "Paul"]),
    ({"first_name": "06 12 34", "last_name": "56 78"}, ["06 12 34 56 78", "78", "12"]),
    ({"last_name": "0612345678"}, ["0612345678", "061234", "345"]),
    ({"last_name": "paul.martin@example.com"}, ["paul.martin@example.com", "paul.martin", "example"]),
    ({"last_name": "paul [AT] example.com"}, ["example.com", "paul"]),
    ({"last_name": "٠٦١٢٣٤٥٦٧٨"}, ["٠٦١٢٣٤٥٦٧٨", "٠٦"]),
    ({"make": "06.12.34.56.78"}, ["06.12.34.56.78", "12.34"]),
    ({"model": "208 paul@example.com"}, ["paul@example.com", "example", "208"]),
    ({"stock_number": "06 12 34 56 78"}, ["06 12 34 56 78", "56"]),
    ({"stock_number": "+33612345678"}, ["0612345678", "612345678", "3361"]),
    ({"vin": "0612345678"}, ["0612345678", "061", "345678"]),
]

# Nothing of these may find a lead by itself.
NOTHING_ELSE = {"first_name": "", "last_name": "", "make": "", "model": "", "email": "z@z.fr", "phone": ""}


def found(text: str, person: User, lead: Lead) -> bool:
    with group_scope(lead.group_id):
        member = member_of(person)
        return matching(visible_leads(member), LeadFilter(text=text), member).filter(pk=lead.pk).exists()


@pytest.mark.parametrize(("fields", "texts"), MISPLACED, ids=lambda value: str(value)[:40])
def test_nobody_probes_for_a_number_or_an_address_before_the_claim(
    website: LeadSource, camille: User, claire: User, fields: dict[str, str], texts: list[str]
):
    lead = make_lead(website, **{**NOTHING_ELSE, **fields})
    mine = make_lead(website, **{**NOTHING_ELSE, **fields}, owner=camille, status=LeadStatus.CLAIMED)
    as_typed = next(iter(fields.values()))

    assert [text for text in texts if found(text, camille, lead)] == []
    assert found(as_typed, camille, mine)
    assert found(as_typed, claire, lead)


@pytest.mark.parametrize(
    "text", ["paul", "MARTIN", "paul martin", "peugeot 208", "LY-2081", "ly-20", RENAULT, "12345678"]
)
def test_what_the_page_shows_before_the_claim_is_found(website: LeadSource, camille: User, text: str):
    lead = make_lead(website, stock_number="LY-2081", vin=RENAULT)

    assert found(text, camille, lead)


def test_the_page_hides_a_number_in_the_vehicle_until_the_claim(website: LeadSource, camille: User):
    lead = make_lead(website, make="", model="", year=None, stock_number="06 12 34 56 78", vin="0612345679")
    client = signed_in(camille)

    before = [client.get(path).content.decode() for path in ("/", "/leads/", lead.get_absolute_url())]
    before.append(client.get(f"/api/v1/leads/{lead.pk}/").content.decode())
    client.post(f"{lead.get_absolute_url()}claim/")
    after = client.get(lead.get_absolute_url()).content.decode()

    assert not any(secret in page for page in before for secret in ("06 12 34 56 78", "0612345679"))
    assert "06 12 34 56 78" in after
    assert "0612345679" in after


def test_a_vehicles_number_stays_readable(website: LeadSource, camille: User):
    lead = make_lead(website, vin=RENAULT)

    assert RENAULT in signed_in(camille).get(lead.get_absolute_url()).content.decode()


def test_the_databases_pattern_is_never_narrower_than_the_mask():
    """Short texts of what numbers and addresses are made of: whatever is hidden in one, the pattern sees."""
    chance = random.Random(4)
    longer = ["06", "12 34", "418", "٦", "@", "[at]", "(AT)", "\uff20", "é", ".com"]
    pieces = [*"0123456789" * 2, *" .-/()+_,|a", *longer]
    texts = ["".join(chance.choices(pieces, k=chance.randrange(1, 24))) for _ in range(20_000)]

    hidden = [text for text in texts if hide_contacts(text) != text]

    assert len(hidden) > 1_000
    assert [text for text in hidden if not re.search(MAY_HIDE, text)] == []
