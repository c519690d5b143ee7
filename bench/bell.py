"""Bell: from before the POST to the socket's first byte, at 50 posts a second.

Ours: intake, event, Celery worker, full routing, hint, socket hub. The rival: a bare view whose `on_commit`
publishes straight to a plain ASGI socket, with no worker and no routing in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Report, median, milliseconds, percentile
from bench.load import answer, lead_body, request_bytes
from bench.servers import Servers
from bench.world import dealer

POSTS = 400
WARM_UP = 60
PER_SECOND = 50
MEDIAN_LIMIT = 2.0
P99_LIMIT = 3.0


@dataclass(frozen=True)
class Road:
    """One way from a POST to a socket. `number_of` reads how many posts a message answers for."""

    path: str
    key: str
    socket: str
    headers: dict[str, str]
    number_of: Callable[[str, int], int]


def run() -> Report:
    """The table of this benchmark."""
    ours = dealer()
    with ExitStack() as stack:
        servers = Servers(stack)
        web, sockets = servers.web(), servers.sockets()
        rival_sockets = servers.rival_sockets()
        servers.worker()
        rival = Road("/bench/publish/", "", f"ws://127.0.0.1:{rival_sockets}/", {}, _one_more)
        rounds = [
            (_measure(web, rival), _measure(web, product_road(ours.key, ours.session_key, sockets)))
            for _ in range(2)
        ]
    rivals = [seconds for measured, _ours in rounds for seconds in measured]
    product = [seconds for _rival, measured in rounds for seconds in measured]
    return _report(rivals, product)


def product_road(key: str, session_key: str, port: int) -> Road:
    """Our own road, as the salesperson of this session hears it on the sockets of `port`."""
    headers = {"Cookie": f"sessionid={session_key}", "Origin": f"http://127.0.0.1:{port}"}
    return Road("/api/v1/leads/", key, f"ws://127.0.0.1:{port}/ws/inbox/", headers, _head)


def _one_more(_text: str, before: int) -> int:
    return before + 1


def _head(text: str, _before: int) -> int:
    head: int = msgspec.json.decode(text)["head"]
    return head


def _measure(web: int, road: Road) -> list[float]:
    return asyncio.run(ring(web, road, posts=POSTS + WARM_UP, per_second=PER_SECOND))[WARM_UP:]


async def ring(web: int, road: Road, *, posts: int, per_second: float) -> list[float]:
    """Post steadily and listen; seconds from before each POST to the first byte that answers for it."""
    async with connect(road.socket, additional_headers=road.headers) as socket:
        first = await _first_number(socket, road)
        listener = asyncio.create_task(_listen(socket, road, first, posts))
        sent = await _post_steadily(web, road, posts, per_second)
        heard = await asyncio.wait_for(listener, 30)
    return [arrival - departure for departure, arrival in zip(sent, heard, strict=True)]


async def _first_number(socket: ClientConnection, road: Road) -> int:
    """Our socket says where the inbox stands when it opens; the rival's says nothing."""
    return road.number_of(str(await socket.recv()), 0) if road.headers else 0


async def _listen(socket: ClientConnection, road: Road, first: int, posts: int) -> list[float]:
    """When each post was heard of, in their order; one message may answer for several."""
    heard: list[float] = []
    number = first
    while len(heard) < posts:
        text = str(await socket.recv())
        now = perf_counter()
        number = road.number_of(text, number)
        heard.extend([now] * (number - first - len(heard)))
    return heard


async def _post_steadily(web: int, road: Road, posts: int, per_second: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    started = perf_counter()
    sent = []
    for number in range(posts):
        await asyncio.sleep(max(0.0, started + number / per_second - perf_counter()))
        request = request_bytes(road.path, lead_body(), road.key)
        sent.append(perf_counter())
        writer.write(request)
        status = await answer(reader)
        if status != 201:
            raise RuntimeError(f"{road.path}: {status}")
    writer.close()
    return sent


def _report(rival: list[float], ours: list[float]) -> Report:
    report = Report(f"Bell: POST to the socket's first byte, {PER_SECOND} posts a second")
    for label, seconds in (
        ("on_commit → PUBLISH → plain ASGI socket", rival),
        ("whole road through the worker", ours),
    ):
        report.row(
            label, f"{milliseconds(median(seconds))} median {milliseconds(percentile(seconds, 0.99))} 99 %"
        )
    report.bound("median, ours / rival", median(ours) / median(rival), MEDIAN_LIMIT)
    report.bound("99 %, ours / rival", percentile(ours, 0.99) / percentile(rival, 0.99), P99_LIMIT)
    return report
