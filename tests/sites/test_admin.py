"""The admin site: the platform's staff sees every group, a group's administrator his own, nobody else anything."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from notifications.choices import Channel
from notifications.models import RoleDefault
from sites.models import ApiKey, Group, Membership, Site, User
from sites.roles import Role
from sites.scope import every_group, group_scope
from tests.cast import make_key, make_person, signed_in

MATRIX = "/admin/notifications/roledefault/"
PAGES = [
    "/admin/",
    "/admin/sites/user/",
    "/admin/sites/site/",
    "/admin/sites/apikey/",
    MATRIX,
]


@pytest.fixture
def platform(db: None) -> User:
    """Somebody who runs the platform and belongs to no group."""
    return User.objects.create_superuser("ops@platform.test", "x", first_name="Op", last_name="Erator")


def shown(person: User, url: str) -> str:
    answer = signed_in(person).get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.mark.parametrize(
    "url", [*PAGES, "/admin/sites/group/", "/admin/axes/accessattempt/", "/admin/sites/user/add/"]
)
def test_the_platforms_staff_opens_every_page(platform: User, lyon: Site, rival_site: Site, url: str):
    assert shown(platform, url)


def test_the_platforms_staff_works_across_groups(
    platform: User, lyon: Site, rival_site: Site, camille: User, rita: User
):
    sites, people = shown(platform, "/admin/sites/site/"), shown(platform, "/admin/sites/user/")

    assert "Lyon" in sites
    assert "Rival Lyon" in sites
    assert camille.email in people
    assert rita.email in people


def test_a_superuser_within_a_group_sees_the_others_too(agnes: User, lyon: Site, rival_site: Site):
    User.objects.filter(pk=agnes.pk).update(is_superuser=True)

    assert "Rival Lyon" in shown(agnes, "/admin/sites/site/")


@pytest.mark.parametrize("url", PAGES)
def test_a_groups_administrator_opens_his_pages(agnes: User, url: str):
    assert shown(agnes, url)


def test_a_groups_administrator_sees_his_own_group_only(
    agnes: User, lyon: Site, rival_site: Site, rita: User
):
    rival_key = make_key(rita.group or rival_site.group, "rival-key").api_key

    assert "Rival Lyon" not in shown(agnes, "/admin/sites/site/")
    assert rita.email not in shown(agnes, "/admin/sites/user/")
    assert "rival-key" not in shown(agnes, "/admin/sites/apikey/")
    for url in (
        f"/admin/sites/site/{rival_site.pk}/change/",
        f"/admin/sites/user/{rita.pk}/change/",
        f"/admin/sites/user/{rita.pk}/password/",
        f"/admin/sites/apikey/{rival_key.pk}/change/",
        f"/admin/sites/site/{rival_site.pk}/history/",
        f"/admin/sites/site/{rival_site.pk}/delete/",
    ):
        foreign = signed_in(agnes).get(url)
        missing = signed_in(agnes).get(url.replace(f"/{url.split('/')[4]}/", "/999999/"))
        assert (foreign.status_code, foreign.headers.get("Location")) == (
            missing.status_code,
            missing.headers.get("Location"),
        ), url


@pytest.mark.parametrize("url", ["/admin/sites/group/", "/admin/axes/accessattempt/"])
def test_platform_pages_are_closed_to_a_groups_administrator(agnes: User, url: str):
    assert signed_in(agnes).get(url).status_code == 403


def test_djangos_own_permissions_open_nothing(camille: User):
    camille.is_staff = True
    camille.save()
    camille.user_permissions.set(Permission.objects.all())

    assert [signed_in(camille).get(url).status_code for url in PAGES] == [403] * len(PAGES)


def test_a_stranger_is_sent_to_the_one_sign_in_page(db: None):
    answer = Client().get("/admin/sites/user/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert answer.status_code == 200


def test_a_site_of_a_groups_administrator_belongs_to_his_group(agnes: User, rhone: Group):
    answer = signed_in(agnes).post("/admin/sites/site/add/", site_form(name="Grenoble", slug="grenoble"))

    assert answer.status_code == 302
    with group_scope(rhone.pk):
        assert Site.objects.get(slug="grenoble").group == rhone


def test_a_doubled_short_name_is_refused_politely(agnes: User, lyon: Site):
    answer = signed_in(agnes).post("/admin/sites/site/add/", site_form(name="Lyon 2", slug="lyon"))

    assert answer.status_code == 200
    with group_scope(lyon.group_id):
        assert Site.objects.filter(slug="lyon").count() == 1


def test_a_role_on_another_groups_site_is_refused(
    platform: User, camille: User, rival_site: Site, lyon: Site
):
    data = {
        **person_form(camille),
        "group": str(lyon.group_id),
        **inline("memberships", {"role": Role.SALES_MANAGER, "site": str(rival_site.pk)}),
    }

    answer = signed_in(platform).post(f"/admin/sites/user/{camille.pk}/change/", data)

    assert answer.status_code == 200
    with every_group():
        assert not Membership.objects.filter(user=camille, site=rival_site).exists()


def test_a_groups_administrator_gives_roles_but_not_the_platform(agnes: User, camille: User, lyon: Site):
    data = {
        **person_form(camille),
        "is_superuser": "on",
        **inline("memberships", {"role": Role.SALES_MANAGER, "site": str(lyon.pk)}),
    }

    answer = signed_in(agnes).post(f"/admin/sites/user/{camille.pk}/change/", data)

    camille.refresh_from_db()
    assert answer.status_code == 302
    assert not camille.is_superuser
    with group_scope(lyon.group_id):
        assert Membership.objects.filter(user=camille, role=Role.SALES_MANAGER, site=lyon).exists()


def test_a_superuser_is_out_of_reach_of_his_groups_administrator(agnes: User, rhone: Group):
    boss = make_person(rhone, "Big Boss", Role.GROUP_DIRECTOR, is_superuser=True)

    assert signed_in(agnes).get(f"/admin/sites/user/{boss.pk}/password/").status_code == 404
    assert boss.email not in shown(agnes, "/admin/sites/user/")


def test_a_new_person_joins_the_administrators_group(agnes: User, rhone: Group):
    data = {
        "email": "New@Rhone.test",
        "first_name": "New",
        "last_name": "Person",
        "language": "fr",
        "usable_password": "false",
    }

    signed_in(agnes).post("/admin/sites/user/add/", data)

    person = User.objects.get(email="new@rhone.test")
    assert person.group == rhone
    assert not person.has_usable_password()


def test_a_key_is_shown_once_and_works(agnes: User, rhone: Group):
    browser = signed_in(agnes)

    told = browser.post(
        "/admin/sites/apikey/add/", {"name": "Portal", "scopes": ["leads:write"]}, follow=True
    )
    again = browser.get("/admin/sites/apikey/").content.decode()

    with group_scope(rhone.pk):
        key = ApiKey.objects.get(name="Portal")
    text = next(
        str(message).rpartition(" ")[2] for message in told.context["messages"] if key.prefix in str(message)
    )
    assert ApiKey.digest_of(text) == key.digest
    assert text not in again


def test_a_revoked_key_is_useless(agnes: User, rhone: Group):
    key = make_key(rhone, "portal-key").api_key

    signed_in(agnes).post("/admin/sites/apikey/", {"action": "revoke", "_selected_action": [key.pk]})

    with group_scope(rhone.pk):
        assert ApiKey.objects.get(pk=key.pk).revoked_at is not None


def box(role: Role, channel: Channel) -> str:
    return f"leads.received:{role}:{channel}"


def test_the_matrix_keeps_what_was_ticked_and_nothing_else(agnes: User, rhone: Group):
    sms = box(Role.SALESPERSON, Channel.SMS)

    signed_in(agnes).post(MATRIX, {f"shown:{sms}": "0", sms: "on"})

    with group_scope(rhone.pk):
        rows = list(RoleDefault.objects.values_list("role", "type_key", "channel", "enabled"))
    assert rows == [("salesperson", "leads.received", "sms", True)]
    assert "●" in shown(agnes, MATRIX)


def test_ticking_back_follows_the_product_again(agnes: User, rhone: Group):
    push = box(Role.SALESPERSON, Channel.PUSH)
    signed_in(agnes).post(MATRIX, {f"shown:{push}": "1"})

    signed_in(agnes).post(MATRIX, {f"shown:{push}": "0", push: "on"})

    with group_scope(rhone.pk):
        assert not RoleDefault.objects.exists()


def test_a_stale_page_undoes_nothing_of_a_colleague(agnes: User, rhone: Group):
    sms, push = box(Role.SALESPERSON, Channel.SMS), box(Role.SALESPERSON, Channel.PUSH)
    signed_in(agnes).post(MATRIX, {f"shown:{sms}": "0", sms: "on"})

    signed_in(agnes).post(
        MATRIX, {f"shown:{sms}": "0", f"shown:{push}": "1"}
    )  # opened before the first was saved

    with group_scope(rhone.pk):
        assert set(RoleDefault.objects.values_list("channel", "enabled")) == {("sms", True), ("push", False)}


def test_the_matrix_of_another_group_is_out_of_reach(agnes: User, rival: Group):
    sms = box(Role.SALESPERSON, Channel.SMS)

    signed_in(agnes).post(f"{MATRIX}?group={rival.pk}", {f"shown:{sms}": "0", sms: "on"})

    with every_group():
        assert not RoleDefault.objects.filter(group=rival).exists()


def test_the_platforms_staff_chooses_the_group(platform: User, rhone: Group, rival: Group):
    sms = box(Role.SALESPERSON, Channel.SMS)

    signed_in(platform).post(f"{MATRIX}?group={rival.pk}", {f"shown:{sms}": "0", sms: "on"})

    with every_group():
        assert list(RoleDefault.objects.values_list("group_id", flat=True)) == [rival.pk]


def site_form(**fields: str) -> dict[str, str]:
    return {
        "time_zone": "Europe/Paris",
        "country": "FR",
        "region": "",
        "phone": "",
        **inline("opening_hours"),
        **inline("closures"),
        **fields,
    }


def person_form(person: User) -> dict[str, str]:
    return {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "language": person.language,
        "is_present": "on",
        "is_active": "on",
    }


def inline(prefix: str, line: dict[str, str] | None = None) -> dict[str, str]:
    """The hidden fields of an inline list with at most one new line."""
    total = "1" if line else "0"
    fields = {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": "0"}
    return {**fields, **{f"{prefix}-0-{name}": str(value) for name, value in (line or {}).items()}}
