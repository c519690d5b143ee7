"""A second proof: the authenticator app, recovery codes and passkeys."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from sites.models import Site, User
from sites.roles import Role
from tests.cast import MONDAY, make_person

PASSWORD = "three-words-in-a-row"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def camille(lyon: Site) -> User:
    return make_person(lyon.group, "Camille Durand", Role.SALESPERSON, lyon, password=PASSWORD)


@pytest.fixture
def browser(camille: User) -> Client:
    """Camille has signed in and typed her password once more, as pages of security ask."""
    client = Client(headers={"Accept-Language": "en"})
    client.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def code_for(secret: str) -> str:
    """What an authenticator app with this secret shows at this moment."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def with_app(camille: User) -> Client:
    """Camille has set up the app; a fresh browser has given her password."""
    TOTP.activate(camille, SECRET)
    RecoveryCodes.activate(camille)
    client = Client()
    client.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})
    return client


def test_the_app_is_set_up_with_its_first_code(browser: Client, camille: User):
    page = browser.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret

    done = browser.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})

    assert "data:image/svg+xml" in page.content.decode()
    assert done.status_code == 302
    kinds = set(Authenticator.objects.filter(user=camille).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}


def test_a_wrong_first_code_sets_up_nothing(browser: Client, camille: User):
    browser.get("/accounts/2fa/totp/activate/")

    answer = browser.post("/accounts/2fa/totp/activate/", {"code": "000000"})

    assert answer.status_code == 200
    assert not Authenticator.objects.filter(user=camille).exists()


def test_with_the_app_a_password_alone_opens_nothing(camille: User):
    client = with_app(camille)

    assert client.get("/accounts/profile/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_apps_code_opens_the_account(camille: User):
    client = with_app(camille)

    client.post("/accounts/2fa/authenticate/", {"code": code_for(SECRET)})

    assert client.session["_auth_user_id"] == str(camille.pk)


def test_a_wrong_code_is_refused(camille: User):
    client = with_app(camille)

    answer = client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_opens_the_account_once(camille: User):
    client = with_app(camille)
    code = Authenticator.objects.get(user=camille, type="recovery_codes").wrap().get_unused_codes()[0]

    client.post("/accounts/2fa/authenticate/", {"code": code})
    second = Client()
    second.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})
    second.post("/accounts/2fa/authenticate/", {"code": code})

    assert client.session["_auth_user_id"] == str(camille.pk)
    assert "_auth_user_id" not in second.session


def test_a_session_left_open_cannot_change_the_second_factor(camille: User):
    client = Client()
    with time_machine.travel(MONDAY, tick=False):
        client.post("/accounts/login/", {"login": camille.email, "password": PASSWORD})
        before = client.get("/accounts/2fa/totp/activate/")
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        after = client.get("/accounts/2fa/totp/activate/")
    with time_machine.travel(MONDAY + timedelta(minutes=30), tick=False):
        later = client.get("/accounts/2fa/totp/activate/")

    assert before.headers["Location"].startswith("/accounts/reauthenticate/")
    assert after.status_code == 200
    assert later.headers["Location"].startswith("/accounts/reauthenticate/")


def test_a_passkey_can_be_added(browser: Client):
    page = browser.get("/accounts/2fa/webauthn/add/")

    options = page.context["js_data"]["creation_options"]["publicKey"]
    assert options["rp"]["id"] == "testserver"
    assert options["challenge"]


def test_signing_in_by_passkey_begins_with_a_challenge(client: Client, db: None):
    answer = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})

    assert json.loads(answer.content)["request_options"]["publicKey"]["challenge"]


def test_a_made_up_passkey_opens_nothing(client: Client, camille: User):
    client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})

    client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})

    assert "_auth_user_id" not in client.session
