"""The one process of `make run`: how fast the bell rings when all is quiet, and how long a burst takes.

The promises of this page are in seconds, as the product's first page states them to a newcomer.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bench.bell import product_road, ring
from bench.figures import Report, median, milliseconds, percentile
from bench.load import posts
from tests.journeys.serving import Server, prepare, serving

KEY = "demo-lyon-website"
QUIET_POSTS = 120
WARM_UP = 20
QUIET_PER_SECOND = 10
BURST = 500
CONNECTIONS = 16
MEDIAN_LIMIT = 0.030  # seconds
BURST_LIMIT = 10.0  # seconds

# What is still on its way: events not routed, deliveries without an end; not the text messages that would follow
# in five minutes if nobody looked.
_OPEN = """
    SELECT (SELECT count(*) FROM notifications_event WHERE routed_at IS NULL)
         + (SELECT count(*) FROM notifications_delivery
            WHERE finished_at IS NULL AND due_at < datetime('now', '+60 seconds'))"""


def run() -> Report:
    """The table of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="dms-bench-") as folder:
        prepare(Path(folder))
        with serving(Path(folder)) as server:
            quiet = _quiet(server)
            accepted, delivered = _burst(server)
    report = Report("Embedded: one process, SQLite")
    report.row("POST to bell, quiet, median", milliseconds(median(quiet)))
    report.row("POST to bell, quiet, 99 %", milliseconds(percentile(quiet, 0.99)))
    report.row(f"burst of {BURST} posts accepted after", milliseconds(accepted))
    report.row(f"burst of {BURST} posts delivered after", milliseconds(delivered))
    report.bound("median / 30 ms", median(quiet) / MEDIAN_LIMIT, 1.0)
    report.bound("burst delivered / 10 s", delivered / BURST_LIMIT, 1.0)
    return report


def _quiet(server: Server) -> list[float]:
    port = urlsplit(server.url).port or 0
    road = product_road(KEY, _sign_in(server, "vendeur.lyon@demo.test"), port)
    return asyncio.run(ring(port, road, posts=QUIET_POSTS + WARM_UP, per_second=QUIET_PER_SECOND))[WARM_UP:]


def _burst(server: Server) -> tuple[float, float]:
    """Seconds until the last post was accepted, and until nothing was on its way any more."""
    port = urlsplit(server.url).port or 0
    started = time.perf_counter()
    load = posts(port, "/api/v1/leads/", connections=CONNECTIONS, requests=BURST, key=KEY)
    if load.statuses != {201: BURST}:
        raise RuntimeError(f"burst: {load.statuses}")
    accepted = time.perf_counter() - started
    with closing(sqlite3.connect(server.data / "dms.sqlite3", timeout=20)) as database:
        while database.execute(_OPEN).fetchone()[0]:
            if time.perf_counter() - started > 6 * BURST_LIMIT:
                break
            time.sleep(0.02)
    return accepted, time.perf_counter() - started


def _sign_in(server: Server, email: str) -> str:
    """The session key of a person of the demo."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    address = f"{server.url}/accounts/login/"
    browser.open(address)
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = urlencode({"csrfmiddlewaretoken": token, "login": email, "password": "demo"}).encode()
    browser.open(Request(address, form, {"Referer": address}))
    return next(cookie.value or "" for cookie in cookies if cookie.name == "sessionid")
