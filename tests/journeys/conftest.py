"""Fixtures of the journeys: a prepared data folder, the running server, a browser and its pages."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it ships no types

from tests.journeys.serving import Server, copy_of, prepare, serving

NewPage = Callable[..., Page]
FROM_OUTSIDE = ("Failed to load resource", "WebSocket connection to")
# Files whose journeys may run in any order on any worker; and what takes longest: what begins with it ends sooner.
SPREAD = {"test_accessibility"}
LONGEST_FIRST = ["test_production_shape", "test_killed_in_the_middle", "test_accessibility", "test_bell"]
PATIENCE = 10_000  # milliseconds that an expectation waits on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
    items.sort(
        key=lambda item: LONGEST_FIRST.index(item.path.stem) if item.path.stem in LONGEST_FIRST else 99
    )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Workers take the journeys in this order."""
    config.option.loadscopereorder = False  # by number, which says nothing of the time
    return OneWorkerPerFile(config, log)


class OneWorkerPerFile(LoadScopeScheduling):  # type: ignore[misc]  # the same
    """A file's journeys stay together, unless each of them stands alone."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if Path(file).stem in SPREAD else file


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `make setup` leaves it. Never serve from it: take `copy_of(prepared, tmp_path)`.

    The first worker that needs it makes it for all of them.
    """
    ours = tmp_path_factory.getbasetemp()
    everyones = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours
    folder, done = everyones / "prepared", everyones / "prepared.done"
    with (everyones / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            prepare(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo server that most journeys of a worker share; journeys that break things start their own."""
    with serving(copy_of(prepared, tmp_path_factory.mktemp("server"))) as running:
        yield running


@pytest.fixture(scope="module")
def yard(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one file's journeys that change the stock: elsewhere the demo's is counted."""
    with serving(copy_of(prepared, tmp_path_factory.mktemp("yard"))) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for all browsers: a second one in the same process refuses to start."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A quick Chromium, found or installed by tests/services.py."""
    chromium = launch(playwright, "CHROMIUM")
    yield chromium
    chromium.close()


def launch(playwright: Playwright, variable: str) -> Browser:
    """The browser whose path a variable of the environment holds; `make test` sets them."""
    program = os.environ.get(variable)
    if not program:
        pytest.skip(f"no Chromium: run `make test`, or set {variable} to its path")
    options = ["--no-sandbox", "--disable-dev-shm-usage"]
    return playwright.chromium.launch(executable_path=program, args=options)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open a page of a fresh person: `new_page()`, `new_page(color_scheme="dark", locale="en-GB")`.

    Script errors and refusals by the Content-Security-Policy on any of them fail the journey.
    """
    expect.set_options(timeout=PATIENCE)
    contexts, problems = [], []

    def note(message: ConsoleMessage) -> None:
        # A status of 400 and above, or a line that is cut, is the journey's own business and may be what it wants.
        if message.type == "error" and not any(words in message.text for words in FROM_OUTSIDE):
            problems.append(message.text)

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "fr-FR", "timezone_id": "Europe/Paris", **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", note)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page, in French, at the size of a desktop."""
    return new_page()
