from __future__ import annotations

from babel.messages.catalog import Catalog

from scripts.messages import complaints_about, messages_in_template
from scripts.paths import ROOT

TEMPLATE = """
{% load i18n %}
<h1 title="it's {{ x }}">
      {% translate "Hello 'you'" as greeting %}
  {% blocktranslate trimmed count n=leads|length with name=site.name %}
      One lead in {{ name }}
    {% plural %}
      {{ n }} leads in {{ name }}
  {% endblocktranslate %}
    {{ owner|default:_("Nobody") }} {% translate "Pool" context "lead" %}
 1abc 0x é » « ((( \"\"\" {# odd " comment #}
</h1>
"""


def catalogue(**translations: str) -> Catalog:
    french = Catalog(locale="fr", fuzzy=False)
    for identity, translation in translations.items():
        french.add(identity, translation)
    return french


def test_templates_are_read_whatever_their_indentation():
    found = list(messages_in_template(TEMPLATE, ROOT / "templates" / "page.html"))

    assert found == [
        ("Hello 'you'", None),
        (("One lead in %(name)s", "%(n)s leads in %(name)s"), None),
        ("Nobody", None),
        ("Pool", "lead"),
    ]


def test_a_complete_catalogue_has_nothing_to_correct():
    french = catalogue(Leads="Leads", Nobody="Personne")

    assert complaints_about(french, [("Leads", None), ("Nobody", None)]) == []


def test_missing_untranslated_and_left_over_messages_are_named():
    french = catalogue(Leads="", Bygone="Passé")

    complaints = complaints_about(french, [("Leads", None), ("Nobody", None)])

    assert [complaint.split(":")[0] for complaint in complaints] == [
        "not translated",
        "not extracted yet (make messages)",
        "no longer used (make messages)",
    ]


def test_a_fuzzy_message_is_not_a_translation():
    french = catalogue()
    french.add("Leads", "Pistes", flags=["fuzzy"])

    assert complaints_about(french, [("Leads", None)]) == ["marked fuzzy: 'Leads'"]


def test_a_translation_keeps_the_placeholders_of_its_source():
    french = catalogue()
    french.add("Taken by {owner_name}", "Pris par {owner}")
    french.add("%(n)s leads", "%(n)s leads")

    complaints = complaints_about(french, [("Taken by {owner_name}", None), ("%(n)s leads", None)])

    assert complaints == ["placeholders differ: 'Taken by {owner_name}' -> 'Pris par {owner}'"]


def test_each_form_of_a_plural_matches_one_of_the_source():
    french = catalogue()
    french.add(("One lead", "%(n)s leads"), ("Un lead", "%(n)s leads"))

    assert complaints_about(french, [(("One lead", "%(n)s leads"), None)]) == []
