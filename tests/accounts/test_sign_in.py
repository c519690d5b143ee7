"""Signing in by email: what a person types, what he reads, in which language."""

import pytest
from django.test import Client
from django.urls import reverse

from sites.models import Site, User
from sites.roles import Role
from tests.cast import make_person, signed_in

PASSWORD = "three-words-in-a-row"
LOGIN = "/accounts/login/"


@pytest.fixture
def camille(lyon: Site) -> User:
    return make_person(lyon.group, "Camille Durand", Role.SALESPERSON, lyon, password=PASSWORD)


def sign_in(client: Client, email: str, password: str = PASSWORD, **headers: str):
    return client.post(LOGIN, {"login": email, "password": password}, headers=headers or None)


def test_the_right_password_leads_home(client: Client, camille: User):
    answer = sign_in(client, camille.email)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(camille.pk)


def test_capitals_in_the_address_do_not_matter(client: Client, camille: User):
    assert sign_in(client, camille.email.upper()).status_code == 302


def test_a_wrong_password_keeps_the_address_and_says_so(client: Client, camille: User):
    answer = sign_in(client, camille.email, "wrong", **{"Accept-Language": "en"})

    assert answer.status_code == 200
    assert "not correct" in answer.content.decode()
    assert f'value="{camille.email}"' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_unknown_address_reads_like_a_wrong_password(client: Client, camille: User):
    wrong = sign_in(client, camille.email, "wrong")
    unknown = sign_in(Client(), "nobody@rhone.test", "wrong")

    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_who_is_switched_off_is_told(client: Client, camille: User):
    User.objects.filter(pk=camille.pk).update(is_active=False)

    answer = client.post(LOGIN, {"login": camille.email, "password": PASSWORD}, follow=True)

    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def test_after_sign_in_the_page_that_was_wanted_opens(client: Client, camille: User):
    answer = client.post(f"{LOGIN}?next=/leads/", {"login": camille.email, "password": PASSWORD})

    assert answer.headers["Location"] == "/leads/"


def test_nobody_is_sent_to_another_website(client: Client, camille: User):
    data = {"login": camille.email, "password": PASSWORD, "next": "https://evil.example/"}

    assert client.post(LOGIN, data).headers["Location"] == "/"


@pytest.mark.parametrize(("browser", "words"), [("fr-FR,fr;q=0.9", "Se connecter"), ("en-GB", "Sign in")])
def test_the_page_speaks_the_browsers_language(client: Client, db: None, browser: str, words: str):
    answer = client.get(LOGIN, headers={"Accept-Language": browser})

    assert words in answer.content.decode()


def test_a_browser_of_neither_language_reads_french(client: Client, db: None):
    assert '<html lang="fr"' in client.get(LOGIN, headers={"Accept-Language": "de"}).content.decode()


def test_once_signed_in_the_persons_own_language_counts(camille: User):
    User.objects.filter(pk=camille.pk).update(language="en")

    answer = signed_in(camille).get(reverse("account_profile"), headers={"Accept-Language": "fr"})

    assert '<html lang="en"' in answer.content.decode()


def test_sign_up_is_closed(client: Client, db: None):
    page = client.get("/accounts/signup/", headers={"Accept-Language": "en"})
    post = client.post(
        "/accounts/signup/", {"email": "new@rhone.test", "password1": PASSWORD, "password2": PASSWORD}
    )

    assert "administrator" in page.content.decode()
    assert post.status_code == 200
    assert not User.objects.filter(email="new@rhone.test").exists()


@pytest.mark.parametrize("page", ["email/", "confirm-email/", "login/code/", "3rdparty/"])
def test_pages_that_nobody_needs_do_not_exist(client: Client, db: None, page: str):
    assert client.get(f"/accounts/{page}").status_code == 404


def test_signing_out_asks_first(camille: User):
    client = signed_in(camille)

    asked = client.get("/accounts/logout/")
    client.post("/accounts/logout/")

    assert asked.status_code == 200
    assert "_auth_user_id" not in client.session


def test_passwords_are_kept_with_argon2():
    from dms.settings import accounts

    assert accounts.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_the_demos_people_are_not_listed_outside_the_demo(client: Client, db: None):
    assert "demo.test" not in client.get(LOGIN).content.decode()
