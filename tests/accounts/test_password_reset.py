"""A forgotten password: a link by mail, good once, and no word about who has an account."""

import re

import pytest
from django.core import mail
from django.test import Client

from notifications.models import OutboxEntry
from sites.models import Site, User
from sites.roles import Role
from tests.cast import make_person

OLD, NEW = "three-words-in-a-row", "quatre-mots-bien-longs"
RESET = "/accounts/password/reset/"


@pytest.fixture
def camille(lyon: Site) -> User:
    return make_person(lyon.group, "Camille Durand", Role.SALESPERSON, lyon, password=OLD)


def asked_link(email: str) -> str:
    """Ask for a link and take it from the mail, as a path."""
    Client().post(RESET, {"email": email})
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def choose(client: Client, link: str, password: str):
    """Open the link, as a browser does, and post the new password where it leads."""
    form_url = client.get(link).headers["Location"]
    return client.post(form_url, {"password1": password, "password2": password})


def test_the_link_lets_a_person_choose_a_new_password(camille: User):
    answer = choose(Client(), asked_link(camille.email), NEW)

    camille.refresh_from_db()
    assert answer.headers["Location"] == "/accounts/password/reset/key/done/"
    assert camille.check_password(NEW)


def test_the_link_serves_once(camille: User):
    link = asked_link(camille.email)
    choose(Client(), link, NEW)

    again = Client().get(link, headers={"Accept-Language": "en"})

    assert "This link has served" in again.content.decode()


def test_a_weak_password_is_refused_with_its_reason(camille: User):
    client = Client(headers={"Accept-Language": "en"})

    answer = choose(client, asked_link(camille.email), "short")

    camille.refresh_from_db()
    assert "too short" in answer.content.decode()
    assert camille.check_password(OLD)


@pytest.mark.parametrize(
    ("language", "subject"), [("fr", "Choisir un nouveau mot de passe"), ("en", "Choose a new password")]
)
def test_the_mail_speaks_its_readers_language(camille: User, language: str, subject: str):
    User.objects.filter(pk=camille.pk).update(language=language)

    Client().post(RESET, {"email": camille.email}, headers={"Accept-Language": "de"})

    assert mail.outbox[-1].subject == subject
    assert mail.outbox[-1].to == [camille.email]


def test_an_unknown_address_gets_the_same_answer_and_no_mail(camille: User):
    known = Client().post(RESET, {"email": camille.email})
    unknown = Client().post(RESET, {"email": "nobody@rhone.test"})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert [sent.to for sent in mail.outbox] == [[camille.email]]


def test_in_the_demo_the_mail_ends_in_the_outbox(camille: User, in_rhone: None, settings):
    settings.EMAIL_BACKEND = "notifications.mailbox.OutboxBackend"

    Client().post(RESET, {"email": camille.email})

    entry = OutboxEntry.objects.get()
    assert entry.recipient == camille.email
    assert "/accounts/password/reset/key/" in entry.words.text
    assert "/accounts/password/reset/key/" in entry.words.html
