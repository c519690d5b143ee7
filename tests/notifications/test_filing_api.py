"""Filing over REST: what one may do, how it is undone, and clear refusals of everything else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from notifications.models import Notification
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, signed_in
from tests.notifications.road import received, tell_and_route

FILING = ("read", "archive", "snooze")
TOMORROW = "2026-03-03T09:00:00+01:00"


@pytest.fixture(autouse=True)
def _clock_stands_still(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def two_lines(lyon: Site, camille: User, karim: User) -> list[int]:
    """Two leads in the pool of Lyon; the ids of Camille's notifications, oldest first."""
    with group_scope(lyon.group_id):
        tell_and_route(received(lyon, customer_name="Paul Bernard"))
        tell_and_route(received(lyon, customer_name="Éloïse Roy"))
        return list(Notification.objects.filter(user=camille).order_by("pk").values_list("pk", flat=True))


def post(client: Client, verb: str, body: Any) -> Any:
    return client.post(f"/api/v1/inbox/{verb}/", body, content_type="application/json")


def titles(client: Client, **query: str) -> list[str]:
    return [item["title"] for item in client.get("/api/v1/inbox/", query).json()["items"]]


PAUL, ELOISE = "Nouveau lead : Paul Bernard", "Nouveau lead : Éloïse Roy"


def test_a_line_is_archived_and_the_answer_undoes_it(camille: User, two_lines: list[int]):
    client = signed_in(camille)

    answer = post(client, "archive", {"ids": two_lines[:1]}).json()
    assert (answer["changed"], answer["unread"]) == (1, 1)
    assert titles(client) == [ELOISE]
    assert titles(client, folder="archived") == [PAUL]
    undone = post(client, "undo", answer["undo"]).json()

    assert (undone["changed"], undone["unread"]) == (1, 2)
    assert titles(client) == [ELOISE, PAUL]


def test_a_line_is_put_off_until_an_hour_and_brought_back(camille: User, two_lines: list[int]):
    client = signed_in(camille)

    put_off = post(client, "snooze", {"ids": two_lines[:1], "until": TOMORROW}).json()
    (waiting,) = client.get("/api/v1/inbox/", {"folder": "snoozed"}).json()["items"]
    back = post(client, "snooze", {"ids": two_lines[:1]}).json()

    assert put_off["undo"]["deed"] == "put_back"
    assert waiting["snoozed_until"].startswith("2026-03-03T")
    assert back["undo"]["until"] is not None
    assert sorted(titles(client)) == sorted([PAUL, ELOISE])


def test_the_hours_on_offer_can_be_chosen_by_name(camille: User, two_lines: list[int]):
    client = signed_in(camille)

    offered = [preset["key"] for preset in client.get("/api/v1/inbox/snooze/").json()]
    answers = [post(client, "snooze", {"ids": two_lines[:1], "preset": key}) for key in offered]

    assert offered == ["hour", "afternoon", "tomorrow"]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_everything_that_matches_is_filed(camille: User, two_lines: list[int]):
    client = signed_in(camille)

    answer = post(client, "archive", {"matching": {"q": "ELOISE", "category": "leads"}}).json()

    assert answer["changed"] == 1
    assert titles(client) == [PAUL]


@pytest.mark.parametrize(("query", "found"), [("eloise", [ELOISE]), ("nouveau", [ELOISE, PAUL]), ("zzz", [])])
def test_the_list_is_searched(query: str, found: list[str], camille: User, two_lines: list[int]):
    assert titles(signed_in(camille), q=query) == found


def test_a_device_learns_what_it_should_still_show(camille: User, karim: User, two_lines: list[int]):
    client = signed_in(camille)
    post(client, "read", {"ids": two_lines[:1]})
    ids = ",".join(map(str, two_lines))

    mine = client.get("/api/v1/inbox/open/", {"ids": ids}).json()
    karims = signed_in(karim).get("/api/v1/inbox/open/", {"ids": ids}).json()

    assert (mine["open"], mine["unread"]) == (two_lines[1:], 1)
    assert karims["open"] == []


def test_others_lines_stay_as_they_are(rita: User, karim: User, camille: User, two_lines: list[int]):
    for stranger in (rita, karim):
        client = signed_in(stranger)
        answers = [
            post(client, "read", {"ids": two_lines}),
            post(client, "archive", {"ids": two_lines}),
            post(client, "snooze", {"ids": two_lines, "until": TOMORROW}),
        ]
        assert [answer.json()["changed"] for answer in answers] == [0, 0, 0]
        post(client, "undo", {"deed": "archive", "first": 0, "last": 2**63 - 1})

    assert titles(signed_in(camille), folder="unread") == [ELOISE, PAUL]


@pytest.mark.parametrize("verb", [*FILING, "undo"])
def test_a_stranger_is_asked_to_sign_in(verb: str, two_lines: list[int]):
    assert post(Client(), verb, {}).status_code == 401


@pytest.mark.parametrize("verb", FILING)
@pytest.mark.parametrize(
    "body",
    [
        {"ids": ["1"]},
        {"ids": [0]},
        {"ids": [10**30]},
        {"ids": [1] * 501},
        {"ids": None},
        {"other": 1},
        [],
        {"matching": []},
        {"matching": {"folder": "trash"}},
        {"matching": {"q": "x" * 101}},
        {"matching": {"q": "\x00"}},
        {"matching": {"as_of": "yesterday"}},
        {"matching": {"as_of": "2026-03-02T09:00:00"}},
        {"matching": {"as_of": "0001-01-01T00:00:00+14:00"}},
        {"matching": {"owner": 1}},
    ],
)
def test_a_body_that_makes_no_sense_is_refused(verb: str, body: Any, camille: User, two_lines: list[int]):
    assert post(signed_in(camille), verb, body).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"until": "2026-03-02T09:00:00+00:00"},
        {"until": "2028-03-02T09:00:00+00:00"},
        {"until": "2026-03-03T09:00:00"},
        {"until": "tomorrow"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"preset": "never"},
        {"until": 1},
    ],
)
def test_an_hour_that_cannot_be_is_refused_by_name(fields: Any, camille: User, two_lines: list[int]):
    answer = post(signed_in(camille), "snooze", {"ids": two_lines, **fields})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in fields


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"deed": "erase", "first": 1, "last": 2},
        {"deed": "read", "first": -1, "last": 2},
        {"deed": "read", "first": 1, "last": 2**63},
        {"deed": "snooze", "first": 1, "last": 2},
        {"deed": "snooze", "first": 1, "last": 2, "until": "1990-01-01T00:00:00+00:00"},
    ],
)
def test_an_undo_that_never_was_is_refused(body: Any, camille: User, two_lines: list[int]):
    assert post(signed_in(camille), "undo", body).status_code == 400


@pytest.mark.parametrize("query", [{"folder": "trash"}, {"before": "x"}])
def test_a_list_that_is_none_is_refused(query: dict[str, str], camille: User):
    assert signed_in(camille).get("/api/v1/inbox/", query).status_code == 400


@pytest.mark.parametrize(
    "query", [{"q": "\x00"}, {"q": "x" * 5_000}, {"category": "\x00"}, {"category": "none"}]
)
def test_an_odd_search_harms_nothing(query: dict[str, str], camille: User, two_lines: list[int]):
    assert signed_in(camille).get("/api/v1/inbox/", query).status_code == 200


@pytest.mark.parametrize("ids", ["x", "1,x", "-1", "9" * 30, ",".join(["1"] * 101)])
def test_ids_that_are_none_are_refused(ids: str, camille: User):
    assert signed_in(camille).get("/api/v1/inbox/open/", {"ids": ids}).status_code == 400
