"""People whom nothing tells apart share a profile; nobody else does."""

from __future__ import annotations

from notifications import registry
from notifications.choices import Channel, Width
from notifications.directory import read_directory
from notifications.policy import Followed
from notifications.profiles import Chose, Crowd, Follows, HasDevice, Named, Profile, Trait
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from tests.cast import MONDAY, make_person
from tests.notifications.road import add_device, choose, reason_of, received, tell, tell_and_route

SELLER = Named("salesperson", "pool", has_email=True, has_phone=True)
MANAGER = Named("sales_manager", "managers", has_email=True, has_phone=True)


def profiles(*traits: tuple[Trait, list[int]]) -> list[tuple[Profile, list[int]]]:
    crowd = Crowd(["pool", "managers"])
    for trait, people in traits:
        crowd.add(trait, people)
    return list(crowd.profiles())


def test_people_alike_share_one_profile():
    found = profiles((SELLER, [1, 2, 3]))

    assert [(profile.roles, people) for profile, people in found] == [(frozenset({"salesperson"}), [1, 2, 3])]


def test_each_difference_makes_a_profile_of_its_own():
    found = profiles(
        (SELLER, [1, 2, 3, 4]),
        (Chose("", Channel.EMAIL, enabled=True), [2, 3]),
        (Chose("leads.received", Channel.EMAIL, enabled=False), [3]),
        (Follows("", Width.MAJOR), [4]),
        (HasDevice(), [4]),
    )

    by_person = {user_id: profile for profile, people in found for user_id in people}
    assert [by_person[one].own for one in (1, 2, 3, 4)] == [{}, {"email": True}, {"email": False}, {}]
    assert by_person[4].wishes == {"": Followed(Width.MAJOR)}
    assert [by_person[one].has_device for one in (3, 4)] == [False, True]


def test_said_twice_changes_nothing():
    once = profiles((SELLER, [1, 2]), (HasDevice(), [1]))

    assert profiles((SELLER, [1, 2, 1]), (SELLER, [2]), (HasDevice(), [1]), (HasDevice(), [1])) == once


def test_a_person_counts_by_the_first_branch_and_by_all_his_roles():
    for order in ((SELLER, MANAGER), (MANAGER, SELLER)):
        ((profile, people),) = profiles(*((one, [7]) for one in order))

        assert (profile.reason, profile.roles, people) == (
            "pool",
            frozenset({"salesperson", "sales_manager"}),
            [7],
        )


def test_a_second_role_does_not_double_devices_or_rows(
    rhone: Group, lyon: Site, camille: User, in_rhone: None
):
    Membership.objects.create(group=rhone, user=camille, role=Role.SALES_MANAGER, site=None)
    first = add_device(camille)
    second = add_device(camille, name="-tablet")

    event = tell_and_route(received(lyon))

    row = event.notifications.get(user=camille)
    pushed = row.deliveries.filter(channel=Channel.PUSH).values_list("endpoint", flat=True)
    assert sorted(pushed) == sorted([str(first.pk), str(second.pk)])
    assert reason_of(event, camille) == "pool"


def test_hundreds_of_people_are_a_handful_of_profiles(
    rhone: Group, lyon: Site, camille: User, in_rhone: None
):
    for number in range(60):
        person = make_person(rhone, f"Person{number} Test", Role.SALESPERSON, lyon)
        if number % 2:
            choose(person, Channel.EMAIL, enabled=True)
        if number % 3:
            add_device(person)

    directory = read_directory(registry.get("leads.received"), tell(received(lyon)).pk, MONDAY)

    assert directory is not None
    found = list(directory.crowd.profiles())
    assert len(found) <= 5
    assert sum(len(people) for _profile, people in found) == 61
    assert len(directory.devices) == 40
