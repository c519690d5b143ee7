"""Views under a name: kept, opened, shared, renamed, put in order, deleted and brought back; and chosen columns."""

from __future__ import annotations

import re

from sites.models import Site, User
from sites.scope import group_scope
from stock.models import SavedView
from tests.cast import make_vehicle, signed_in

VIEWS, COLUMNS = "/stock/views/", "/stock/columns/"


def save(person: User, name: str = "SUV", query: str = "segment=suv&sort=cheapest", **more: str) -> SavedView:
    data = {"name": name, "query": query, "columns": ["price", "year", "plate"], **more}
    response = signed_in(person).post(VIEWS, data)
    assert response.status_code == 302
    with group_scope(person.group_id or 0):
        return SavedView.objects.get(user=person, name=name)


def own_views(person: User) -> list[str]:
    with group_scope(person.group_id or 0):
        return list(SavedView.objects.filter(user=person).values_list("name", flat=True))


def pills(person: User) -> list[str]:
    page = signed_in(person).get("/stock/").content.decode()
    found = re.findall(r'<a class="pill" href="[^"]*"[^>]*><svg.*?</svg>([^<]*)</a>', page, re.DOTALL)
    return [label.strip() for label in found]


def test_a_view_keeps_filter_order_and_columns_and_stands_among_the_pills(camille: User, lyon: Site):
    make_vehicle(lyon, segment="suv", plate="AB-123-CD", stock_number="A")
    make_vehicle(lyon, stock_number="B")
    view = save(camille)

    page = signed_in(camille).get(f"/stock/?{view.query}&view={view.pk}").content.decode()

    assert "SUV" in pills(camille)
    assert re.findall(r"<small>([^<:]+)</small></th>", page) == ["A"]
    assert "<td>AB-123-CD</td>" in page
    assert "24\u202f500" not in page
    assert re.search(r'aria-current="true">(?:(?!</a>).)*SUV', page, re.DOTALL)


def test_a_view_is_its_owners_until_he_shares_it(camille: User, karim: User, rita: User):
    view = save(camille)
    alone = pills(karim)

    signed_in(camille).post(f"{VIEWS}{view.pk}/", {"name": "Tous les SUV", "is_shared": "on"})

    assert "SUV" not in alone
    assert "Tous les SUV" in pills(karim)
    assert "Tous les SUV" not in pills(rita)


def test_a_shared_view_can_be_changed_by_its_owner_alone(camille: User, karim: User):
    view = save(camille, is_shared="on")
    stranger = signed_in(karim)

    answers = [
        stranger.post(f"{VIEWS}{view.pk}/", {"name": "Mine"}),
        stranger.post(f"{VIEWS}{view.pk}/delete/"),
        stranger.post(f"{VIEWS}{view.pk}/move/", {"to": "earlier"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert own_views(camille) == ["SUV"]


def test_a_deleted_view_comes_back_as_it_was(camille: User):
    save(camille, "Un")
    view = save(camille, "Deux", is_shared="on")
    save(camille, "Trois")
    client = signed_in(camille)

    after = client.post(f"{VIEWS}{view.pk}/delete/", follow=True).content.decode()
    gone = own_views(camille)
    client.post(f"{VIEWS}undo/")

    assert "La vue «\u00a0Deux\u00a0» est supprimée" in after
    assert gone == ["Un", "Trois"]
    assert own_views(camille) == ["Un", "Deux", "Trois"]
    with group_scope(camille.group_id or 0):
        back = SavedView.objects.get(name="Deux")
    assert (back.query, back.columns, back.is_shared) == (view.query, view.columns, True)


def test_undoing_twice_brings_back_once(camille: User):
    view = save(camille)
    client = signed_in(camille)
    client.post(f"{VIEWS}{view.pk}/delete/")

    client.post(f"{VIEWS}undo/")
    again = client.post(f"{VIEWS}undo/", follow=True)

    assert own_views(camille) == ["SUV"]
    assert "Il n’y a rien à rétablir" in again.content.decode()


def test_views_change_places(camille: User):
    _un, _deux, last = [save(camille, name) for name in ("Un", "Deux", "Trois")]
    client = signed_in(camille)

    client.post(f"{VIEWS}{last.pk}/move/", {"to": "earlier"})
    client.post(f"{VIEWS}{last.pk}/move/", {"to": "earlier"})
    client.post(f"{VIEWS}{last.pk}/move/", {"to": "earlier"})
    first = own_views(camille)
    client.post(f"{VIEWS}{last.pk}/move/", {"to": "later"})

    assert first == ["Trois", "Un", "Deux"]
    assert own_views(camille) == ["Un", "Trois", "Deux"]


def test_a_name_is_given_once_and_never_empty(camille: User, karim: User):
    save(camille)
    client = signed_in(camille)

    twice = client.post(VIEWS, {"name": " SUV ", "query": ""}, follow=True).content.decode()
    empty = client.post(VIEWS, {"name": "  ", "query": ""}, follow=True).content.decode()
    save(karim)

    assert "Vous avez déjà une vue de ce nom" in twice
    assert "Donnez un nom à la vue" in empty
    assert own_views(camille) == ["SUV"]


def test_an_own_view_takes_over_what_the_list_shows(camille: User, lyon: Site):
    view = save(camille)
    make_vehicle(lyon)

    page = signed_in(camille).get(f"/stock/?segment=suv&fuel=diesel&view={view.pk}").content.decode()
    signed_in(camille).post(f"{VIEWS}{view.pk}/", {"query": "fuel=diesel&segment=suv", "columns": ["age"]})

    assert "Modifier «\u00a0SUV\u00a0»" in page
    with group_scope(camille.group_id or 0):
        view.refresh_from_db()
    assert (view.query, view.columns) == ("fuel=diesel&segment=suv", ["age"])


def test_chosen_columns_are_kept_for_the_person_and_the_open_view(camille: User, karim: User, lyon: Site):
    make_vehicle(lyon, plate="AB-123-CD")
    view = save(camille)
    client = signed_in(camille)

    plain = client.post(
        COLUMNS, {"columns": ["plate", "vin", "nonsense", "purchase_price"], "query": "make=Peugeot"}
    )
    mine = signed_in(camille).get("/stock/").content.decode()
    theirs = signed_in(karim).get("/stock/").content.decode()
    client.post(COLUMNS, {"columns": ["age"], "query": view.query, "view": view.pk})

    assert plain["Location"] == "/stock/?make=Peugeot"
    assert "<td>AB-123-CD</td>" in mine
    assert "achat" not in mine
    assert "<td>AB-123-CD</td>" not in theirs
    with group_scope(camille.group_id or 0):
        view.refresh_from_db()
    assert view.columns == ["age"]


def test_nothing_sent_as_a_filter_leads_elsewhere(camille: User):
    for query in ("//evil.example", "https://evil.example", "\r\nX: 1", "x" * 5000, "\x00"):
        answer = signed_in(camille).post(VIEWS, {"name": f"V{len(query)}", "query": query})

        assert answer["Location"].startswith("/stock/?")
