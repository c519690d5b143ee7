"""Half a set of credentials, or the tests' switch in production, stops the start and says why."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

from dms.settings import channels, mode
from gateways import mail_events

NAMES = re.compile(
    r"EMAIL|TWILIO|VAPID|PUSH|SMS|SAFE_HTTP|OUTBOX|MAILGUN|SENDGRID|POSTMARK|BREVO|MAILJET|RESEND|MANDRILL|AWS|DEFAULT_FROM"
)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if NAMES.search(name)]:
        monkeypatch.delenv(name)


def loaded() -> ModuleType:
    """The settings of the channels, read again from the environment as it is now."""
    spec = importlib.util.spec_from_file_location("dms.settings.read_again", Path(channels.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_set_means_sandboxes():
    settings = loaded()

    assert (settings.EMAIL_PROVIDER, settings.TWILIO_ACCOUNT_SID) == ("", "")
    assert settings.SAFE_HTTP_ALLOWS_LOOPBACK is False
    assert settings.EMAIL_BACKEND.endswith("console.EmailBackend")


@pytest.mark.parametrize(
    ("provider", "secrets"),
    [
        ("smtp", ["EMAIL_HOST"]),
        ("mailgun", ["MAILGUN_API_KEY", "MAILGUN_WEBHOOK_SIGNING_KEY"]),
        ("mandrill", ["MANDRILL_API_KEY", "MANDRILL_WEBHOOK_KEY"]),
        ("sendgrid", ["SENDGRID_API_KEY", "EMAIL_WEBHOOK_SECRET"]),
        ("postmark", ["POSTMARK_SERVER_TOKEN", "EMAIL_WEBHOOK_SECRET"]),
        ("brevo", ["BREVO_API_KEY", "EMAIL_WEBHOOK_SECRET"]),
        ("mailjet", ["MAILJET_API_KEY", "MAILJET_SECRET_KEY"]),
        ("resend", ["RESEND_API_KEY"]),
    ],
)
def test_provider_without_its_secrets_stops_the_start_and_names_them(
    provider: str, secrets: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("EMAIL_PROVIDER", provider)

    with pytest.raises(ImproperlyConfigured) as caught:
        loaded()

    for name in ["DEFAULT_FROM_EMAIL", *secrets]:
        assert name in str(caught.value)


@pytest.mark.parametrize("provider", [name for name in channels._EMAIL_PROVIDERS if name != "amazon_ses"])
def test_every_provider_has_a_backend_that_starts(provider: str, monkeypatch: pytest.MonkeyPatch):
    from django.core.mail import get_connection
    from django.test import override_settings

    _backend, wanted = channels._EMAIL_PROVIDERS[provider]
    monkeypatch.setenv("EMAIL_PROVIDER", provider)
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", "dms:a-password-of-some-length")
    for name in ["DEFAULT_FROM_EMAIL", *wanted, *channels._WEBHOOK_SECRETS.get(provider, {})]:
        if name == "EMAIL_WEBHOOK_SECRET":
            continue
        monkeypatch.setenv(name, "https://x.example" if name.endswith("URL") else "x@example.org")

    settings = loaded()

    with override_settings(ANYMAIL=settings.ANYMAIL):
        assert get_connection(settings.EMAIL_BACKEND) is not None


@pytest.mark.parametrize("secret", ["a-password-of-some-length", "dms:short", ":a-password-of-some-length"])
def test_secret_that_is_no_name_and_password_stops_the_start(secret: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("DEFAULT_FROM_EMAIL", "POSTMARK_SERVER_TOKEN"):
        monkeypatch.setenv(name, "x@example.org")
    monkeypatch.setenv("EMAIL_PROVIDER", "postmark")
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", secret)

    with pytest.raises(ImproperlyConfigured, match="name:password"):
        loaded()


def test_every_provider_that_calls_us_has_a_secret():
    assert set(channels._WEBHOOK_SECRETS) == set(mail_events.READERS)


def test_provider_that_nobody_knows_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMAIL_PROVIDER", "pigeon")

    with pytest.raises(ImproperlyConfigured, match="smtp"):
        loaded()


def test_amazon_without_its_library_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMAIL_PROVIDER", "amazon_ses")

    with pytest.raises(ImproperlyConfigured, match="boto3"):
        loaded()


def test_second_mail_provider_starts_beside_the_first(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "DEFAULT_FROM_EMAIL": "x@example.org",
        "EMAIL_PROVIDER": "mandrill",
        "MANDRILL_API_KEY": "key",
        "MANDRILL_WEBHOOK_KEY": "hook",
        "EMAIL_SECOND_PROVIDER": "smtp",
        "EMAIL_HOST": "smtp.example.org",
    }.items():
        monkeypatch.setenv(name, value)

    settings = loaded()

    assert settings.EMAIL_BACKEND.endswith("mandrill.EmailBackend")
    assert settings.EMAIL_SECOND_BACKEND.endswith("smtp.EmailBackend")
    assert settings.ANYMAIL["MANDRILL_WEBHOOK_URL"].endswith("/webhooks/mail/")


@pytest.mark.parametrize("first", ["", "smtp"])
def test_second_mail_provider_must_be_another_one_beside_a_first(first: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("DEFAULT_FROM_EMAIL", "EMAIL_HOST"):
        monkeypatch.setenv(name, "x@example.org")
    monkeypatch.setenv("EMAIL_PROVIDER", first)
    monkeypatch.setenv("EMAIL_SECOND_PROVIDER", "smtp")

    with pytest.raises(ImproperlyConfigured, match="EMAIL_SECOND_PROVIDER"):
        loaded()


def test_second_account_of_twilio_wants_all_of_itself_and_a_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TWILIO_SECOND_ACCOUNT_SID", "x")
    with pytest.raises(ImproperlyConfigured, match="TWILIO_SECOND_FROM"):
        loaded()

    for name in ("TWILIO_SECOND_AUTH_TOKEN", "TWILIO_SECOND_FROM"):
        monkeypatch.setenv(name, "x")
    with pytest.raises(ImproperlyConfigured, match="TWILIO_ACCOUNT_SID"):
        loaded()


@pytest.mark.parametrize("known", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_half_of_twilio_stops_the_start(known: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(known, "x")

    with pytest.raises(ImproperlyConfigured, match="TWILIO_FROM"):
        loaded()


def test_switch_of_the_tests_cannot_be_on_in_production(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAFE_HTTP_ALLOWS_LOOPBACK", "1")
    allowed = loaded().SAFE_HTTP_ALLOWS_LOOPBACK
    monkeypatch.setattr(mode, "PRODUCTION", True)

    with pytest.raises(ImproperlyConfigured, match="SAFE_HTTP_ALLOWS_LOOPBACK"):
        loaded()

    assert allowed is True


def test_production_keeps_no_copies_and_the_demo_does(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mode, "DEMO", True)
    demo = loaded().OUTBOX_KEEPS_COPIES
    monkeypatch.setattr(mode, "DEMO", False)

    assert demo is True
    assert loaded().OUTBOX_KEEPS_COPIES is False


@pytest.mark.parametrize(
    ("public_url", "subject"),
    [
        ("https://dms.rhone.example", "https://dms.rhone.example"),
        ("http://127.0.0.1:8000", "mailto:notifications@demo.test"),
    ],
)
def test_push_services_learn_who_we_are(public_url: str, subject: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mode, "PUBLIC_URL", public_url)

    assert subject == loaded().VAPID_SUBJECT
