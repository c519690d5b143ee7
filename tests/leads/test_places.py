"""A site is named once: beside its source, unless the source's own name says it."""

import dataclasses
from typing import Any

import msgspec
import pytest

from leads.models import LeadSource
from leads.notices import LeadQuarantinedNotice, LeadReceivedNotice
from leads.places import unsaid_site
from leads.signals import FromSource
from notifications import rendering
from notifications.declarations import Notice
from sites.models import Site, User
from tests.cast import make_lead, make_source, signed_in


@pytest.mark.parametrize(
    ("source", "site"),
    [("Site web Lyon", "Lyon"), ("site web lyon", "Lyon"), ("Québec (web)", "Québec"), ("Web St. Jean", "St. Jean")],
)  # fmt: skip
def test_a_source_that_names_its_site_is_enough(source: str, site: str):
    assert unsaid_site(source, site) == ""


@pytest.mark.parametrize(
    ("source", "site"), [("AutoPortail", "Lyon"), ("Comparis", "Paris"), ("Site web", "Web+"), ("", "Lyon")]
)
def test_every_other_source_leaves_the_site_to_be_said(source: str, site: str):
    assert unsaid_site(source, site) == site


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("notice", [LeadReceivedNotice, LeadQuarantinedNotice])
@pytest.mark.parametrize(
    ("source", "ending"), [("Site web Lyon", "· Site web Lyon"), ("AutoPortail", "· AutoPortail · Lyon")]
)
def test_an_alert_names_the_site_once(notice: type[Notice[Any]], language: str, source: str, ending: str):
    sample: Any = notice.sample
    fact = dataclasses.replace(sample, source_name=source, site_name="Lyon")

    body = rendering.render(notice, fact, language).body

    assert body.endswith(ending)
    assert body.count("Lyon") == 1


def test_a_fact_recorded_without_it_reads_the_same():
    recorded = msgspec.to_builtins(LeadReceivedNotice.sample)
    del recorded["unsaid_site"]
    recorded["source_name"] = "AutoPortail"

    fact = LeadReceivedNotice.fact_from(recorded)

    assert isinstance(fact, FromSource)
    assert fact.unsaid_site == "Lyon"


def test_the_pages_say_it_once_too(website: LeadSource, lyon: Site, marseille: Site, diane: User):
    named = make_lead(website)
    unnamed = make_lead(make_source(marseille, "AutoPortail"))
    client = signed_in(diane)

    for path in ("/", "/leads/", named.get_absolute_url()):
        assert "Site web Lyon · Lyon" not in client.get(path).content.decode()
    for path in ("/", "/leads/", unnamed.get_absolute_url()):
        assert "AutoPortail · Marseille" in client.get(path).content.decode()
