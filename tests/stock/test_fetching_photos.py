"""Photos that feeds name: each address asked once, what fails is noted, nothing stops the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateways import http
from sites.models import Site, User
from stock import photo_tasks
from stock.fetching import ABANDONED_AFTER, Fault, digest_of, fetch_photos, vehicles_to_fetch
from stock.models import Photo, PhotoFetch, Vehicle
from stock.services.photos import discard_photo
from stock.signals import stock_changed
from tests.cast import MONDAY, make_vehicle, member_of, signed_in
from tests.imports.files import CLIO, HEADER, csv_of, imported, make_feed
from tests.leads.listening import heard
from tests.stock.pictures import picture

COLOURS = ("navy", "red", "lime", "black")


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def urls(count: int) -> list[str]:
    return [f"https://photos.example/{n}.jpg" for n in range(count)]


class Shop:
    """The other side: a picture of another colour behind each address; counts what it was asked."""

    def __init__(self, *broken: str) -> None:
        self.asked: list[str] = []
        self.broken = broken

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url in self.broken:
            raise Fault("status_404")
        return picture(colour=COLOURS[int(url[-5])])


def faults_of(vehicle: Vehicle) -> dict[str, str]:
    return dict(PhotoFetch.objects.filter(vehicle=vehicle).values_list("url_digest", "fault"))


def test_each_address_is_asked_once_in_the_feed_s_order(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=[*urls(3), urls(1)[0]])
    shop = Shop()

    first = fetch_photos(at=MONDAY, get=shop)
    Vehicle.objects.filter(pk=car.pk).update(updated_at=MONDAY + timedelta(hours=1))
    second = fetch_photos(at=MONDAY + timedelta(hours=2), get=shop)

    assert (first.taken, second.taken) == (3, 0)
    assert shop.asked == urls(3)
    assert list(Photo.objects.filter(vehicle=car).values_list("source_url", flat=True)) == urls(3)
    assert not vehicles_to_fetch().exists()


def test_a_fault_is_noted_and_the_others_come(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=urls(3))

    done = fetch_photos(at=MONDAY, get=Shop(urls(2)[1]))

    assert (done.taken, done.faults) == (2, 1)
    assert faults_of(car)[digest_of(urls(2)[1])] == "status_404"


def test_what_is_no_picture_is_a_fault(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=urls(1))

    fetch_photos(at=MONDAY, get=lambda _url: b"<html>no</html>")

    assert list(faults_of(car).values()) == ["not_an_image"]


def test_a_run_asks_so_many_addresses_and_the_next_goes_on(in_rhone: None, lyon: Site):
    make_vehicle(lyon, photo_urls=urls(3))
    shop = Shop()

    first = fetch_photos(at=MONDAY, get=shop, most=2)
    second = fetch_photos(at=MONDAY, get=shop, most=2)

    assert (first.is_done, second.is_done) == (False, True)
    assert shop.asked == urls(3)


def test_a_photo_that_a_person_took_away_does_not_come_back(in_rhone: None, lyon: Site, sophie: User):
    car = make_vehicle(lyon, photo_urls=urls(2))
    fetch_photos(at=MONDAY, get=Shop())
    discard_photo(photo_id=Photo.objects.filter(vehicle=car)[0].pk, by=member_of(sophie), at=MONDAY)

    Vehicle.objects.filter(pk=car.pk).update(updated_at=MONDAY + timedelta(days=1))
    fetch_photos(at=MONDAY + timedelta(days=1), get=Shop())

    assert Photo.objects.filter(vehicle=car).count() == 1


def test_who_is_gone_needs_no_photos(in_rhone: None, lyon: Site):
    make_vehicle(lyon, photo_urls=urls(1), status="sold", sold_at=MONDAY)
    make_vehicle(lyon, photo_urls=[])

    assert not vehicles_to_fetch().exists()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (http.Answer(404, {}, b""), "status_404"),
        (http.Answer(302, {"location": "http://127.0.0.1/"}, b""), "status_302"),
        (http.Answer(200, {}, b"x", is_cut=True), "too_heavy"),
        (http.RefusedAddress("not a public address"), "refused_address"),
        (http.Unreachable("timeout"), "unreachable_timeout"),
    ],
)
def test_the_safe_client_s_answers_become_codes(
    in_rhone: None, lyon: Site, monkeypatch: pytest.MonkeyPatch, answer: Any, fault: str
):
    def request(_method: str, _url: str, **limits: Any) -> http.Answer:
        assert limits["max_body"] == 20 * 1024 * 1024
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, http.Answer)
        return answer

    monkeypatch.setattr(http, "request", request)
    car = make_vehicle(lyon, photo_urls=urls(1))

    fetch_photos(at=MONDAY)

    assert list(faults_of(car).values()) == [fault]


def test_an_address_on_this_machine_is_never_asked(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=["https://127.0.0.1/x.jpg", "file:///etc/passwd", "https://[::1]/x"])

    fetch_photos(at=MONDAY)

    assert set(faults_of(car).values()) == {"refused_address"}


# --- Killed midway ---


class Killed(BaseException):
    """The worker is gone: no code of ours runs any more."""


def killed_at(last: str) -> Callable[[str], bytes]:
    """The other side of a run whose worker dies while it waits for this address."""
    shop = Shop()

    def get(url: str) -> bytes:
        if url == last:
            raise Killed
        return shop(url)

    return get


def _dies(*_args: Any, **_more: Any) -> None:
    raise Killed


def test_what_a_killed_run_had_in_hand_is_asked_again(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=urls(3))
    with pytest.raises(Killed):
        fetch_photos(at=MONDAY, get=killed_at(urls(2)[1]))

    soon, later = Shop(), Shop()
    fetch_photos(at=MONDAY + timedelta(minutes=2), get=soon)
    is_still_looked_at = vehicles_to_fetch().filter(pk=car.pk).exists()
    fetch_photos(at=MONDAY + ABANDONED_AFTER, get=later)

    assert (soon.asked, is_still_looked_at, later.asked) == ([urls(3)[2]], True, [urls(2)[1]])
    assert Photo.objects.filter(vehicle=car).count() == 3
    assert set(faults_of(car).values()) == {""}
    assert not vehicles_to_fetch().exists()


def test_a_run_killed_behind_the_last_photo_is_told_of_by_the_next(
    in_rhone: None, lyon: Site, monkeypatch: pytest.MonkeyPatch
):
    car = make_vehicle(lyon, photo_urls=urls(1))
    with monkeypatch.context() as patched:
        patched.setattr("stock.fetching._settle", _dies)
        with pytest.raises(Killed):
            fetch_photos(at=MONDAY, get=Shop())

    with heard(stock_changed) as told:
        fetch_photos(at=MONDAY + timedelta(minutes=2), get=Shop())

    assert [fact.vehicle_ids for fact in told] == [(car.pk,)]


def test_of_two_runs_at_once_one_asks(in_rhone: None, lyon: Site):
    car = make_vehicle(lyon, photo_urls=urls(1))
    other = Shop()

    def meanwhile(url: str) -> bytes:
        fetch_photos(at=MONDAY, get=other)
        return picture(colour=COLOURS[0])

    fetch_photos(at=MONDAY, get=meanwhile)

    assert other.asked == []
    assert Photo.objects.filter(vehicle=car).count() == 1


def test_an_address_that_is_being_asked_is_no_fault_on_the_page(in_rhone: None, lyon: Site, sophie: User):
    car = make_vehicle(lyon, photo_urls=urls(1))
    with pytest.raises(Killed):
        fetch_photos(at=MONDAY, get=killed_at(urls(1)[0]))

    page = signed_in(sophie).get(f"/stock/{car.pk}/photos/").context

    assert page["faults"] == 0


# --- Who is sent to fetch ---


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The groups that the fetcher is sent to."""
    groups: list[int] = []
    monkeypatch.setattr(
        photo_tasks.fetch, "apply_async", lambda *, kwargs, queue: groups.append(kwargs["group_id"])
    )
    return groups


def test_an_import_sends_the_fetcher_at_once(
    in_rhone: None, lyon: Site, sophie: User, sent: list[int], django_capture_on_commit_callbacks: Any
):
    feed = make_feed(sophie, lyon)
    header = (*HEADER, "Photos")
    with django_capture_on_commit_callbacks(execute=True):
        imported(feed, csv_of((*CLIO, " | ".join(urls(2))), header=header))

    assert Vehicle.objects.get().photo_urls == urls(2)
    assert sent == [feed.group_id]


def test_a_broker_that_is_out_stops_no_import(
    in_rhone: None,
    lyon: Site,
    sophie: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
):
    def out(**_message: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(photo_tasks.fetch, "apply_async", out)
    with django_capture_on_commit_callbacks(execute=True):
        run = imported(make_feed(sophie, lyon), csv_of(CLIO))

    assert run.state == "done"


def test_the_sweep_sends_it_to_what_a_killed_run_left(in_rhone: None, lyon: Site, sent: list[int]):
    make_vehicle(lyon, photo_urls=urls(2))
    with pytest.raises(Killed):
        fetch_photos(at=MONDAY, get=killed_at(urls(1)[0]))

    photo_tasks.look_for_photos()

    assert sent == [lyon.group_id]
