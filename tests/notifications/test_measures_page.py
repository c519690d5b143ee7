"""« Measures »: who may look, what he finds first, what he is told to change, and the file he takes with him."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from html import unescape
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.spreadsheets import as_csv, safe_cell
from notifications import charts
from notifications.choices import Channel, DeliveryState, Urgency
from notifications.defaults import Place
from notifications.measures import Cell, Entry, Wanted, added_up
from notifications.measuring import measure_all
from notifications.models import DayMeasure, Delivery, Notification
from notifications.registry import get
from notifications.suggestions import ENOUGH, suggestions
from sites.models import Group, Site, User
from sites.roles import Role
from tests.cast import MONDAY, signed_in
from tests.notifications.road import add_device, received, tell_and_route

PAGE, FILE = "/measures/", "/measures/export/"
TODAY = MONDAY.date()
NOW = MONDAY + timedelta(days=1, hours=9)


@pytest.fixture(autouse=True)
def _now(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def tell_leads(site: Site, count: int, *, ignored: int = 0, minutes: int = 4, days: int = 1) -> None:
    """So many leads of a day before today, all by push too; the first ones nobody looks at."""
    for number in range(count):
        at = MONDAY - timedelta(days=days, minutes=number)
        event = tell_and_route(received(site, occurred_at=at), at=at)
        if number >= ignored:
            Notification.objects.filter(event=event).update(seen_at=at + timedelta(minutes=minutes))
    Delivery.objects.filter(channel=Channel.PUSH).update(state=DeliveryState.ACCEPTED)
    measure_all(at=NOW)


def content(person: User, query: str = "") -> str:
    answer = signed_in(person).get(PAGE + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_sentence_that_matters_comes_first(lyon: Site, camille: User, remy: User, in_rhone: None):
    tell_leads(lyon, 5, ignored=1)

    page = content(remy)

    assert (
        "Une alerte vue l’est en <strong>4 min</strong> une fois sur deux, en <strong>4 min</strong> neuf fois sur dix."
        in page
    )
    assert "20 % de celles qu’aucun collègue n’a réglées ne sont jamais regardées." in page
    assert page.index('class="headline"') < page.index('class="figures"') < page.index("plot-columns")


def test_without_alerts_the_page_says_so(remy: User):
    page = content(remy)

    assert "Rien à mesurer ici" in page
    assert "plot-columns" not in page


@pytest.mark.parametrize("address", [PAGE, FILE])
def test_only_who_leads_may_look(
    address: str, camille: User, alain: User, claire: User, remy: User, diane: User, agnes: User
):
    answers = {
        person.first_name: signed_in(person).get(address).status_code
        for person in (camille, alain, claire, remy, diane, agnes)
    }

    assert answers == {
        "Camille": 403, "Alain": 403, "Claire": 200, "Rémy": 200, "Diane": 200, "Agnès": 200,
    }  # fmt: skip


def test_the_rail_leads_there_who_may_look(camille: User, remy: User):
    assert f'href="{PAGE}"' in signed_in(remy).get("/").content.decode()
    assert f'href="{PAGE}"' not in signed_in(camille).get("/").content.decode()


def test_a_site_manager_sees_his_site_and_a_director_may_choose(
    lyon: Site, marseille: Site, camille: User, marc: User, remy: User, diane: User, in_rhone: None
):
    tell_leads(lyon, 3)
    tell_leads(marseille, 1, minutes=50)

    assert ">3</dd>" in content(remy)
    assert "Marseille" not in content(remy)
    assert ">4</dd>" in content(diane)
    assert ">1</dd>" in content(diane, "?site=marseille")
    assert ">3</dd>" in content(remy, "?site=marseille")  # a site of others is as good as none


def test_the_site_that_is_chosen_at_the_top_narrows_the_page(
    lyon: Site, marseille: Site, camille: User, marc: User, diane: User, in_rhone: None
):
    tell_leads(lyon, 3)
    tell_leads(marseille, 1)
    browser = signed_in(diane)

    browser.post("/me/site/", {"site": marseille.pk})

    assert ">1</dd>" in browser.get(PAGE).content.decode()


def test_type_role_and_period_narrow_it(lyon: Site, camille: User, claire: User, remy: User, in_rhone: None):
    tell_leads(lyon, 3, days=10)

    assert ">3</dd>" in content(remy, "?type=leads.received&role=salesperson")
    assert "« Nouveau lead » : une alerte vue l’est en" in content(remy, "?type=leads.received")
    assert "Rien à mesurer ici" in content(remy, "?days=7")
    assert "Rien à mesurer ici" in content(remy, "?role=sales_manager")
    assert ">3</dd>" in content(remy, "?days=2000&role=nobody&type=nothing&by=stars&site=x")


@pytest.mark.parametrize(
    ("by", "name"), [("type", "Nouveau lead"), ("role", "Vendeur"), ("site", "Lyon"), ("channel", "Push")]
)
def test_the_table_is_cut_as_one_likes(
    by: str, name: str, lyon: Site, camille: User, remy: User, in_rhone: None
):
    add_device(camille)
    tell_leads(lyon, 2)

    rows = content(remy, f"?by={by}").split("<tbody>")[-1]

    assert name in rows


def test_both_charts_have_a_table_and_a_name(lyon: Site, camille: User, remy: User, in_rhone: None):
    tell_leads(lyon, 2)

    page = content(remy, "?days=7")

    assert page.count('class="plot-columns"') == 2
    assert page.count('role="img" aria-labelledby=') == 2
    table = page[page.index("chart-table") : page.index('id="parts-title"')]
    assert table.count('<th scope="row">') == 7


def test_the_page_takes_the_same_queries_however_much_was_sent(
    lyon: Site, camille: User, karim: User, remy: User, in_rhone: None
):
    browser = signed_in(remy)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(PAGE).status_code == 200
        return len(asked)

    tell_leads(lyon, 2)
    queries()  # what is remembered for the next page
    few = queries()
    tell_leads(lyon, 12, ignored=6, days=3)
    many = queries()

    assert (many, few <= 14) == (few, True)


# --- What to change ---


def entry(ignored: int, seen: int, *, channel: str = "push", **fields: Any) -> Entry:
    key = {"type_key": "leads.received", "role": "salesperson", "channel": channel}
    counts = {"sent": ignored + seen, "arrived": ignored + seen, "seen": seen, "ignored": ignored}
    return Entry(TODAY, fields.pop("site_id", 1), Cell(**{**key, **counts, **fields}))


def test_what_is_ignored_is_proposed_to_be_quieter():
    (found,) = suggestions([entry(18, 4, site_id=1), entry(0, 6, site_id=2)], {})

    assert found.place == Place("leads.received", Role.SALESPERSON, Channel.PUSH)
    assert (found.is_quieter, found.change.wanted) == (True, False)
    assert (found.figures.ignored_percent, found.site_ids) == (64, (1,))


@pytest.mark.parametrize(
    "entries",
    [
        [entry(10, 10)],  # half of it is looked at
        [entry(ENOUGH - 1, 0)],  # too few to tell
        [entry(30, 0, channel="in_app")],  # waits silently
        [entry(30, 0, role="")],
        [entry(30, 0, role="accountant")],  # cannot hear of leads
        [entry(30, 0, type_key="gone.type")],
        [entry(30, 0, channel="email")],  # the role has it off: people chose it themselves
    ],
)
def test_what_is_not_noise_or_not_the_roles_is_left_alone(entries: list[Entry]):
    assert suggestions(entries, {}) == []


def test_what_the_group_switched_off_is_not_proposed_again():
    place = Place("leads.received", Role.SALESPERSON, Channel.PUSH)

    assert suggestions([entry(30, 0)], {place: False}) == []
    assert suggestions([entry(30, 0)], {place: True})


@pytest.mark.parametrize(
    ("name", "value"), [("urgency", Urgency.CRITICAL), ("mandatory", frozenset({Channel.PUSH}))]
)
def test_nothing_critical_and_nothing_mandatory_is_proposed_to_be_quieter(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
):
    assert suggestions([entry(30, 0)], {})

    monkeypatch.setattr(get("leads.received"), name, value)

    assert suggestions([entry(30, 0)], {}) == []


def test_what_is_urgent_and_seen_late_is_proposed_to_ring():
    slow = entry(0, 30, channel="", role="sales_manager", reactions=[7200] * 30)
    quick = entry(0, 30, channel="", role="sales_manager", reactions=[720] * 30)

    (found,) = suggestions([slow], {})

    assert (found.place.channel, found.change.wanted, found.is_quieter) == (Channel.PUSH, True, False)
    assert suggestions([quick], {}) == []
    assert suggestions([slow], {found.place: True}) == []


def test_an_administrator_changes_it_and_others_know_whom_to_ask(
    lyon: Site, camille: User, remy: User, agnes: User, in_rhone: None
):
    add_device(camille)
    tell_leads(lyon, ENOUGH + 2, ignored=ENOUGH + 1)

    asks, changes = content(remy), content(agnes)

    assert "des alertes « Nouveau lead » par Push sont ignorées" in asks
    assert "mailto:agnes@rhone.test?subject=" in asks
    assert "Changer le réglage du rôle" not in asks
    assert "Changer le réglage du rôle" in changes
    assert "mailto:" not in changes
    address = re.search(r'href="(/preferences/roles/effect/[^"]+)"', changes)
    assert address is not None
    effect = signed_in(agnes).get(unescape(address[1]))
    assert effect.status_code == 200
    assert "leads.received~salesperson~push~product~off" in effect.content.decode()


# --- The file ---


def test_the_file_holds_a_line_for_each_part(lyon: Site, camille: User, remy: User, in_rhone: None):
    add_device(camille)
    tell_leads(lyon, 4, ignored=1)

    answer = signed_in(remy).get(FILE)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="measures-2026-')
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["Canal"] for row in rows] == ["Dans l’application", "L’alerte elle-même", "Push"]
    assert {(row["Type"], row["Site"], row["Rôle"]) for row in rows} == {("Nouveau lead", "Lyon", "Vendeur")}
    assert {(row["Envoyées"], row["Vues"], row["Ignorées, %"], row["Médiane, s"]) for row in rows} == {
        ("4", "3", "25", "240")
    }


def test_a_site_that_looks_like_a_formula_stays_text(lyon: Site, camille: User, remy: User, in_rhone: None):
    Site.objects.filter(pk=lyon.pk).update(name='=HYPERLINK("http://evil.test")')
    tell_leads(lyon, 1)

    text = signed_in(remy).get(FILE).content.decode("utf-8-sig")

    assert "'=HYPERLINK" in text
    assert ";=HYPERLINK" not in text.replace('"', "")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(begin: str):
    assert safe_cell(f"{begin}1+1") == f"'{begin}1+1"
    assert safe_cell(f"1{begin}1") == f"1{begin}1"
    assert safe_cell(-1) == -1


def test_english_spreadsheets_expect_commas():
    assert as_csv([["a", 1]], language="en") == "\ufeffa,1\r\n"
    assert as_csv([["a", None]], language="fr") == "\ufeffa;\r\n"


# --- Charts ---


def test_columns_are_days_or_some_and_leave_none_out():
    week, month, quarter = (Wanted(until=TODAY, days=days) for days in (7, 30, 90))

    days = charts.spans([entry(1, 2)], week)
    weeks = charts.spans([entry(1, 2)], quarter)

    assert [span.last for span in days] == [TODAY - timedelta(days=back) for back in range(6, -1, -1)]
    assert (len(charts.spans([], month)), len(weeks)) == (10, 13)
    assert (weeks[0].first, weeks[-1].last) == (quarter.since, TODAY)
    assert all(one.last + timedelta(days=1) == following.first for one, following in pairwise(weeks))
    assert weeks[-1].figures.judged == 3


def test_parts_stand_on_one_another_within_the_scale():
    chart = charts.outcomes([charts.Span(TODAY, TODAY, added_up([entry(10, 30, settled=10)]))])

    (column,) = chart.columns
    assert chart.top == 60
    assert [(part.kind, part.y, part.height) for part in column.parts] == [
        ("seen", "50.0", "50.0"), ("settled", "33.3", "16.7"), ("ignored", "16.7", "16.7"),
    ]  # fmt: skip


def test_one_bad_day_does_not_flatten_the_others():
    def span(seconds: int, looks: int = 5) -> charts.Span:
        return charts.Span(TODAY, TODAY, added_up([entry(0, looks, reactions=[seconds] * looks)]))

    chart = charts.reactions([*[span(240)] * 9, span(90_000), span(90_000, looks=4)])

    assert chart.top == 300
    assert [part.kind for part in chart.columns[-2].parts] == ["ninetieth", "median", "over"]
    assert [part.kind for part in chart.columns[0].parts] == ["ninetieth", "median"]
    assert chart.columns[-1].parts == []  # too few looks to speak of a middle


def test_charts_of_nothing_have_a_scale():
    nothing = charts.spans([], Wanted(until=TODAY, days=7))

    assert (charts.outcomes(nothing).top, charts.reactions(nothing).top) == (2, 60)


def test_measures_of_a_group_that_has_none_are_empty(rhone: Group, diane: User, in_rhone: None):
    measure_all(at=NOW)

    assert not DayMeasure.objects.exists()
    assert "Rien à mesurer ici" in content(diane)
