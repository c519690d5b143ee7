"""GET /api/v1/inbox/, its delta, and marking: one's own rows only, and clear refusals."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from notifications.models import Notification
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import SIGN_IN_BACKEND, signed_in
from tests.notifications.road import received, tell_and_route


@pytest.fixture
def two_lines(lyon: Site, camille: User, karim: User) -> list[int]:
    """Two leads in the pool of Lyon; the ids of Camille's notifications, oldest first."""
    with group_scope(lyon.group_id):
        tell_and_route(received(lyon, customer_name="Paul Bernard"))
        tell_and_route(received(lyon, customer_name="Anne Roy"))
        return list(Notification.objects.filter(user=camille).order_by("pk").values_list("pk", flat=True))


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def test_list_shows_newest_first_with_state(camille: User, two_lines: list[int]):
    answer = signed_in(camille).get("/api/v1/inbox/").json()

    assert [item["title"] for item in answer["items"]] == [
        "Nouveau lead : Anne Roy",
        "Nouveau lead : Paul Bernard",
    ]
    assert (answer["head"], answer["unread"], answer["next"]) == (2, 2, None)
    assert answer["items"][0]["actions"][0]["label"] == "Prendre le lead"


def test_delta_brings_only_what_is_newer(camille: User, two_lines: list[int]):
    answer = signed_in(camille).get("/api/v1/inbox/delta/?after=1").json()

    assert [item["id"] for item in answer["items"]] == two_lines[1:]
    assert (answer["head"], answer["more"]) == (2, False)


def test_marking_answers_the_new_state(camille: User, two_lines: list[int]):
    client = signed_in(camille)

    one = post(client, "/api/v1/inbox/read/", {"ids": two_lines[:1]}).json()
    none = post(client, "/api/v1/inbox/read/", {"all": True}).json()
    again = post(client, "/api/v1/inbox/read/", {"ids": two_lines[:1], "read": False}).json()

    assert [state["unread"] for state in (one, none, again)] == [1, 0, 1]


def test_rows_of_others_cannot_be_marked(rita: User, karim: User, camille: User, two_lines: list[int]):
    for stranger in (rita, karim):
        post(signed_in(stranger), "/api/v1/inbox/read/", {"ids": two_lines})

    assert signed_in(camille).get("/api/v1/inbox/").json()["unread"] == 2


def test_rival_sees_an_empty_inbox(rita: User, two_lines: list[int]):
    answer = signed_in(rita).get("/api/v1/inbox/").json()

    assert answer == {"head": 0, "unread": 0, "items": [], "next": None}


def test_stranger_is_asked_to_sign_in(two_lines: list[int]):
    answer = Client().get("/api/v1/inbox/delta/?after=0")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "1.5", "\x00", "٣", "0" * 5000, "0" * 20 + "9" * 30])
def test_cursor_that_is_no_number_is_refused_by_name(camille: User, after: str):
    answer = signed_in(camille).get("/api/v1/inbox/delta/", {"after": after})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize(
    "body", [{"ids": ["1"]}, {"ids": [0]}, {"ids": [10**30]}, {"other": 1}, [], {"ids": [1] * 501}]
)
def test_body_that_makes_no_sense_is_refused(camille: User, body: Any):
    answer = post(signed_in(camille), "/api/v1/inbox/read/", body)

    assert answer.status_code == 400


def test_nesting_too_deep_is_refused_before_it_is_parsed(camille: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(camille, backend=SIGN_IN_BACKEND)
    token = client.get("/api/v1/session/csrf/").json()["token"]
    deep = b"[" * 30_000

    told = client.post(
        "/api/v1/inbox/read/", deep, content_type="application/json", headers={"X-CSRFToken": token}
    )
    without_token = client.post("/api/v1/inbox/read/", deep, content_type="application/json")

    assert (told.status_code, without_token.status_code) == (400, 403)


def test_seeing_is_kept(camille: User, two_lines: list[int]):
    answer = post(signed_in(camille), "/api/v1/inbox/seen/", {"up_to": 2})

    assert answer.json() == {"head": 2, "unread": 2}
