"""`people(…)`: a fact that names several people by their ids, whom the permission and the group still bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from core.signals import DomainSignal, Fact
from leads.notices import LEADS
from notifications import directory, recording, registry
from notifications.audiences import people
from notifications.choices import IN_APP
from notifications.declarations import Notice
from notifications.models import Event
from sites.models import Site, User
from tests.cast import MONDAY
from tests.notifications.road import inbox_names, reason_of, route


@dataclass(frozen=True, kw_only=True, slots=True)
class KeysLost(Fact):
    """Somebody's colleagues should look for the keys."""

    finder_ids: tuple[int, ...]


keys_lost = DomainSignal("keys_lost", KeysLost)


@pytest.fixture
def notice(lyon: Site) -> Iterator[type[Notice[KeysLost]]]:
    class KeysLostNotice(Notice[KeysLost]):
        key = "tests.keys_lost"
        name = "Keys lost"
        category = LEADS
        signal = keys_lost
        audience = people("finder_ids")
        needs = "leads.view_lead"
        subject = "keys:{group_id}"
        title = "Keys lost"
        body = "Look"
        url = "/"
        channels = {"salesperson": IN_APP, "sales_manager": IN_APP}
        sample = KeysLost(group_id=1, occurred_at=MONDAY, finder_ids=(1,))

    recording.listen(KeysLostNotice)
    yield KeysLostNotice
    registry.forget("tests.keys_lost")
    directory._statement.cache_clear()


def lose_keys(lyon: Site, *finders: User) -> Event:
    with transaction.atomic():
        keys_lost.send(
            KeysLost(
                group_id=lyon.group_id,
                site_id=lyon.pk,
                occurred_at=MONDAY,
                finder_ids=tuple(finder.pk for finder in finders),
            )
        )
    event = Event.objects.get(type_key="tests.keys_lost")
    route(event)
    return event


def test_those_who_are_named_hear_of_it_wherever_they_work(
    notice: object, lyon: Site, camille: User, karim: User, marc: User, in_rhone: None
):
    event = lose_keys(lyon, camille, marc)

    assert inbox_names(event) == {"Camille", "Marc"}
    assert reason_of(event, marc) == "finder"


def test_a_name_gives_neither_the_permission_nor_another_group(
    notice: object, lyon: Site, camille: User, alain: User, rita: User, in_rhone: None
):
    event = lose_keys(lyon, camille, alain, rita)

    assert inbox_names(event) == {"Camille"}


def test_nobody_named_is_nobody_told(notice: object, lyon: Site, camille: User, in_rhone: None):
    event = lose_keys(lyon)

    assert inbox_names(event) == set()
