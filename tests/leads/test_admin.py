"""A group's administrator sets up where his leads come from."""

from leads.models import LeadSource
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import make_key, signed_in

ADD = "/admin/leads/leadsource/add/"


def typed(site: Site, **changes: object) -> dict[str, object]:
    return {
        "site": site.pk,
        "name": "Site web",
        "kind": "website",
        "mode": "assigned",
        "api_key": "",
        "allowed_origins": "https://www.rhone-auto.example/contact\nhttp://localhost:8080",
        **changes,
    }


def test_a_source_is_set_up_with_its_origins(agnes: User, lyon: Site):
    response = signed_in(agnes).post(ADD, typed(lyon))

    with group_scope(lyon.group_id):
        source = LeadSource.objects.get()
    assert response.status_code == 302
    assert (source.group, source.mode) == (lyon.group, "assigned")
    assert source.allowed_origins == ["https://www.rhone-auto.example", "http://localhost:8080"]


def test_the_form_shows_the_origins_one_a_line(agnes: User, website: LeadSource):
    page = signed_in(agnes).get(f"/admin/leads/leadsource/{website.pk}/change/")

    assert page.status_code == 200
    assert ">\nhttps://www.rhone-auto.example</textarea>" in page.content.decode()


def test_what_is_no_web_address_is_refused(agnes: User, lyon: Site):
    page = signed_in(agnes).post(ADD, typed(lyon, allowed_origins="javascript:alert(1)"))

    assert page.status_code == 200
    assert "javascript:alert(1)" in page.content.decode()
    with group_scope(lyon.group_id):
        assert not LeadSource.objects.exists()


def test_neither_site_nor_key_of_a_rival_can_be_chosen(
    agnes: User, lyon: Site, rival_site: Site, rival: Group
):
    rivals_key = make_key(rival, "rival").api_key

    with_site = signed_in(agnes).post(ADD, typed(rival_site))
    with_key = signed_in(agnes).post(ADD, typed(lyon, api_key=rivals_key.pk))

    assert (with_site.status_code, with_key.status_code) == (200, 200)
    with group_scope(lyon.group_id):
        assert not LeadSource.objects.exists()


def test_a_rivals_source_is_missing(agnes: User, rival_website: LeadSource):
    foreign = signed_in(agnes).get(f"/admin/leads/leadsource/{rival_website.pk}/change/")

    assert foreign.status_code == 302


def test_a_salesperson_sets_up_nothing(camille: User):
    assert signed_in(camille).get(ADD).status_code in {302, 403}
