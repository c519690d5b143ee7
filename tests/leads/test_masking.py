"""What would let somebody call before he has taken the lead is hidden; everything else stays readable."""

import time

import pytest

from core.vin import has_valid_check_digit, tidy_vin
from leads.contact import Contact, Masked, contact_for
from leads.masking import hide_contacts, mask_email, mask_phone
from leads.models import LeadSource, LeadStatus
from sites.models import User
from tests.cast import make_lead, member_of


@pytest.mark.parametrize(
    "secret",
    [
        "06 12 34 56 78", "0612345678", "06.12.34.56.78", "06-12-34-56-78", "+33 (0)6 12 34 56 78",
        "+33612345678", "(418) 555-0199", "418 555 0199", "06\u00a012\u00a034\u00a056\u00a078",
        "06 - 12 - 34 - 56 - 78", "06_12_34_56_78", "06,12,34,56,78", "+33 6 | 12 | 34 | 56 | 78", "418 - 555 - 0199",
        "paul[at]example.com", "paul (AT) example.com", "paul\uff20example.com",
        "paul@example.com", "paul.martin+x@mail.example.co.uk", "paul @ example.com",
    ],
)  # fmt: skip
def test_numbers_and_addresses_are_hidden(secret: str):
    assert hide_contacts(f"Appelez {secret} ce soir") == "Appelez ••• ce soir"


@pytest.mark.parametrize(
    "text",
    [
        "Peugeot 208 de 2023, 18 500 €",
        "120 000 km, 1.2 PureTech 110",
        "Rendez-vous le 02/03 à 10:30",
        "@ bientôt",
        "entre 18 500 et 19 000 €, une 208 / 308 de 2023",
        "",
    ],
)
def test_prices_mileages_and_dates_stay(text: str):
    assert hide_contacts(text) == text


def test_a_long_word_costs_no_more_than_a_long_letter():
    word, letter = "@" + "a" * 10_000, "@ " + "a " * 5_000

    assert seconds_for(word) < 20 * seconds_for(letter) + 0.02  # the square of it took 1.5 s


def seconds_for(text: str) -> float:
    started = time.perf_counter()
    hide_contacts(text)
    return time.perf_counter() - started


def test_masks_tell_customers_apart_and_no_more():
    assert mask_email("paul@example.com") == "p•••@e•••"
    assert mask_email("broken") == "•••"
    assert mask_phone("+33612345678") == "•••78"


def test_the_rule_of_the_contact(
    in_rhone: None, website: LeadSource, camille: User, karim: User, claire: User, marc: User, agnes: User
):
    lead = make_lead(website, owner=camille, status=LeadStatus.CLAIMED)

    shown = {
        person.first_name: isinstance(contact_for(lead, member_of(person)), Contact)
        for person in (camille, karim, claire, marc, agnes)
    }

    assert shown == {"Camille": True, "Karim": False, "Claire": True, "Marc": False, "Agnès": True}


def test_a_mask_says_what_there_is_but_not_which(in_rhone: None, website: LeadSource, camille: User):
    contact = contact_for(make_lead(website, email=""), member_of(camille))

    assert contact == Masked(email="", phone="•••", message="Est-elle toujours disponible ?")


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111"])
def test_check_digits_known_to_be_right(vin: str):
    assert has_valid_check_digit(vin)


@pytest.mark.parametrize("vin", ["1M8GDM9A0KP042788", "1M8GDM9AXKP04278O"])
def test_check_digits_known_to_be_wrong(vin: str):
    assert not has_valid_check_digit(vin)


def test_a_vin_is_read_through_blanks_and_dashes():
    assert tidy_vin(" vf3-ccbhw6 ft.012345 ") == "VF3CCBHW6FT012345"
