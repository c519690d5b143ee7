"""Mail comes in only where a domain is set and somebody can be believed; half of that stops the start."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

from dms.settings import channels, mail_in, mode

SECRET = "dms:a-password-of-some-length"
VARIABLES = ("INBOUND_MAIL_DOMAIN", "EMAIL_WEBHOOK_SECRET", "MAILERSEND_INBOUND_SECRET")


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(channels, "ANYMAIL", {})
    monkeypatch.setattr(channels, "EMAIL_PROVIDER", "")


def loaded() -> ModuleType:
    """The settings read again from the environment as it is now."""
    spec = importlib.util.spec_from_file_location("dms.settings.read_again", Path(mail_in.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_set_means_that_no_mail_comes_in():
    settings = loaded()

    assert (settings.INBOUND_MAIL_DOMAIN, settings.EMAIL_WEBHOOK_SECRET, settings.MAIL_BY_HAND) == (
        "",
        "",
        False,
    )


def test_a_domain_and_a_secret_are_enough_without_any_provider(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INBOUND_MAIL_DOMAIN", "Files.Example.com")
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", SECRET)

    settings = loaded()

    assert (settings.INBOUND_MAIL_DOMAIN, settings.EMAIL_WEBHOOK_SECRET) == ("files.example.com", SECRET)


@pytest.mark.parametrize(
    "secret", ["", "dms:", "dms:short", ":a-password-of-some-length", "a-password-of-some-length"]
)
def test_a_domain_without_a_secret_stops_the_start(secret: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INBOUND_MAIL_DOMAIN", "files.example.com")
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", secret)

    with pytest.raises(ImproperlyConfigured, match="name:password"):
        loaded()


@pytest.mark.parametrize("secret", ["dms:", "dms:short", ":a-password-of-some-length"])
def test_half_a_secret_without_a_domain_opens_no_door(secret: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", secret)

    assert loaded().EMAIL_WEBHOOK_SECRET == ""


@pytest.mark.parametrize(
    "domain", ["example", "a b.example", "https://files.example.com", "-x.example", "x@y.example"]
)
def test_a_domain_that_is_none_stops_the_start(domain: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INBOUND_MAIL_DOMAIN", domain)
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", SECRET)

    with pytest.raises(ImproperlyConfigured, match="expected a domain"):
        loaded()


def test_who_signs_needs_no_password(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INBOUND_MAIL_DOMAIN", "files.example.com")
    monkeypatch.setattr(channels, "EMAIL_PROVIDER", "mailgun")

    assert loaded().EMAIL_WEBHOOK_SECRET == ""


def test_mailersend_signs_mails_with_a_secret_of_their_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INBOUND_MAIL_DOMAIN", "files.example.com")
    monkeypatch.setenv("MAILERSEND_INBOUND_SECRET", "signing")
    monkeypatch.setattr(channels, "EMAIL_PROVIDER", "mailersend")

    assert loaded().ANYMAIL == {"MAILERSEND_INBOUND_SECRET": "signing"}


def test_the_demo_shows_the_way_and_says_that_it_is_the_demo(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mode, "DEMO", True)

    settings = loaded()

    assert settings.INBOUND_MAIL_DOMAIN.endswith(".test")
    assert settings.MAIL_BY_HAND


def test_a_demo_with_a_secret_of_its_own_does_not_show_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mode, "DEMO", True)
    monkeypatch.setenv("EMAIL_WEBHOOK_SECRET", SECRET)

    assert not loaded().MAIL_BY_HAND
