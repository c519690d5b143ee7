"""Calling addresses that somebody else supplied, and not being led astray."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways import http
from gateways.http import RefusedAddress, Unreachable
from tests.fakes.certificates import Authority
from tests.fakes.server import FakeServer, Reply
from tests.gateways.conftest import Names, Wire

REFUSED = [
    "http://feed.example/", "ftp://feed.example/", "file:///etc/passwd", "//feed.example/", "feed.example",
    "https://feed.example:8443/", "https://feed.example:80/", "https://feed.example:0/", "https://feed.example:99999/",
    "https://user:secret@feed.example/", "https://feed.example@127.0.0.1/", "https://127.0.0.1\\@feed.example/",
    "https://feed.example/a b", "https://feed.example/\r\nHost: inner", "https://feed.example/\t", "https://",
    "https:///path", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://-feed.example/", "https://feed..example/",
    "https://fêed.example/", "https://feed.example./", "https://%31%32%37.0.0.1/", "https://" + "a" * 64 + ".example/",
    "https://feed.example/" + "a" * 2000, "",
]  # fmt: skip

# Every spelling of this machine or of its neighbours that a resolver accepts.
INNER = [
    "127.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.1", "0", "0.0.0.0", "10.0.0.1", "100.64.0.1",
    "169.254.169.254", "192.168.0.1", "224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_address_is_refused_before_anything_is_looked_up(url: str, names: Names, wire: Wire):
    with pytest.raises(RefusedAddress):
        http.request("GET", url)

    assert (names.asked, wire.dialled) == ([], [])


@pytest.mark.parametrize("host", INNER)
def test_spelling_of_an_inner_address_is_refused(host: str, names: Names, wire: Wire):
    with pytest.raises(RefusedAddress, match="not a public address"):
        http.request("GET", f"https://{host}/")

    assert wire.dialled == []


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "192.168.1.1"])
def test_name_that_leads_inside_is_refused_even_among_public_addresses(inner: str, names: Names, wire: Wire):
    names.tell("feed.example", "93.184.216.34", inner)

    with pytest.raises(RefusedAddress, match="not a public address"):
        http.request("GET", "https://feed.example/")

    assert wire.dialled == []


@given(st.text(max_size=60))
def test_any_text_is_a_destination_or_a_refusal(text: str):
    for url in (text, f"https://{text}", f"https://{text}/path", f"https://feed.example/{text}"):
        try:
            destination = http.check(url)
        except RefusedAddress:
            continue
        assert destination.is_secure
        assert destination.port == 443
        assert destination.host.isascii()
        assert " " not in destination.target


def test_call_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(
    names: Names, wire: Wire, authority: Authority
):
    names.tell("feed.example", "93.184.216.34")
    names.tell("feed.example", "127.0.0.1")  # what a rebinding name server would say the second time
    with FakeServer(authority.server_context("feed.example")).running() as server:
        wire.port = server.port
        answer = http.request("GET", "https://feed.example/cars?page=1", tls=authority.client_context())

    assert answer.status == 200
    assert names.asked == ["feed.example"]
    assert wire.dialled == ["93.184.216.34"]
    assert server.received[0].headers["host"] == "feed.example"
    assert server.received[0].path == "/cars?page=1"


def test_certificate_of_another_name_is_not_accepted(names: Names, wire: Wire, authority: Authority):
    names.tell("feed.example", "93.184.216.34")
    with FakeServer(authority.server_context("other.example")).running() as server:
        wire.port = server.port
        with pytest.raises(Unreachable, match="certificate") as caught:
            http.request("POST", "https://feed.example/", body=b"x", tls=authority.client_context())

    assert server.received == []
    assert not caught.value.may_have_arrived


def test_certificate_of_an_unknown_authority_is_not_accepted(names: Names, wire: Wire, authority: Authority):
    names.tell("feed.example", "93.184.216.34")
    with FakeServer(authority.server_context("feed.example")).running() as server:
        wire.port = server.port
        with pytest.raises(Unreachable, match="certificate"):
            http.request("GET", "https://feed.example/")


def test_next_address_is_tried_when_the_first_is_dead(names: Names, wire: Wire, authority: Authority):
    names.tell("feed.example", "93.184.216.34", "93.184.216.35")
    wire.dead.add("93.184.216.34")
    with FakeServer(authority.server_context("feed.example")).running() as server:
        wire.port = server.port
        answer = http.request("GET", "https://feed.example/", tls=authority.client_context())

    assert answer.status == 200
    assert wire.dialled == ["93.184.216.34", "93.184.216.35"]


def test_name_that_nobody_knows_is_unreachable(names: Names):
    with pytest.raises(Unreachable, match="unknown_host"):
        http.request("GET", "https://nowhere.example/")


def test_proxy_of_the_environment_is_not_used(
    loopback: None, server: FakeServer, monkeypatch: pytest.MonkeyPatch
):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert http.request("GET", server.url).status == 200


def test_loopback_needs_the_switch(server: FakeServer):
    with pytest.raises(RefusedAddress):
        http.request("GET", server.url)

    assert server.received == []


def test_switch_opens_this_machine_and_nothing_else(loopback: None, names: Names):
    names.tell("feed.example", "192.168.1.1")

    with pytest.raises(RefusedAddress):
        http.request("GET", "https://feed.example/")
    with pytest.raises(RefusedAddress):
        http.request("GET", "http://192.168.1.1:8000/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_an_answer_and_is_not_followed(status: int, loopback: None, server: FakeServer):
    server.tell(Reply(status, headers={"Location": f"{server.url}/inner"}))

    answer = http.request("POST", server.url, body=b"secret")

    assert answer.status == status
    assert [request.path for request in server.received] == ["/"]


def test_body_stops_at_the_cap(loopback: None, server: FakeServer):
    server.tell(Reply(200, b"x" * 1_000_000))

    answer = http.request("GET", server.url, max_body=1000)

    assert len(answer.body) == 1000
    assert answer.is_cut


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_a_body_behind_the_first_packet_is_read_whole(connection: str, loopback: None, server: FakeServer):
    """At `Connection: close` http.client lets go of the socket before it has read the body."""
    server.tell(Reply(200, b"x" * 300_000, headers={"Connection": connection}))

    answer = http.request("GET", server.url, max_body=1_000_000)

    assert len(answer.body) == 300_000
    assert not answer.is_cut


def test_body_of_exactly_the_cap_is_whole(loopback: None, server: FakeServer):
    server.tell(Reply(200, b"x" * 1000))

    answer = http.request("GET", server.url, max_body=1000)

    assert len(answer.body) == 1000
    assert not answer.is_cut


def test_silent_server_costs_no_more_than_the_timeout(loopback: None, server: FakeServer):
    server.tell(Reply(delay=5))
    started = time.monotonic()

    with pytest.raises(Unreachable, match="timeout") as caught:
        http.request("GET", server.url, timeout=0.3)

    assert time.monotonic() - started < 2
    assert caught.value.may_have_arrived


def test_server_that_drips_costs_no_more_than_the_timeout(loopback: None):
    """Each byte comes in time for a timeout per read; together they would last for minutes."""
    started = time.monotonic()

    with dripping() as port, pytest.raises(Unreachable, match="timeout"):
        http.request("GET", f"http://127.0.0.1:{port}/", timeout=0.4)

    assert time.monotonic() - started < 2


def test_a_timeout_for_each_read_would_not_stop_a_dripping_server(loopback: None):
    """The control: what http.client does by itself."""
    import http.client

    with dripping(drops=12) as port:
        naive = http.client.HTTPConnection("127.0.0.1", port, timeout=0.4)
        started = time.monotonic()
        naive.request("GET", "/")
        with pytest.raises((http.client.HTTPException, OSError)):
            naive.getresponse()
        naive.close()

    assert time.monotonic() - started > 0.8


def test_slow_name_server_costs_no_more_than_the_timeout(monkeypatch: pytest.MonkeyPatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: release.wait(5) and [])
    started = time.monotonic()

    with pytest.raises(Unreachable, match="timeout"):
        http.request("GET", "https://feed.example/", timeout=0.2)

    release.set()
    assert time.monotonic() - started < 2


def test_connection_that_is_cut_is_unreachable_and_may_have_arrived(loopback: None, server: FakeServer):
    server.tell(Reply(hang_up=True))

    with pytest.raises(Unreachable) as caught:
        http.request("POST", server.url, body=b"x")

    assert caught.value.may_have_arrived


def test_answer_that_is_not_http_is_unreachable(loopback: None):
    with (
        dripping(b"SSH-2.0-OpenSSH_9.2\r\n", pause=0) as port,
        pytest.raises(Unreachable, match="bad_answer"),
    ):
        http.request("GET", f"http://127.0.0.1:{port}/")


class dripping:  # noqa: N801 - reads as a verb in `with dripping()`
    """A server on a port of its own that answers any request with these bytes, one at a time."""

    def __init__(self, drop: bytes = b"H", *, drops: int = 100, pause: float = 0.1) -> None:
        self._drop, self._drops, self._pause = drop, drops, pause
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        connection, _address = self._listener.accept()
        with connection:
            connection.recv(65536)
            for _ in range(self._drops):
                try:
                    connection.sendall(self._drop)
                except OSError:
                    return
                if self._done.wait(self._pause):
                    return
