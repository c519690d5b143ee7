"""The pages of imports: who sees which feed, a file before it is taken in, and what a feed has learnt."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports.models import Feed, Run, RunState, Way
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import signed_in
from tests.imports.files import CLIO, GOLF, HEADER, ZOE, changed, csv_of, imported, make_feed

LIST = "/imports/"
HTMX = {"HX-Request": "true"}
IMAGE = "<img src=x onerror=alert(1)>.csv"
HOSTILE = '<script>alert("x")</script>'


def text_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def upload(client: Client, data: bytes, *, name: str = "export_stock-2026.csv", **fields: Any) -> Any:
    return client.post("/imports/upload/", {"file": SimpleUploadedFile(name, data), **fields})


def previewed(client: Client, data: bytes, **fields: Any) -> tuple[str, str]:
    """The address of the preview of a file that was just uploaded, and the page."""
    answer = upload(client, data, **fields)
    assert answer.status_code == 302, text_of(answer)
    return answer["Location"], text_of(client.get(answer["Location"]))


def only_feed(group_id: int | None) -> Feed:
    assert group_id is not None
    with group_scope(group_id):
        return Feed.objects.get()


# --- the list -------------------------------------------------------------------------------------------


def test_a_stock_manager_sees_the_feeds_of_her_site_with_what_became_of_the_last_file(
    sophie: User, lyon: Site, hugo: User, marseille: Site
):
    imported(make_feed(sophie, lyon), csv_of(CLIO, changed(ZOE, price="beaucoup")))
    make_feed(hugo, marseille, name="DMS Marseille")

    page = text_of(signed_in(sophie).get(LIST))

    assert "DMS Lyon" in page
    assert "DMS Marseille" not in page
    assert "stock.csv" in page
    assert "Corriger 1 ligne" in page


def test_a_salesperson_may_not_import(camille: User):
    client = signed_in(camille)

    assert client.get(LIST).status_code == 403
    assert "/imports/" not in text_of(client.get("/"))


def test_an_empty_list_says_what_to_do_and_offers_a_sample(sophie: User):
    page = text_of(signed_in(sophie).get(LIST))

    assert "Aucun flux pour l’instant" in page
    assert "samples/stock.csv" in page


@pytest.mark.parametrize("part", ["", "preview/"])
def test_another_sites_feed_is_not_there(sophie: User, hugo: User, marseille: Site, part: str):
    feed = make_feed(hugo, marseille)

    assert signed_in(sophie).get(f"/imports/{feed.pk}/{part}").status_code == 404


def test_who_runs_imports_on_one_site_of_a_feed_looks_but_changes_nothing(
    diane: User, sophie: User, lyon: Site, marseille: Site
):
    feed = make_feed(diane, lyon, marseille)
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))
    client = signed_in(sophie)

    pages = [text_of(client.get(address)) for address in (f"/imports/{feed.pk}/", f"/imports/{run.pk}/")]
    refused = [
        client.post(
            f"/imports/{feed.pk}/", {"name": "Mien", "sites": [lyon.pk], "way": "upload", "vanish_limit": 20}
        ),
        client.post(f"/imports/{run.pk}/undo/"),
        client.post(f"/imports/{run.pk}/fix/", {"row": 2, "only": 2}),
        client.get(f"/imports/{feed.pk}/preview/"),
    ]

    assert all("vos collègues décident" in page for page in pages)
    assert "Reprendre ces lignes" not in pages[1]
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403]


@pytest.mark.parametrize("address", [LIST, "feed", "run"])
def test_a_page_asks_the_same_number_of_queries_for_one_row_and_for_three(
    diane: User, lyon: Site, address: str, django_assert_max_num_queries: Any
):
    client = signed_in(diane)
    feed, counted = make_feed(diane, lyon, name="Flux", vanish_limit=100), []
    for number in (1, 2, 3):
        feed = make_feed(diane, lyon, name=f"Flux {number}") if address != "feed" else feed
        bad = [changed(CLIO, stock=f"L-{place}", price="beaucoup") for place in range(number)]
        run = imported(feed, csv_of(*bad, changed(ZOE, stock=f"Z-{number}")))
        path = {LIST: LIST, "feed": f"/imports/{feed.pk}/", "run": f"/imports/{run.pk}/"}[address]
        with django_assert_max_num_queries(100) as asked:
            client.get(path)
        counted.append(len(asked))

    assert counted[0] == counted[2]


# --- a file before it is taken in ------------------------------------------------------------------------


def test_a_dropped_file_is_looked_at_and_taken_in_by_one_more_click(sophie: User):
    client = signed_in(sophie)

    address, page = previewed(client, csv_of(CLIO, ZOE, GOLF))
    started = client.post(address, {"do": "start"})

    feed = only_feed(sophie.group_id)
    with group_scope(feed.group_id):
        run = Run.objects.get()
    assert "Les 3 lignes examinées sont en ordre." in page
    assert feed.name == "Export stock"
    assert feed.mapping["Km"] == "mileage"
    assert (run.state, run.asked_by, started["Location"]) == (RunState.WAITING, sophie, f"/imports/{run.pk}/")


def test_a_file_that_nobody_can_read_is_refused_with_the_reason_and_leaves_no_feed(sophie: User, rhone: Any):
    answer = upload(signed_in(sophie), b"<html><body>Sign in</body></html>")

    with group_scope(rhone.pk):
        assert not Feed.objects.exists()
    assert answer.status_code == 422
    assert "drop-refused" in text_of(answer)


@pytest.mark.parametrize("data", [b"", b"\0" * 3000, b"PK\x03\x04broken", b"{", b"<a><!DOCTYPE x></a>"])
def test_no_file_makes_a_preview_crash(sophie: User, data: bytes):
    answer = upload(signed_in(sophie), data)

    assert answer.status_code in (302, 422)


def test_what_every_row_must_have_is_asked_for_before_anything_starts(sophie: User, rhone: Any):
    header = tuple("Constructeur X" if name == "Marque" else name for name in HEADER)
    client = signed_in(sophie)

    address, page = previewed(client, csv_of(CLIO, header=header))
    refused = client.post(address, {"do": "start"})
    place = header.index("Constructeur X")
    client.post(address, {"do": "start", f"map-{place}": "make"})

    with group_scope(rhone.pk):
        assert Run.objects.count() == 1
    assert "Il manque encore" in page
    assert refused.status_code == 200
    assert only_feed(rhone.pk).mapping["Constructeur X"] == "make"


def test_a_word_is_explained_once_and_remembered(sophie: User, rhone: Any):
    data = csv_of(changed(CLIO, fuel="Jus de dinosaure"), ZOE)
    client = signed_in(sophie)

    address, page = previewed(client, data)
    told = {"word-fuel": "Jus de dinosaure", "kept-fuel": "petrol"}
    after = text_of(client.post(address, told, headers=HTMX))
    client.post(address, {"do": "start", **told})
    _address, again = previewed(client, data, feed=only_feed(rhone.pk).pk)

    assert "«\u00a0Jus de dinosaure\u00a0»" in page
    assert "1 est en erreur" in page
    assert '<option value="petrol" selected>' in after
    assert "<html" not in after
    assert "Les 2 lignes examinées sont en ordre." in after
    assert only_feed(rhone.pk).values == {"fuel": {"jus de dinosaure": "petrol"}}
    assert "«\u00a0Jus de dinosaure\u00a0»" not in again


def test_a_look_writes_nothing(sophie: User, rhone: Any):
    client = signed_in(sophie)
    address, _page = previewed(client, csv_of(CLIO))

    client.post(address, {"map-8": "", "name": "Autre", "wins-price": "person"}, headers=HTMX)

    feed = only_feed(rhone.pk)
    assert (feed.name, feed.mapping, feed.priorities) == ("Export stock", {}, {})


def test_two_columns_cannot_become_the_same(sophie: User, rhone: Any):
    client = signed_in(sophie)
    address, _page = previewed(client, csv_of(CLIO))

    page = text_of(client.post(address, {"do": "start", "map-5": "model"}))

    with group_scope(rhone.pk):
        assert not Run.objects.exists()
    assert "Deux colonnes deviennent la même chose" in page


def test_a_header_that_we_know_is_sure_and_one_that_we_guess_is_to_be_checked(sophie: User):
    header = tuple("Notre prix TTC public" if name == "Prix" else name for name in HEADER)

    _address, page = previewed(signed_in(sophie), csv_of(CLIO, header=header))

    states = re.findall(r'<td class="map-state">.*?</svg>\s*(.*?)</span>', page, re.DOTALL)
    assert states.count("À vérifier") + states.count("Ignorée") >= 1
    assert states.count("Reconnue") == len(HEADER) - 1


def test_nobody_maps_what_he_may_not_see(sophie: User, rhone: Any):
    header, row = (*HEADER, "Coût"), (*CLIO, "9000")
    client = signed_in(sophie)
    address, page = previewed(client, csv_of(row, header=header))

    client.post(address, {"do": "start", f"map-{len(HEADER)}": "purchase_price"})

    assert 'value="purchase_price"' not in page
    assert only_feed(rhone.pk).mapping["Coût"] == ""


def test_hostile_texts_stay_texts(sophie: User, lyon: Site):
    header = (*HEADER, f"{HOSTILE} colonne")
    row = (*changed(CLIO, fuel=HOSTILE, make=HOSTILE, price="=1+1"), HOSTILE)
    client = signed_in(sophie)

    _address, page = previewed(client, csv_of(row, header=header), name=IMAGE)
    run = imported(make_feed(sophie, lyon), csv_of(row, header=header), name=IMAGE)
    pages = [
        page,
        *(text_of(client.get(path)) for path in (LIST, f"/imports/{run.pk}/", f"/imports/{run.pk}/?row=2")),
    ]

    assert not any("<script>alert" in one or "<img src=x" in one for one in pages)
    assert all("&lt;img src=x onerror=alert(1)&gt;" in one for one in pages)
    assert all("&lt;script&gt;alert" in one for one in (pages[0], *pages[2:]))


def test_a_held_file_is_its_owners_alone_and_goes_when_he_forgets_it(sophie: User, ursule: User):
    client = signed_in(sophie)
    address, _page = previewed(client, csv_of(CLIO))

    others = signed_in(ursule).get(address)
    client.post(address.replace("preview", "drop"))
    gone = client.get(address)

    assert (others.status_code, others["Location"]) == (302, LIST)
    assert (gone.status_code, gone["Location"]) == (302, LIST)


def test_a_feed_takes_one_file_at_a_time(sophie: User, rhone: Any):
    client = signed_in(sophie)
    address, _page = previewed(client, csv_of(CLIO))
    client.post(address, {"do": "start"})
    address, _page = previewed(client, csv_of(ZOE), feed=only_feed(rhone.pk).pk)

    second = client.post(address, {"do": "start"}, follow=True)

    with group_scope(rhone.pk):
        assert Run.objects.count() == 1
    assert "Un autre fichier de ce flux est en cours" in text_of(second)
    assert client.get(address).status_code == 200


def test_a_site_is_chosen_where_there_are_several(diane: User, lyon: Site, marseille: Site, rhone: Any):
    client = signed_in(diane)

    refused = upload(client, csv_of(CLIO))
    address, page = previewed(client, csv_of(CLIO), sites=[marseille.pk])
    client.post(address, {"do": "start", "sites-shown": 1, "sites": [lyon.pk, marseille.pk]})

    with group_scope(rhone.pk):
        assert {site.name for site in only_feed(rhone.pk).sites.all()} == {"Lyon", "Marseille"}
    assert refused.status_code == 422
    assert "Les nouveaux véhicules sont placés à Marseille." in page


# --- how a feed is set up, and what it has learnt --------------------------------------------------------


def settings_of(site: Site, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Portail",
        "sites": [site.pk],
        "way": Way.HTTPS.value,
        "address": "https://export.example.com/stock.csv",
        "every_minutes": 180,
        "vanish_limit": 20,
        "is_active": "on",
        **changes,
    }


def test_a_feed_that_fetches_by_itself_is_set_up(sophie: User, lyon: Site, rhone: Any):
    client = signed_in(sophie)

    made = client.post("/imports/new/", settings_of(lyon, account="dms", secret="hunter2"))

    feed = only_feed(rhone.pk)
    page = text_of(client.get(made["Location"]))
    assert made["Location"] == f"/imports/{feed.pk}/"
    assert (feed.way, feed.every_minutes, feed.account) == (Way.HTTPS, 180, "dms")
    assert "Toutes les 3 heures" in page
    assert "hunter2" not in page
    assert feed.secret not in page


def test_an_empty_password_keeps_the_one_that_is_kept(sophie: User, lyon: Site, rhone: Any):
    client = signed_in(sophie)
    client.post("/imports/new/", settings_of(lyon, secret="hunter2"))
    before = only_feed(rhone.pk)

    client.post(f"/imports/{before.pk}/", settings_of(lyon, name="Autre nom", secret=""))

    after = only_feed(rhone.pk)
    assert (after.name, after.secret) == ("Autre nom", before.secret)


@pytest.mark.parametrize("address", ["http://export.example.com/a.csv", "file:///etc/passwd"])
def test_an_address_that_is_not_called_is_refused_beside_its_field(
    sophie: User, lyon: Site, address: str, rhone: Any
):
    answer = signed_in(sophie).post("/imports/new/", settings_of(lyon, address=address))

    with group_scope(rhone.pk):
        assert not Feed.objects.exists()
    assert answer.status_code == 422
    assert "errorlist" in text_of(answer)


def test_a_stranger_site_cannot_be_ticked(sophie: User, marseille: Site, rhone: Any):
    answer = signed_in(sophie).post("/imports/new/", settings_of(marseille))

    with group_scope(rhone.pk):
        assert not Feed.objects.exists()
    assert answer.status_code == 422


def test_what_a_feed_has_learnt_is_corrected_and_forgotten(sophie: User, lyon: Site, rhone: Any):
    feed = make_feed(
        sophie,
        lyon,
        mapping={"Km": "mileage", "Prix": "price"},
        values={"fuel": {"jus": "petrol", "x": "diesel"}},
    )
    client = signed_in(sophie)
    address = f"/imports/{feed.pk}/learnt/"

    client.post(
        address, {"part": "columns", "column": ["Km", "Prix"], "field": ["", "price"], "forget": ["Prix"]}
    )
    client.post(
        address,
        {"part": "words", "word": ["fuel~jus", "fuel~x"], "kept": ["diesel", "nonsense"], "forget": []},
    )
    client.post(address, {"part": "winners", "wins-price": "person", "wins-make": "nonsense"})

    after = only_feed(rhone.pk)
    assert after.mapping == {"Km": ""}
    assert after.values == {"fuel": {"jus": "diesel", "x": "diesel"}}
    assert after.priorities == {"price": "person"}


def test_the_runs_of_a_feed_are_paged(sophie: User, lyon: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("imports.views.feeds._RUNS_A_PAGE", 1)
    feed = make_feed(sophie, lyon)
    imported(feed, csv_of(CLIO), name="un.csv")
    imported(feed, csv_of(CLIO, ZOE), name="deux.csv")
    client = signed_in(sophie)

    first = text_of(client.get(f"/imports/{feed.pk}/"))
    before = re.search(r'before=([^"]+)', first)
    assert before is not None
    second = text_of(client.get(f"/imports/{feed.pk}/?before={before[1]}"))

    assert ("deux.csv" in first, "un.csv" in first) == (True, False)
    assert ("deux.csv" in second, "un.csv" in second) == (False, True)
    assert client.get(f"/imports/{feed.pk}/?before=nonsense").status_code == 200
