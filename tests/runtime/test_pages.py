"""Pages in threads: an HTTP request on its way through ASGI to a WSGI application and back."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from dms.embedded import pages
from dms.embedded.pages import PagesInThreads

Environ = dict[str, Any]
Start = Callable[..., Any]


async def ask(
    application: Any,
    *,
    method: str = "GET",
    path: bytes = b"/",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes] = (b"",),
) -> list[dict[str, Any]]:
    """The messages with which the application answers one request."""
    pieces = list(body)
    incoming = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 40000),
        "raw_path": path,
        "query_string": b"page=2",
        "headers": list(headers),
    }
    await PagesInThreads(application, threads=1)(scope, receive, send)
    return answers


class Recorder:
    """A WSGI application that keeps the environ and the body, and answers « ok »."""

    def __init__(self) -> None:
        self.environ: Environ = {}
        self.body = b""

    def __call__(self, environ: Environ, start: Start) -> list[bytes]:
        self.environ = environ
        self.body = environ["wsgi.input"].read()
        start("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"ok"]


async def test_a_request_arrives_whole() -> None:
    application = Recorder()

    await ask(
        application,
        method="POST",
        path=b"/caf%C3%A9",
        headers=[
            (b"host", b"dms.test"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"content-type", b"text/plain"),
        ],
        body=[b"first ", b"second"],
    )

    assert application.body == b"first second"
    seen = {
        name: application.environ[name]
        for name in (
            "REQUEST_METHOD",
            "PATH_INFO",
            "QUERY_STRING",
            "HTTP_HOST",
            "HTTP_COOKIE",
            "CONTENT_TYPE",
        )
    }
    assert seen == {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/café".encode().decode("latin-1"),
        "QUERY_STRING": "page=2",
        "HTTP_HOST": "dms.test",
        "HTTP_COOKIE": "a=1; b=2",
        "CONTENT_TYPE": "text/plain",
    }
    assert application.environ["CONTENT_LENGTH"] == "12"
    assert application.environ["REMOTE_ADDR"] == "192.0.2.7"


async def test_an_answer_leaves_whole() -> None:
    head, body = await ask(Recorder())

    assert head["status"] == 200
    assert head["headers"].count((b"set-cookie", b"a=1")) == 1
    assert head["headers"].count((b"set-cookie", b"b=2")) == 1
    assert body == {"type": "http.response.body", "body": b"ok", "more_body": False}


async def test_a_header_cannot_pass_for_another_one() -> None:
    """X_Forwarded_For and X-Forwarded-For become the same name in WSGI."""
    application = Recorder()

    await ask(application, headers=[(b"x_forwarded_proto", b"https"), (b"x-other", b"kept")])

    assert "HTTP_X_FORWARDED_PROTO" not in application.environ
    assert application.environ["HTTP_X_OTHER"] == "kept"


async def test_an_enormous_body_is_refused_before_it_is_read(monkeypatch: Any) -> None:
    monkeypatch.setattr(pages, "BODY_LIMIT", 10)
    application = Recorder()

    head, _ = await ask(application, method="POST", body=[b"12345", b"67890", b"!"])

    assert head["status"] == 413
    assert application.environ == {}


async def test_a_long_answer_leaves_block_by_block(monkeypatch: Any) -> None:
    monkeypatch.setattr(pages, "BLOCK", 100)

    def export(environ: Environ, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        yield from (b"x" * 40 for _ in range(7))

    head, *blocks = await ask(export)

    assert head["type"] == "http.response.start"
    assert [len(block["body"]) for block in blocks] == [120, 120, 40]
    assert [block["more_body"] for block in blocks] == [True, True, False]


async def test_the_answer_is_closed_in_the_thread_that_made_it() -> None:
    """Django ends its request, and tidies its database connection, when the answer is closed."""
    threads: list[str] = []

    class Answer(list[bytes]):
        def close(self) -> None:
            threads.append(threading.current_thread().name)

    def application(environ: Environ, start: Start) -> Answer:
        threads.append(threading.current_thread().name)
        start("204 No Content", [])
        return Answer()

    await ask(application)

    assert len(threads) == 2
    assert threads[0] == threads[1]
    assert threads[0].startswith("pages")
