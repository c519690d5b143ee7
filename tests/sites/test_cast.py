"""The cast itself: who may see what, in one place that every other test builds on."""

import pytest
from django_scopes.exceptions import ScopeError

from leads.models import Lead, LeadSource
from sites.access import member_for, members_for
from sites.models import Group, Membership, Site, User
from tests.cast import make_lead, make_source, member_of


def test_outside_a_scope_a_query_raises_instead_of_returning_everything(website: LeadSource):
    make_lead(website)

    with pytest.raises(ScopeError):
        list(Lead.objects.all())


def test_inside_the_scope_the_rival_is_invisible(
    in_rhone: None, website: LeadSource, rival_website: LeadSource
):
    ours, theirs = make_lead(website), make_lead(rival_website)

    assert list(Lead.objects.all()) == [ours]
    assert not Lead.objects.filter(pk=theirs.pk).exists()


def test_a_salesperson_claims_on_his_site_only(camille: User, lyon: Site, marseille: Site):
    member = member_of(camille)

    assert member.can("leads.claim_lead", lyon.pk)
    assert not member.can("leads.claim_lead", marseille.pk)


def test_a_director_claims_everywhere_and_an_accountant_nowhere(diane: User, alain: User, lyon: Site):
    assert member_of(diane).site_ids("leads.claim_lead") is None
    assert not member_of(alain).can("leads.claim_lead")


def test_a_person_without_a_group_is_no_member(db: None):
    platform = User.objects.create_user("ops@platform.test")

    assert member_for(platform) is None


def test_a_membership_names_its_site(in_rhone: None, camille: User, lyon: Site):
    assert Membership.objects.get(user=camille).site == lyon
    assert make_source(lyon).mode == "pool"


def test_a_role_that_the_product_no_longer_has_grants_nothing(rhone: Group, camille: User, in_rhone: None):
    Membership.objects.create(group=rhone, user=camille, role="valet", site=None)

    alone = member_for(camille)

    assert alone is not None
    assert alone.grants == members_for([camille])[camille.pk].grants
    assert "valet" not in {role.value for role in alone.roles}
