"""What a person changes about himself."""

import pytest
from django.test import Client

from sites.models import Site, User
from sites.phones import UnreadablePhone, as_dialled, to_e164
from sites.roles import Role
from tests.cast import make_person, signed_in

PROFILE = "/accounts/profile/"


def saved(person: User, **changes: str):
    data = {"first_name": "Camille", "last_name": "Durand", "phone": "", "language": "fr", **changes}
    answer = signed_in(person).post(PROFILE, data)
    person.refresh_from_db()
    return answer


def test_a_number_is_typed_as_at_home_and_kept_in_e164(camille: User):
    saved(camille, phone="06 12 34 56 78")

    assert camille.phone == "+33612345678"


def test_in_quebec_a_local_number_is_canadian(quebec: Site):
    etienne = make_person(
        quebec.group, "Étienne Tremblay", Role.SALESPERSON, quebec, email="etienne@rhone.test"
    )

    saved(etienne, phone="418 555-0123")

    assert etienne.phone == "+14185550123"


def test_the_page_shows_the_number_as_it_is_dialled(camille: User):
    page = signed_in(camille).get(PROFILE).content.decode()

    assert 'value="06 11 11 11 11"' in page


def test_what_is_no_number_is_refused_and_kept_on_the_page(camille: User):
    answer = saved(camille, phone="call me")

    assert answer.status_code == 422
    assert 'value="call me"' in answer.content.decode()
    assert camille.phone == "+33611111111"


def test_the_language_changes_at_once_and_for_the_sign_in_page(camille: User):
    answer = saved(camille, language="en")

    assert camille.language == "en"
    assert answer.cookies["django_language"].value == "en"


def test_nothing_else_can_be_changed_here(camille: User):
    saved(camille, email="boss@rhone.test", is_superuser="on", group="99")

    assert camille.email == "camille@rhone.test"
    assert not camille.is_superuser


def test_a_stranger_signs_in_first(client: Client, db: None):
    assert client.get(PROFILE).headers["Location"] == f"/accounts/login/?next={PROFILE}"


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0033 6 12 34 56 78", "FR", "+33612345678"),
        ("+1 (418) 555-0123", "FR", "+14185550123"),
        ("04.72.00.00.01", "FR", "+33472000001"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, country: str, kept: str):
    assert to_e164(typed, country) == kept


@pytest.mark.parametrize("typed", ["", "12", "abc", "+999999999999999999", "06 12 34 56 78 ext. 5"])
def test_what_cannot_be_dialled_is_refused(typed: str):
    with pytest.raises(UnreadablePhone):
        to_e164(typed, "FR")


def test_a_number_abroad_is_shown_with_its_country():
    assert as_dialled("+14185550123", "FR") == "+1 418-555-0123"
    assert as_dialled("on request") == "on request"
